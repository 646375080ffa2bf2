"""An owner's rules: what they find, that they only hold, and that none can take the site's time."""

from __future__ import annotations

import doctest
import time
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations.model import Consultation
from consult.core.access import Role
from consult.core.errors import Refusal
from consult.moderation import docket, holding, service
from consult.moderation.holding import Rule, RuleRefused, matches
from consult.moderation.model import Outcome, Queue, Waiting
from consult.moderation.recourse import HoldRule, RuleKind
from tests import factories
from tests.forms import pressed
from tests.moderation.cases import filed

SignIn = Callable[[Account], FlaskClient]
WORDS, PATTERN = RuleKind.WORDS, RuleKind.PATTERN


@pytest.fixture
def owner(session: Session) -> Account:
    return factories.account(session, Role.POLICYMAKER)


@pytest.fixture
def consultation(session: Session, owner: Account) -> Consultation:
    return factories.consultation(session, owner=owner)


def found(kind: RuleKind, rule: str, text: str) -> list[str]:
    return [hit.words for hit in matches([Rule("r", kind, holding.checked(kind, rule))], [text])]


def add(session: Session, it: Consultation, by: Account, text: str = "cousin", **more: object) -> HoldRule:
    given = {"name": "Relatives", "kind": WORDS, "text": text, **more}
    return holding.add(session, number=it.id, by=by, **given)  # type: ignore[arg-type]


def test_doctests() -> None:
    assert doctest.testmod(holding).failed == 0


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


def test_a_pattern_is_a_regular_expression() -> None:
    assert found(PATTERN, r"case\s+no\.?\s*\d+", "See CASE NO. 145.") == ["CASE NO. 145"]
    assert found(PATTERN, r"\pL+@\pL+", "write añil@casa now") == ["añil@casa"]


@pytest.mark.parametrize("text", ["(a", r"(a)\1", "(?=a)b", "((a{100}){100}){100}", "x*", "", "a|"])
def test_a_pattern_that_cannot_be_used_or_finds_nothing_is_refused(text: str) -> None:
    with pytest.raises(RuleRefused):
        holding.checked(PATTERN, text)


def test_a_word_that_is_only_a_star_is_refused() -> None:
    with pytest.raises(RuleRefused):
        holding.checked(WORDS, "good\n*")


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)*$b", "(.*a){12}b", "([a-z]+)*Z"])
def test_no_pattern_takes_more_time_than_in_proportion_to_the_text(pattern: str) -> None:
    """With backtracking each of these takes longer than the universe has. Bounds are wide: machines are slow."""
    compiled = holding.compiled(PATTERN, pattern)
    compiled.search("warm")
    begun = time.process_time()
    list(compiled.finditer("a" * 20_000 + "!"))
    assert time.process_time() - begun < 2


@settings(deadline=None)  # machines are slow; time is looked at above
@given(st.text(max_size=60), st.sampled_from(list(RuleKind)))
def test_whatever_is_typed_is_a_rule_or_refused(typed: str, kind: RuleKind) -> None:
    try:
        kept = holding.checked(kind, typed)
    except RuleRefused:
        return
    for hit in matches([Rule("r", kind, kept)], [typed, "Some text of 12 words"]):
        assert hit.words


def test_what_a_rule_finds_waits_held_and_is_published_as_anything(
    session: Session, consultation: Consultation, owner: Account, sign_in: SignIn
) -> None:
    add(session, consultation, owner)
    held = filed(session, consultation=consultation, body="Ask my cousin PEDRO.")
    plain = filed(session, consultation=consultation, body="The number is low.")
    elsewhere = filed(session, body="Ask my cousin.")
    queues = {row.submission_id: (row.queue, row.found) for row in session.query(Waiting)}
    assert queues[held.id] == (Queue.HELD, ["third_person", "rule:Relatives"])
    assert queues[plain.id] == (Queue.NEW, [])
    assert queues[elsewhere.id][0] is Queue.NEW
    browser = sign_in(factories.account(session, Role.MODERATOR))
    assert "Rule: Relatives" in browser.get("/review?queue=held").text
    assert "Rule: Relatives: “cousin”" in browser.get(f"/review/{held.id}").text
    service.decide(
        session, moderator=factories.account(session, Role.MODERATOR), submission_id=held.id, revision=held.revision,
        outcome=Outcome.PUBLISH,
    )  # fmt: skip


def test_a_retired_rule_holds_nothing_more(session: Session, consultation: Consultation, owner: Account) -> None:
    rule = add(session, consultation, owner)
    holding.retire(session, number=consultation.id, by=owner, rule_id=rule.id)
    row = filed(session, consultation=consultation, body="A cousin.")
    docket.look_at(session, [row.id])
    assert session.get_one(Waiting, row.id).queue is Queue.NEW
    add(session, consultation, owner)  # the name is free again


def test_only_the_owner_makes_rules(
    session: Session, consultation: Consultation, owner: Account, sign_in: SignIn
) -> None:
    other = factories.account(session, Role.POLICYMAKER)
    rule = add(session, consultation, owner)
    for call in (
        lambda: add(session, consultation, other, name="Theirs"),
        lambda: holding.retire(session, number=consultation.id, by=other, rule_id=rule.id),
        lambda: holding.sheet(session, number=consultation.id, by=other),
        lambda: holding.try_out(session, number=consultation.id, by=other, kind=WORDS, text="a", typed=""),
    ):
        with pytest.raises(Refusal):
            call()
    assert sign_in(other).get(f"/desk/consultations/{consultation.id}/rules").status_code in (403, 404)


def test_a_rule_is_tried_on_a_text_and_on_what_came_in_without_showing_what_is_not_public(
    session: Session, consultation: Consultation, owner: Account, sign_in: SignIn
) -> None:
    moderator = factories.account(session, Role.MODERATOR)
    rows = [filed(session, consultation=consultation, body=body) for body in (
        "Cousins of mine are waiting.", "My cousin Pedro.", "Nothing of the kind.",
    )]  # fmt: skip
    service.decide(
        session, moderator=moderator, submission_id=rows[0].id, revision=rows[0].revision, outcome=Outcome.PUBLISH
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
    assert "No rule yet" in browser.get(path).text
