from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.arguments import service
from consult.arguments.jobs import clusters
from consult.arguments.model import Argument, MergeSuggestion
from consult.consultations.model import Consultation
from consult.core.web.access import Role
from consult.positions import requests
from tests import factories
from tests.arguments.speaking import NEEDLES, PRISONS, claim, follow, groups, holding, propose, said
from tests.filing import comment, file

Pair = tuple[int, int]


@pytest.fixture
def suggested(session: Session, monkeypatch: pytest.MonkeyPatch) -> tuple[Consultation, Argument, Argument]:
    """Two arguments that are suggested as one."""
    monkeypatch.setattr(clusters, "MERGE", -1)
    row = factories.consultation(session)
    said(session, row, *NEEDLES, *PRISONS)
    return row, holding(session, row, NEEDLES[0]), holding(session, row, PRISONS[0])


def offers(session: Session) -> set[Pair]:
    session.expire_all()
    return {(row.argument_id, row.other_id) for row in session.scalars(select(MergeSuggestion))}


def pair(one: Argument, other: Argument) -> Pair:
    return min(one.id, other.id), max(one.id, other.id)


def test_arguments_that_are_alike_are_suggested_as_one(
    session: Session, suggested: tuple[Consultation, Argument, Argument]
) -> None:
    row, one, other = suggested
    assert offers(session) == {pair(one, other)}
    propose(session, row)
    assert offers(session) == {pair(one, other)}


def test_the_workbench_offers_the_likest_checked_argument_first(
    session: Session, suggested: tuple[Consultation, Argument, Argument]
) -> None:
    row, one, other = suggested
    by = factories.account(session, role=Role.MODERATOR)
    largest = service.split(session, argument_id=one.id, claim_ids=[claim(session, NEEDLES[0]).id], by=by, words="Big")
    largest.submissions = 100
    service.name_argument(session, argument_id=other.id, by=by, words="Prisons")
    session.commit()
    item = requests.find_next(session, row.id, by, key=str(one.id))
    assert item is not None
    assert [row.id for row in item.targets] == [other.id, largest.id]


def test_arguments_of_other_stances_are_not_suggested_as_one(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "MERGE", -1)
    row = factories.consultation(session)
    for words in NEEDLES:
        file(session, row, comment(session, row, words, "1.1", "support"), published=True)
    for words in PRISONS:
        file(session, row, comment(session, row, words, "1.1", "concern"), published=True)
    follow(session, row)
    propose(session, row)
    assert len(groups(session, row)) == 2
    assert offers(session) == set()


def test_what_a_person_changed_is_compared_by_a_worker_and_not_in_the_request(
    session: Session, suggested: tuple[Consultation, Argument, Argument]
) -> None:
    _row, one, other = suggested
    by, before = factories.account(session, role=Role.MODERATOR), other.centre
    service.merge(session, argument_id=one.id, into_id=other.id, by=by)
    assert ("analysis.recentre_arguments", (other.id,)) in session.info["nudges"]
    assert other.centre == before
    service.recentre(session, other.id)
    session.expire_all()
    assert other.centre != before
