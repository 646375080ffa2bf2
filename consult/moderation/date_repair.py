"""Repair of undo delays of decisions and answers that were made while a clock was wrong."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from consult.moderation.model import Batch, Decision
from consult.moderation.recourse.model import RecourseAnswer

_LONGEST_DELAY = timedelta(hours=1)
"""Longer than the undo delay of any decision."""


def bring_forward(session: Session, *, at: datetime) -> int:
    """Make decisions due at `at` if no undo delay explains their due time, and return their number."""
    moved = 0
    for table in (Decision, Batch, RecourseAnswer):
        late = update(table).where(table.due_at > at + _LONGEST_DELAY).values(due_at=at).returning(table.id)
        moved += len(session.scalars(late).all())
    return moved
