"""Statements, arguments and every count follow comments that are carried to another place of the draft."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.analysis import queries as analysis
from consult.arguments import service
from consult.arguments.model import Argument, Claim
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.crypto import pseudonym
from consult.core.web.access import Role
from consult.digests import count_queries
from consult.digests import service as digests
from consult.digests.lists import queries as lists_queries
from consult.digests.model import Cadence
from consult.digests.results import cache as results_cache
from consult.documents.model import Provision
from consult.submissions.anchors import carry_forward
from consult.submissions.anchors.relocation import Relocation
from consult.submissions.model import Comment
from tests import factories
from tests.arguments.speaking import NEEDLES, PRISONS, follow, groups, holding, propose
from tests.arguments.test_service import balanced
from tests.filing import comment, file, numbered

FIRST = """# Plan

## 1 Aims

1.1 Each State shall report by 2030. It shall say how many people were reached.

1.2 Members shall meet twice a year in the capital.
"""
SECOND = """# Plan

## 1 Aims

1.1 Each State shall report by 2030. It shall say how many people were reached.

1.2 The police are trained and judges too.
"""


@pytest.fixture
def consultation(session: Session) -> Consultation:
    """With arguments on a paragraph that the next version of the draft does not have."""
    row = factories.with_draft(session, FIRST)
    carry_forward._relocators.clear()
    session.commit()
    for words in (*NEEDLES, *PRISONS):
        file(session, row, comment(session, row, words, "1.2"), published=True)
    follow(session, row)
    propose(session, row, holding_place(session))
    factories.publish_next(session, row, SECOND)
    while carry_forward.carry_batch(session, consultation_id=row.id):
        session.commit()
    return row


def holding_place(session: Session) -> str:
    return session.scalars(select(Claim.place).distinct()).one()


def settle(session: Session, row: Consultation, *words: str) -> str:
    """A person puts the comments with these words on paragraph 1.1; gives its place."""
    there = session.scalars(
        select(Provision).where(Provision.version_id == row.version_id, Provision.number == "1.1")
    ).one()
    ids = session.scalars(select(Comment.id).where(Comment.body.in_(words))).all()
    to = Relocation(there.id, None, 1.0, True)
    by = pseudonym("account", 1)
    assert carry_forward.place_manually(session, consultation=row, comment_ids=ids, to=to, actor=by) == len(words)
    follow(session, row)
    session.expire_all()
    return there.wid


def test_an_argument_goes_with_all_its_statements_and_keeps_its_name(
    session: Session, consultation: Consultation
) -> None:
    named = holding(session, consultation, NEEDLES[0])
    by = factories.account(session, Role.ADMIN)
    service.name_argument(session, argument_id=named.id, by=by, words="Fund the exchange")
    before = named.place
    there = settle(session, consultation, *NEEDLES)
    assert before != there
    moved = holding(session, consultation, NEEDLES[1])
    assert (moved.id, moved.place, moved.name, moved.voices) == (named.id, there, "Fund the exchange", 3)
    assert holding(session, consultation, PRISONS[0]).place == before
    assert balanced(session, consultation)
    propose(session, consultation, there)
    propose(session, consultation, before)
    assert groups(session, consultation) == {frozenset(NEEDLES), frozenset(PRISONS)}


def test_a_statement_that_goes_alone_leaves_its_argument_for_the_other_paragraph(
    session: Session, consultation: Consultation
) -> None:
    number = session.scalars(select(Claim.id).join(Comment).where(Comment.body == NEEDLES[0])).one()
    there = settle(session, consultation, NEEDLES[0])
    kept = session.get_one(Claim, number)
    assert (kept.place, kept.argument_id) == (there, None)
    assert holding(session, consultation, NEEDLES[1]).voices == 2
    assert balanced(session, consultation)
    rows = session.scalars(select(Argument).where(Argument.place == there)).all()
    assert rows == []


def test_the_counts_and_the_lists_behind_them_follow_a_comment_that_is_carried(
    session: Session, consultation: Consultation
) -> None:
    before = holding_place(session)
    there = settle(session, consultation, *NEEDLES, PRISONS[0])
    numbered(session)
    results_cache.refresh(session, consultation_id=consultation.id)
    said = analysis.count_by_place(session, consultation.id)
    assert {place: counts["any"] for place, counts in said.items()} == {there: 4, before: 2}
    assert count_queries.get_counts(session, consultation.id, ("texts",))["texts"] == {there: 4, before: 2}
    made = digests.compile_digest(session, consultation_id=consultation.id, cadence=Cadence.WEEKLY, slot_at=now())
    assert made
    for place, n in ((there, 4), (before, 2)):
        listed = lists_queries.get_list(session, made, f"all-at:{place}")
        assert (listed.count, len(listed.page.items)) == (n, n)
