"""Sides: what submitters chose, what people decided on letters and texts, and what a digest says of it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from consult.analysis import service as analysis
from consult.core.clock import now
from consult.core.errors import Conflict, Forbidden
from consult.core.i18n import force_locale
from consult.core.web.access import Role
from consult.digests.lists.queries import get_list
from consult.digests.model import Digest
from consult.digests.render import phrases
from consult.digests.sides import phrases as sides_phrases
from consult.digests.sides.section import build_section
from consult.positions import counts, second, service
from consult.positions.items import Item
from consult.positions.model import Side, Unit
from consult.submissions import imports
from tests import factories
from tests.digests.conftest import compile as compile
from tests.filing import numbered
from tests.forms import pressed

AGAINST = "I write to ask the agency to withdraw this proposal. It would close the only clinics that our region has."
FOR = "Please adopt this proposal without delay. Our members have waited for it, and it will keep people alive."
_slugs = itertools.count(1)
SignIn = Callable[[Any], FlaskClient]


def file_all(session: Session, rows: list[tuple[str, str]], slug: str = "plan") -> Any:
    """A consultation with published comments on the draft as a whole: words and type of comment."""
    consultation = factories.consultation(session, slug=slug)
    session.commit()
    into = imports.get_target(session, slug=slug, source="docket", published=True)
    batch = [
        imports.check_record(into, source_id=str(n), body=body, stance=stance) for n, (body, stance) in enumerate(rows)
    ]
    imports.file_batch(session, into, imports.seal_batch(into, batch), at=now() - timedelta(hours=1))
    session.commit()
    return consultation


@pytest.fixture
def docket(session: Session) -> Any:
    """Twelve copies of a letter against, one with words of its own; eight of one for; three other texts."""
    rows = [(AGAINST, "")] * 11 + [(f"{AGAINST} But my own clinic would gain by it, so please go ahead.", "")]
    rows += [(FOR, "")] * 8 + [("Strike it out, it is useless to us.", ""), ("Lovely weather in May.", "")]
    rows += [("The numbers for 2025 are attached.", "evidence")]
    row = file_all(session, rows)
    analysis.FOLLOWER.follow(session, consultation_id=row.id, until=numbered(session))
    analysis.compare(session, consultation_id=row.id)
    session.commit()
    return row


def decide(session: Session, row: Any, item: Item, side: Side | None, **values: Any) -> None:
    by = values.pop("by", None) or factories.account(session, Role.MODERATOR)
    given = {"seen": item.seen, "after": item.decision, "at": now() - timedelta(minutes=30)} | values
    service.decide(session, consultation=row, item=item, side=side, by=by, **given)
    session.commit()


def test_one_decision_on_a_letter_counts_for_all_its_copies(session: Session, docket: Any) -> None:
    bench = service.get_workbench(session, docket.id)
    assert [(one.unit, one.copies) for one in bench.letters] == [(Unit.LETTER, 12), (Unit.LETTER, 8)]
    assert [one.copies for one in bench.added] == [1]
    assert len(bench.texts) == 2, "who chose a type of comment that is a side is not asked about"
    decide(session, docket, bench.letters[0], Side.DROP)
    decide(session, docket, bench.letters[1], Side.KEEP)
    decide(session, docket, bench.added[0], Side.KEEP)
    found = counts.count_sides(session, docket.id, as_of=now())
    assert found.sides == {Side.DROP: 11, Side.KEEP: 9, Side.NEITHER: 1}
    assert (found.unread, found.filed, found.decided, found.all) == (2, 1, 20, 23)
    assert (found.added.decided, found.against_letter) == (1, 1)
    assert (found.copies, found.copied_letters) == (20, 2)
    before = counts.count_sides(session, docket.id, as_of=now() - timedelta(minutes=40))
    assert before.sides == {Side.NEITHER: 1}, "a decision holds from when it was made"


def test_a_letter_whose_senders_all_chose_a_position_is_one_of_the_letters(session: Session) -> None:
    row = file_all(session, [(AGAINST, "")] * 6 + [(FOR, "support")] * 5)
    analysis.FOLLOWER.follow(session, consultation_id=row.id, until=numbered(session))
    analysis.compare(session, consultation_id=row.id)
    session.commit()
    found = counts.count_sides(session, row.id, as_of=now())
    assert (found.letters.all, found.copies, found.copied_letters) == (1, 11, 2)
    section = build_section(replace(found, decided=1), 11)
    assert section is not None
    assert sides_phrases.list_method(section)[0] == "11 of these submissions are copies of 2 campaign letters."


def test_a_decision_is_undone_and_two_people_do_not_overwrite_each_other(session: Session, docket: Any) -> None:
    letter = service.get_workbench(session, docket.id).letters[0]
    decide(session, docket, letter, Side.DROP)
    with pytest.raises(Conflict):
        decide(session, docket, letter, Side.KEEP)
    again = service.get_workbench(session, docket.id).letters[0]
    assert again.side is Side.DROP
    with pytest.raises(Conflict):
        decide(session, docket, again, Side.KEEP, seen="00")
    decide(session, docket, again, None)
    assert service.get_workbench(session, docket.id).letters[0].side is None
    with pytest.raises(Forbidden):
        decide(session, docket, again, Side.KEEP, by=factories.account(session))


def test_what_a_colleague_reads_is_not_given_to_another(session: Session, docket: Any) -> None:
    one, other = (factories.account(session, Role.MODERATOR) for _ in range(2))
    bench = service.get_workbench(session, docket.id)
    first = service.find_next(session, docket.id, bench, one, step="letters")
    assert first == bench.letters[0]
    service.hold(session, docket.id, bench.letters[0], one)
    assert service.find_next(session, docket.id, bench, other, step="letters") == bench.letters[1]
    assert service.find_next(session, docket.id, bench, one, step="letters") == bench.letters[0]
    late = now() + service.HELD_FOR + timedelta(seconds=1)
    assert service.find_next(session, docket.id, bench, other, step="letters", at=late) == bench.letters[0]


def test_a_digest_says_first_who_wants_what_and_every_number_has_its_list(
    app: Flask, session: Session, docket: Any, compile: Callable[..., Digest]
) -> None:
    bench = service.get_workbench(session, docket.id)
    decide(session, docket, bench.letters[0], Side.DROP)
    decide(session, docket, bench.letters[1], Side.KEEP)
    digest = compile(docket)
    body = digest.body
    section = body.sides
    assert section is not None
    with app.test_request_context(), force_locale("en"):
        assert phrases.headline(body) == "12 ask to drop the draft, 8 ask to keep the draft, 1 takes no position"
        assert phrases.subject(body).startswith("12 drop, 8 keep: ")
        assert len(phrases.subject(body)) <= 60
    rows = {**section.sides, "unread": section.unread, "elsewhere": section.elsewhere}
    assert sum(rows.values()) == body.books.published
    for side, n in rows.items():
        if n:
            assert len(get_list(session, digest, f"all-wants:{side}", most=100).page.items) == n, side


def test_people_decide_by_form_and_are_given_the_next(session: Session, docket: Any, sign_in: SignIn) -> None:
    client = sign_in(factories.account(session, Role.MODERATOR))
    session.commit()
    path = f"/desk/c/{docket.slug}/workbench"
    page = client.get(path).text
    assert "Campaign letter, 12 copies" in page
    letter = service.get_workbench(session, docket.id).letters[0]
    sent = {"unit": letter.unit, "key": letter.key, "seen": letter.seen, "after": "0", "step": "letters"}
    assert client.post(path, data={**sent, "side": "burn"}).status_code == 422
    assert client.post(path, data={**sent, "side": "drop"}).status_code == 303
    assert "Campaign letter, 8 copies" in client.get(f"{path}?step=letters").text
    refused = client.post(path, data={**sent, "side": "keep"})
    assert refused.status_code == 409
    assert "Someone else has already decided" in refused.text
    assert "decided: <b>Drop</b>" in refused.text


@given(
    filed=st.lists(
        st.tuples(st.integers(0, 3), st.sampled_from(["", "", "support", "wording", "concern"])), max_size=20
    ),
    decided=st.lists(st.tuples(st.integers(0, 5), st.sampled_from([*Side, None])), max_size=6),
)
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_side_adds_up(
    app: Flask, session: Session, compile: Callable[..., Digest],
    filed: list[tuple[int, str]], decided: list[tuple[int, Side | None]],
) -> None:  # fmt: skip
    """Whatever was filed and decided, the sides complete what is published, and each has a list of as many."""
    texts = (AGAINST, FOR, "Strike it out, it is useless to us.", "Lovely weather in May.")
    rows = [(AGAINST, "")] * 6 + [(texts[n], stance) for n, stance in filed]
    row = file_all(session, rows, slug=f"plan-{next(_slugs)}")
    analysis.FOLLOWER.follow(session, consultation_id=row.id, until=numbered(session))
    analysis.compare(session, consultation_id=row.id)
    session.commit()
    for n, side in decided:
        bench = service.get_workbench(session, row.id)
        items = [*bench.letters, *bench.added, *bench.texts]
        if items:
            decide(session, row, items[n % len(items)], side)
    digest = compile(row)
    section = digest.body.sides
    if section is None:
        return
    found = {**section.sides, "unread": section.unread, "elsewhere": section.elsewhere}
    assert sum(found.values()) == digest.body.books.published == len(rows)
    for name, n in found.items():
        if n:
            assert len(get_list(session, digest, f"all-wants:{name}", most=100).page.items) == n, name


def test_a_second_reader_does_not_see_the_first_decision_and_changes_no_count(
    session: Session, docket: Any, sign_in: SignIn
) -> None:
    one, other = factories.account(session, Role.MODERATOR), factories.account(session, Role.MODERATOR)
    bench = service.get_workbench(session, docket.id)
    for item in (*bench.letters, *bench.added, *bench.texts):
        decide(session, docket, item, Side.DROP, by=one)
    before = counts.count_sides(session, docket.id, as_of=now())
    assert second.list_waiting(session, docket.id, service.get_workbench(session, docket.id).decided, one) == []
    browser, address = sign_in(other), f"/desk/c/{docket.slug}/workbench/second"
    for left in (5, 4):
        page = browser.get(address).text
        assert f"{left} texts left" in page
        assert "decided:" not in page
        answer = browser.post(address, data=pressed(page, ("side", "drop" if left == 5 else "keep")))
        assert answer.status_code == 303
    found = counts.count_sides(session, docket.id, as_of=now())
    assert (found.sides, found.unread) == (before.sides, before.unread)
    assert (found.agreement.n, found.agreement.alike) == (2, 1)
