"""Pauses a task after five failed runs, for the rest time set by its caller.

A run inserts a committed row and deletes it on success, so a killed worker leaves the row too. Tasks on rows that count
their own attempts (e-mails, files) do not use this.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Index, delete, func, select, text
from sqlalchemy.orm import Mapped, Session

from consult.core.clock import now
from consult.core.db import Base, Id

MAX_RUNS = 5
_LONGEST_REST = timedelta(days=1)


class TaskAttempt(Base):
    """A run that has not succeeded: it is running, it failed, or its worker died."""

    __tablename__ = "attempt"
    __table_args__ = (Index("ix_attempt_work", "work", "counts_until"),)

    id: Mapped[Id]
    work: Mapped[str]  # name and IDs of the task
    counts_until: Mapped[datetime]


def begin_attempt(session: Session, work: str, *, rest: timedelta) -> int | None:
    """Record the start of a run and return its ID, or None if it was started too often within the last `rest`."""
    mine = select(func.count()).where(TaskAttempt.work == work, TaskAttempt.counts_until > now())
    if (session.scalar(mine) or 0) >= MAX_RUNS:
        return None
    session.execute(text("SET LOCAL synchronous_commit = off"))  # if the database crashes, one attempt is not counted
    row = TaskAttempt(work=work, counts_until=now() + rest)
    session.add(row)
    session.flush()
    return row.id


def end_attempt(session: Session, number: int) -> None:
    """Delete the record of a successful run, in its transaction."""
    session.execute(delete(TaskAttempt).where(TaskAttempt.id == number))


def list_resting(session: Session) -> Sequence[str]:
    """Return the paused tasks."""
    counted = select(TaskAttempt.work).where(TaskAttempt.counts_until > now()).group_by(TaskAttempt.work)
    return session.scalars(counted.having(func.count() >= MAX_RUNS).order_by(TaskAttempt.work)).all()


def forget_expired(session: Session) -> None:
    """Delete attempts that no longer count."""
    session.execute(delete(TaskAttempt).where(TaskAttempt.counts_until <= now()))


def forget_later(session: Session, *, at: datetime) -> int:
    """Delete attempts that a wrong clock dated too far in the future. Return their number."""
    late = delete(TaskAttempt).where(TaskAttempt.counts_until > at + _LONGEST_REST).returning(TaskAttempt.id)
    return len(session.scalars(late).all())
