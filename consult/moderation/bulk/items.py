"""Items of a batch: the outcome of each, what is left to decide, and the items that a person may not decide on."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.moderation.model import BatchItem, BatchItemResult
from consult.submissions.comments.parties import find_own


def find_own_items(session: Session, batch_id: int, person: Account) -> set[int]:
    """Return the undecided submissions of a batch on which this person may not decide."""
    left = select(BatchItem.submission_id).where(BatchItem.batch_id == batch_id, BatchItem.result.is_(None))
    return find_own(session, session.scalars(left).all(), person)


def set_result(session: Session, batch_id: int, submission_ids: Collection[int], result: BatchItemResult) -> None:
    if submission_ids:
        these = [BatchItem.batch_id == batch_id, BatchItem.submission_id.in_(submission_ids)]
        session.execute(update(BatchItem).where(*these).values(result=result))


def count_open_items(session: Session, batch_id: int) -> int:
    left = select(func.count()).where(BatchItem.batch_id == batch_id, BatchItem.result.is_(None))
    return session.scalar(left) or 0
