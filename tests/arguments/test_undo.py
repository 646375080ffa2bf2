"""Actions of people on arguments are taken back, once, by those who took them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.arguments import queries, service, undo
from consult.arguments.model import Argument, ArgumentAct, ArgumentActKind
from consult.arguments.undo import ChangedSinceAct
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.errors import NotFound, Refusal
from consult.core.web.access import Role
from tests import factories
from tests.arguments.speaking import NEEDLES, PRISONS, claim, groups, holding, said

ALL = NEEDLES + PRISONS
Pair = tuple[Consultation, Argument, Argument]


@pytest.fixture
def pair(session: Session) -> Pair:
    """Two arguments on one part of the draft."""
    row = factories.consultation(session)
    said(session, row, *ALL)
    needles, prisons = sorted((holding(session, row, words) for words in (NEEDLES[0], PRISONS[0])), key=lambda a: a.id)
    return row, needles, prisons


@pytest.fixture
def person(session: Session) -> Account:
    return factories.account(session, Role.MODERATOR)


def last(session: Session) -> ArgumentAct:
    return session.scalars(select(ArgumentAct).order_by(ArgumentAct.id.desc()).limit(1)).one()


def test_a_merge_is_taken_back_and_leaves_all_as_it_was(session: Session, pair: Pair, person: Account) -> None:
    row, one, other = pair
    before = groups(session, row)
    service.merge(session, argument_id=other.id, into_id=one.id, by=person, words="One point")
    session.flush()
    assert (other.merged_into_id, one.name, one.voices) == (one.id, "One point", 6)
    undo.undo(session, act_id=last(session).id, by=person)
    session.commit()
    assert groups(session, row) == before
    assert (one.name, one.kept, other.merged_into_id, other.kept) == (None, False, None, False)
    assert (one.voices, other.voices) == (3, 3)
    assert not any(claim(session, words).kept for words in ALL)


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


def test_what_a_person_makes_has_a_name(session: Session, pair: Pair, person: Account) -> None:
    _row, one, _other = pair
    with pytest.raises(Refusal):
        service.split(session, argument_id=one.id, claim_ids=[claim(session, NEEDLES[0]).id], by=person, words=" ")
