"""The chain of hashes: the same for the same entries however it was made, and another for any other entries."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from consult.ledger import chain, service
from consult.ledger.model import Kind, LedgerHead


def entries(session: Session, *subjects: int) -> int:
    for subject in subjects:
        service.record(session, Kind.RECEIVED, subject_id=subject, detail={"source": "«ñ»", "n": subject})
    session.commit()
    head = service.number_entries(session)
    session.commit()
    return head


def follow(session: Session, most: int | None = None) -> None:
    while chain.FOLLOWER.follow_site(session, most=most):
        session.commit()
    session.commit()


def heads(session: Session) -> dict[int, bytes]:
    rows = session.scalars(select(LedgerHead).order_by(LedgerHead.number).execution_options(populate_existing=True))
    return {row.number: row.sha256 for row in rows}


def test_the_hash_of_all_entries_does_not_depend_on_the_steps_it_was_made_in(session: Session) -> None:
    head = entries(session, *range(1, 8))
    follow(session, most=2)
    assert list(heads(session)) == [2, 4, 6, 7]
    assert chain.hash_entries(session, head=chain.START, since=1, until=head) == heads(session)[7]
    entries(session, 8)
    follow(session)
    assert chain.hash_entries(session, head=chain.START, since=1, until=9) == heads(session)[8]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE ledger SET at = at + interval '1 microsecond' WHERE number = 2",
        "UPDATE ledger SET kind = 'submission.erased' WHERE number = 2",
        "UPDATE ledger SET subject_id = 9 WHERE number = 2",
        "UPDATE ledger SET consultation_id = 9 WHERE number = 2",
        "UPDATE ledger SET actor = 'somebody' WHERE number = 2",
        "UPDATE ledger SET reason = 'off_topic' WHERE number = 2",
        "UPDATE ledger SET commitment = sha256('') WHERE number = 2",
        """UPDATE ledger SET detail = detail || '{"n": 9}' WHERE number = 2""",
        "DELETE FROM ledger WHERE number = 2",
    ],
)
def test_whatever_is_changed_of_an_entry_changes_the_hash(session: Session, change: str) -> None:
    head = entries(session, 1, 2, 3)
    before = chain.hash_entries(session, head=chain.START, since=1, until=head)
    session.execute(text("SET LOCAL session_replication_role = replica"))
    session.execute(text(change))
    assert chain.hash_entries(session, head=chain.START, since=1, until=head) != before
    session.rollback()


def test_two_entries_in_each_others_place_change_the_hash(session: Session) -> None:
    head = entries(session, 1, 2)
    before = chain.hash_entries(session, head=chain.START, since=1, until=head)
    session.execute(text("SET LOCAL session_replication_role = replica"))
    session.execute(text("UPDATE ledger SET subject_id = 3 - subject_id"))
    assert chain.hash_entries(session, head=chain.START, since=1, until=head) != before
    session.rollback()
