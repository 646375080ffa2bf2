"""An owner's rules: what they find, that they only hold, and that none can take the site's time."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import re2
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations.model import Consultation
from consult.core.errors import Refusal
from consult.core.web.access import Role
from consult.moderation import service
from consult.moderation import waiting_list as queue
from consult.moderation.checks import text_checks
from consult.moderation.model import DecisionOutcome, Queue, QueueEntry
from consult.moderation.policy import hold_rules
from consult.moderation.policy.hold_rules import ActiveHoldRule, HoldRuleRefused, find_matches
from consult.moderation.recourse.model import HoldRule, HoldRuleKind
from tests import factories
from tests.forms import pressed
from tests.moderation.cases import filed

SignIn = Callable[[Account], FlaskClient]
WORDS, PATTERN = HoldRuleKind.WORDS, HoldRuleKind.PATTERN


@pytest.fixture
def owner(session: Session) -> Account:
    return factories.account(session, Role.POLICYMAKER)


@pytest.fixture
def consultation(session: Session, owner: Account) -> Consultation:
    return factories.consultation(session, owner=owner)


def found(kind: HoldRuleKind, rule: str, text: str) -> list[str]:
    return [hit.words for hit in find_matches([ActiveHoldRule("r", kind, hold_rules.clean_rule(kind, rule))], [text])]


def add(session: Session, it: Consultation, by: Account, text: str = "cousin", **more: object) -> HoldRule:
    given = {"name": "Relatives", "kind": WORDS, "text": text, **more}
    return hold_rules.add(session, number=it.id, by=by, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rule", "text", "words"),
    [
        ("dealer*", "Dealers and a re-dealer, not redealers", ["Dealers", "dealer"]),
        ("case no\nfile", "Case  no. 7 in the file, profile", ["Case  no", "file"]),
        ("ñandú", "El ÑANDÚ corre", ["ÑANDÚ"]),
        ("ابن عمي", "سألت ابن عمي عن ذلك", ["ابن عمي"]),
        ("a.b*", "a.bc but axb", ["a.bc"]),
        ("प्रवासी", "प्रवासी लोग", ["प्रवासी"]),
    ],
)
def test_words_are_found_whole_in_any_script(rule: str, text: str, words: list[str]) -> None:
    assert found(WORDS, rule, text) == words


@pytest.mark.parametrize("silent", ["\u200b", "\u00ad", "\u3164", "\U000e0041"])
def test_what_is_not_seen_hides_nothing_from_rules_and_checks(silent: str) -> None:
    text = f"My cou{silent}sin Pe{silent}dro is a dea{silent}ler, an i{silent}diot: write to an{silent}a@example.org"
    hits = find_matches(
        [ActiveHoldRule("w", HoldRuleKind.WORDS, "dealer*"), ActiveHoldRule("p", HoldRuleKind.PATTERN, "d.a.er")],
        [text],
    )
    assert [text[hit.start : hit.end] for hit in hits] == [f"dea{silent}ler"] * 2 == [hit.words for hit in hits]
    assert found(HoldRuleKind.WORDS, f"dea{silent}ler", "A dealer.") == ["dealer"]
    findings = text_checks.check_texts([text])
    assert [(one.code, text[one.start : one.end]) for one in findings.findings] == [
        ("third_person", f"My cou{silent}sin Pe{silent}dro"), ("email", f"an{silent}a@example.org"),
    ]  # fmt: skip
    assert findings.score == text_checks.roughness_score(text.replace(silent, "")) > 0
    assert text_checks.detect_language("No es el número que los jueces piden".replace("e", f"e{silent}")) == "es"


def test_a_pattern_is_a_regular_expression() -> None:
    assert found(PATTERN, r"case\s+no\.?\s*\d+", "See CASE NO. 145.") == ["CASE NO. 145"]
    assert found(PATTERN, r"\pL+@\pL+", "write añil@casa now") == ["añil@casa"]


@pytest.mark.parametrize("text", ["(a", r"(a)\1", "(?=a)b", "((a{100}){100}){100}", "x*", "", "a|"])
def test_a_pattern_that_cannot_be_used_or_finds_nothing_is_refused(text: str) -> None:
    with pytest.raises(HoldRuleRefused):
        hold_rules.clean_rule(PATTERN, text)


def test_a_word_that_is_only_a_star_is_refused() -> None:
    with pytest.raises(HoldRuleRefused):
        hold_rules.clean_rule(WORDS, "good\n*")


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)*$b", "(.*a){12}b", "([a-z]+)*Z"])
def test_no_pattern_takes_more_time_than_in_proportion_to_the_text(pattern: str) -> None:
    """With backtracking each of these takes longer than the universe has: then this would not end."""
    compiled = hold_rules.compile_rule(PATTERN, pattern)
    assert isinstance(compiled, re2._Regexp)
    list(compiled.finditer("a" * 20_000 + "!"))


@settings(deadline=None)  # machines are slow
@given(st.text(max_size=60), st.sampled_from(list(HoldRuleKind)))
def test_whatever_is_typed_is_a_rule_or_refused(typed: str, kind: HoldRuleKind) -> None:
    try:
        kept = hold_rules.clean_rule(kind, typed)
    except HoldRuleRefused:
        return
    for hit in find_matches([ActiveHoldRule("r", kind, kept)], [typed, "Some text of 12 words"]):
        assert hit.words


def test_what_a_rule_finds_waits_held_and_is_published_as_anything(
    session: Session, consultation: Consultation, owner: Account, sign_in: SignIn
) -> None:
    add(session, consultation, owner)
    held = filed(session, consultation=consultation, body="Ask my cousin PEDRO.")
    plain = filed(session, consultation=consultation, body="The number is low.")
    elsewhere = filed(session, body="Ask my cousin.")
    queues = {row.submission_id: (row.queue, row.found) for row in session.query(QueueEntry)}
    assert queues[held.id] == (Queue.HELD, ["third_person", "rule:Relatives"])
    assert queues[plain.id] == (Queue.NEW, [])
    assert queues[elsewhere.id][0] is Queue.NEW
    browser = sign_in(factories.account(session, Role.MODERATOR))
    assert "Found by rule Relatives" in browser.get("/review?queue=held").text
    assert "Found by rule Relatives: “cousin”" in browser.get(f"/review/{held.id}").text
    service.decide(
        session, moderator=factories.account(session, Role.MODERATOR), submission_id=held.id, revision=held.revision,
        outcome=DecisionOutcome.PUBLISH,
    )  # fmt: skip


def test_a_retired_rule_holds_nothing_more(session: Session, consultation: Consultation, owner: Account) -> None:
    rule = add(session, consultation, owner)
    hold_rules.retire(session, number=consultation.id, by=owner, rule_id=rule.id)
    row = filed(session, consultation=consultation, body="A cousin.")
    queue.requeue(session, [row.id])
    assert session.get_one(QueueEntry, row.id).queue is Queue.NEW
    add(session, consultation, owner)  # the name is free again


def test_only_the_owner_makes_rules(
    session: Session, consultation: Consultation, owner: Account, sign_in: SignIn
) -> None:
    other = factories.account(session, Role.POLICYMAKER)
    rule = add(session, consultation, owner)
    for call in (
        lambda: add(session, consultation, other, name="Theirs"),
        lambda: hold_rules.retire(session, number=consultation.id, by=other, rule_id=rule.id),
        lambda: hold_rules.get_owned_rules(session, number=consultation.id, by=other),
        lambda: hold_rules.try_out(session, number=consultation.id, by=other, kind=WORDS, text="a", typed=""),
    ):
        with pytest.raises(Refusal):
            call()
    assert sign_in(other).get(f"/desk/consultations/{consultation.id}/rules").status_code in (403, 404)


def test_a_consultation_has_no_more_rules_in_use_than_it_may(
    session: Session, consultation: Consultation, owner: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hold_rules, "MOST", 2)
    first = add(session, consultation, owner, name="One")
    add(session, consultation, owner, name="Two")
    with pytest.raises(HoldRuleRefused, match="at most 2 rules"):
        add(session, consultation, owner, name="Three")
    hold_rules.retire(session, number=consultation.id, by=owner, rule_id=first.id)
    assert add(session, consultation, owner, name="Three").name == "Three"


def test_a_rule_is_tried_on_a_text_and_on_what_came_in_without_showing_what_is_not_public(
    session: Session, consultation: Consultation, owner: Account, sign_in: SignIn
) -> None:
    moderator = factories.account(session, Role.MODERATOR)
    rows = [filed(session, consultation=consultation, body=body) for body in (
        "Cousins of mine are waiting.", "My cousin Pedro.", "Nothing of the kind.",
    )]  # fmt: skip
    service.decide(
        session,
        moderator=moderator,
        submission_id=rows[0].id,
        revision=rows[0].revision,
        outcome=DecisionOutcome.PUBLISH,
    )
    browser, path = sign_in(owner), f"/desk/consultations/{consultation.id}/rules"
    form = pressed(
        browser.get(path).text, ("do", "try"), name="Kin", kind="words", text="cousin*", typed="A cousinship."
    )
    page = browser.post(path, data=form).text
    assert "2 of the newest 3 submissions" in page
    assert rows[0].reference in page
    assert rows[1].reference not in page
    assert "Pedro" not in page
    assert '<mark dir="auto">cousinship</mark>' in page
    assert session.query(HoldRule).count() == 0
    form = pressed(page, ("do", "add"), name="Kin", kind="words", text="cousin*", typed="")
    assert browser.post(path, data=form).status_code == 303
    page = browser.get(path).text
    assert "cousin*" in page
    bad = pressed(page, ("do", "add"), name="Bad", kind="pattern", text="(", typed="")
    answer = browser.post(path, data=bad)
    assert answer.status_code == 422
    assert "missing )" in answer.text
    rule = session.query(HoldRule).one()
    browser.post(f"{path}/{rule.id}/retire")
    assert "No rules yet" in browser.get(path).text
