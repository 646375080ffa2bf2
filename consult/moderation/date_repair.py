"""Repairs the undo delay of decisions and answers that were made while a clock was wrong."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from consult.moderation.model import Batch, Decision
from consult.moderation.recourse.model import RecourseAnswer

_LONGEST_DELAY = timedelta(hours=1)
"""Longer than any decision can be taken back."""


def bring_forward(session: Session, *, at: datetime) -> int:
    """What was to take effect at a time that no delay leads to takes effect at `at`; gives how many."""
    moved = 0
    for table in (Decision, Batch, RecourseAnswer):
        late = update(table).where(table.due_at > at + _LONGEST_DELAY).values(due_at=at).returning(table.id)
        moved += len(session.scalars(late).all())
    return moved
