"""The page on which people work on arguments: suggested merges, names, splits, and what is taken back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.arguments import merges, queries, service, undo
from consult.arguments.model import Argument, ArgumentAct, ArgumentActKind, MergeSuggestion
from consult.arguments.undo import ChangedSinceAct
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.errors import NotFound, Refusal
from consult.core.web.access import Role
from tests import factories
from tests.arguments.speaking import NEEDLES, PLACE, PRISONS, claim, groups, holding, said
from tests.counting import statements

ALL = NEEDLES + PRISONS
Pair = tuple[Consultation, Argument, Argument]
SignIn = Callable[[Any], FlaskClient]


@pytest.fixture
def pair(session: Session) -> Pair:
    """Two arguments that are suggested to be one."""
    row = factories.consultation(session)
    said(session, row, *ALL)
    needles, prisons = sorted((holding(session, row, words) for words in (NEEDLES[0], PRISONS[0])), key=lambda a: a.id)
    suggest(session, needles, prisons)
    return row, needles, prisons


@pytest.fixture
def person(session: Session) -> Account:
    return factories.account(session, Role.MODERATOR)


def suggest(session: Session, one: Argument, other: Argument, likeness: float = 0.7) -> None:
    session.merge(
        MergeSuggestion(consultation_id=one.consultation_id, argument_id=one.id, other_id=other.id, likeness=likeness)
    )
    session.commit()


def suggested(session: Session, row: Consultation) -> list[tuple[int, int, int]]:
    return [(one.one.id, one.other.id, one.doubts) for one in merges.list_suggested(session, row.id)]


def last(session: Session) -> ArgumentAct:
    return session.scalars(select(ArgumentAct).order_by(ArgumentAct.id.desc()).limit(1)).one()


def press(browser: FlaskClient, pair: Pair, do: str, name: str = "") -> None:
    row, one, other = pair
    answered = browser.post(f"/desk/arguments/{one.id}/with/{other.id}", data={"do": do, "name": name, "at": PLACE})
    assert answered.status_code == 303
    assert answered.headers["Location"].endswith(f"/desk/arguments/of/{row.slug}?at={PLACE}")


def test_a_suggested_pair_is_shown_with_quotes_of_both_and_merged_under_a_name(
    session: Session, sign_in: SignIn, pair: Pair, person: Account
) -> None:
    row, one, other = pair
    desk = sign_in(person)
    page = desk.get(f"/desk/arguments/of/{row.slug}").text
    shown = page.split('id="pairs"')[1].split("</ul>")[0]
    assert all(words in shown for words in ALL)
    press(desk, pair, "merge", "Pay for what protects people")
    session.expire_all()
    assert (other.merged_into_id, one.name, one.voices) == (one.id, "Pay for what protects people", 6)
    assert suggested(session, row) == []


def test_a_pair_kept_apart_is_remembered_and_what_somebody_doubts_comes_last(
    session: Session, sign_in: SignIn, pair: Pair, person: Account
) -> None:
    row, one, other = pair
    desk = sign_in(person)
    press(desk, pair, "unsure")
    assert suggested(session, row) == [(one.id, other.id, 1)]
    assert "1 person was not sure" in desk.get(f"/desk/arguments/of/{row.slug}").text
    press(desk, pair, "apart")
    assert suggested(session, row) == []
    assert merges.list_kept_apart(session, [one.id]) == {(one.id, other.id)}


@pytest.mark.parametrize("do", ["merge", "apart"])
def test_a_decision_on_a_pair_can_be_taken_back_and_leaves_all_as_it_was(
    session: Session, sign_in: SignIn, pair: Pair, person: Account, do: str
) -> None:
    row, one, other = pair
    desk = sign_in(person)
    before = groups(session, row)
    press(desk, pair, do, "One point" if do == "merge" else "")
    page = desk.get(f"/desk/arguments/of/{row.slug}").text
    assert "data-undo" in page
    assert desk.post(f"/desk/arguments/undo/{last(session).id}").status_code == 303
    session.expire_all()
    assert groups(session, row) == before
    assert (one.name, one.kept, other.merged_into_id, other.kept) == (None, False, None, False)
    assert (one.voices, other.voices) == (3, 3)
    assert not any(claim(session, words).kept for words in ALL)
    assert suggested(session, row) == [(one.id, other.id, 0)]
    assert merges.list_kept_apart(session, [one.id]) == set()
    assert "data-undo" not in desk.get(f"/desk/arguments/of/{row.slug}").text


def test_what_was_merged_into_a_merged_argument_goes_back_with_it(
    session: Session, pair: Pair, person: Account
) -> None:
    _row, one, other = pair
    made = service.split(
        session, argument_id=other.id, claim_ids=[claim(session, PRISONS[0]).id], by=person, words="At the gate"
    )
    service.merge(session, argument_id=made.id, into_id=other.id, by=person)
    service.merge(session, argument_id=other.id, into_id=one.id, by=person)
    session.flush()
    assert session.get_one(Argument, made.id, populate_existing=True).merged_into_id == one.id
    undo.undo(session, act_id=last(session).id, by=person)
    assert session.get_one(Argument, made.id, populate_existing=True).merged_into_id == other.id
    assert queries.get_argument(session, made.id).id == other.id


def test_names_splits_and_moves_are_taken_back(session: Session, pair: Pair, person: Account) -> None:
    row, one, other = pair
    before = groups(session, row)
    service.name_argument(session, argument_id=one.id, by=person, words="Needles")
    undo.undo(session, act_id=last(session).id, by=person)
    assert (one.name, one.kept) == (None, False)
    some = [claim(session, NEEDLES[0]).id]
    at = holding(session, row, NEEDLES[0])
    made = service.split(session, argument_id=at.id, claim_ids=some, by=person, words="Hepatitis")
    undo.undo(session, act_id=last(session).id, by=person)
    session.flush()
    assert groups(session, row) == before
    assert queries.get_argument(session, made.id).id == at.id
    service.remove_statements(session, argument_id=at.id, claim_ids=some, by=person)
    undo.undo(session, act_id=last(session).id, by=person)
    assert groups(session, row) == before
    service.move_statements(
        session, argument_id=at.id, claim_ids=some, to_id=(other if at is one else one).id, by=person
    )
    undo.undo(session, act_id=last(session).id, by=person)
    assert groups(session, row) == before
    kinds = {done.deed for done in queries.list_history(session, at.id)}
    assert ArgumentActKind.UNDONE in kinds


def test_nothing_is_taken_back_by_others_twice_too_late_or_once_something_else_was_done(
    session: Session, pair: Pair, person: Account
) -> None:
    _row, one, other = pair
    service.name_argument(session, argument_id=one.id, by=person, words="Needles")
    act = last(session)
    with pytest.raises(NotFound):
        undo.undo(session, act_id=act.id, by=factories.account(session, Role.MODERATOR))
    with pytest.raises(ChangedSinceAct):
        undo.undo(session, act_id=act.id, by=person, at=now() + timedelta(hours=2))
    service.name_argument(session, argument_id=one.id, by=factories.account(session, Role.ADMIN), words="Exchange")
    with pytest.raises(ChangedSinceAct):
        undo.undo(session, act_id=act.id, by=person)
    service.name_argument(session, argument_id=other.id, by=person, words="Prisons")
    mine = last(session)
    undo.undo(session, act_id=mine.id, by=person)
    with pytest.raises(ChangedSinceAct):
        undo.undo(session, act_id=mine.id, by=person)
    assert one.name == "Exchange"


def test_an_argument_is_named_and_split_on_the_page_of_its_place(
    session: Session, sign_in: SignIn, pair: Pair, person: Account
) -> None:
    row, _one, _other = pair
    at = holding(session, row, NEEDLES[0])
    desk, back = sign_in(person), {"back": "desk", "at": PLACE}
    page = desk.get(f"/desk/arguments/of/{row.slug}?at={PLACE}").text
    assert f'value="{claim(session, NEEDLES[1]).id}"' in page
    named = desk.post(f"/desk/arguments/{at.id}/name", data={**back, "name": "Pay for needles"})
    assert named.headers["Location"].endswith(f"/desk/arguments/of/{row.slug}?at={PLACE}")
    parted = {**back, "to": "new", "words": "Hepatitis", "claim": str(claim(session, NEEDLES[1]).id)}
    assert desk.post(f"/desk/arguments/{at.id}/statements", data={**parted, "words": " "}).status_code == 422
    assert desk.post(f"/desk/arguments/{at.id}/statements", data=parted).status_code == 303
    assert holding(session, row, NEEDLES[1]).name == "Hepatitis"
    assert holding(session, row, NEEDLES[0]).name == "Pay for needles"


def test_what_a_person_makes_has_a_name(session: Session, pair: Pair, person: Account) -> None:
    _row, one, _other = pair
    with pytest.raises(Refusal):
        service.split(session, argument_id=one.id, claim_ids=[claim(session, NEEDLES[0]).id], by=person, words=" ")


def test_who_may_not_work_on_arguments_is_shown_no_pairs_and_changes_none(
    session: Session, sign_in: SignIn, pair: Pair
) -> None:
    row, one, other = pair
    stranger = sign_in(factories.account(session, Role.POLICYMAKER))
    page = stranger.get(f"/desk/arguments/of/{row.slug}").text
    assert 'id="pairs"' not in page
    stranger.post(f"/desk/arguments/{one.id}/with/{other.id}", data={"do": "merge"})
    session.expire_all()
    assert other.merged_into_id is None


def test_the_page_asks_the_database_as_often_for_many_pairs(
    session: Session, sign_in: SignIn, pair: Pair, person: Account
) -> None:
    row, one, other = pair
    desk = sign_in(person)
    address = f"/desk/arguments/of/{row.slug}?at={PLACE}"
    desk.get(address)
    with statements() as few:
        desk.get(address)
    for n in range(5):
        some = [claim(session, ALL[n]).id]
        made = service.split(
            session, argument_id=holding(session, row, ALL[n]).id, claim_ids=some, by=person, words=f"Part {n}"
        )
        suggest(session, one if n < 3 else other, made, 0.5)
    with statements() as many:
        desk.get(address)
    assert len(many) == len(few)
