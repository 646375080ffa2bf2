"""Pauses a task after five failed runs, for the rest time that its caller gives.

A run inserts a row, committed by itself, and deletes it when it ends well: a killed worker leaves the row too. Tasks on
rows that count their own attempts (letters, files) do without.
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
    """A task that was begun and has not ended well: it runs, it failed, or its worker died over it."""

    __tablename__ = "attempt"
    __table_args__ = (Index("ix_attempt_work", "work", "counts_until"),)

    id: Mapped[Id]
    work: Mapped[str]  # the name of the task, and its ids
    counts_until: Mapped[datetime]


def begin_attempt(session: Session, work: str, *, rest: timedelta) -> int | None:
    """Records the start of a run; gives None if it was started too often within the last `rest`."""
    mine = select(func.count()).where(TaskAttempt.work == work, TaskAttempt.counts_until > now())
    if (session.scalar(mine) or 0) >= MAX_RUNS:
        return None
    session.execute(text("SET LOCAL synchronous_commit = off"))  # lost with the database, it is counted once less
    row = TaskAttempt(work=work, counts_until=now() + rest)
    session.add(row)
    session.flush()
    return row.id


def end_attempt(session: Session, number: int) -> None:
    """Deletes the record of a run that ended well, in its transaction."""
    session.execute(delete(TaskAttempt).where(TaskAttempt.id == number))


def list_resting(session: Session) -> Sequence[str]:
    """The paused work."""
    counted = select(TaskAttempt.work).where(TaskAttempt.counts_until > now()).group_by(TaskAttempt.work)
    return session.scalars(counted.having(func.count() >= MAX_RUNS).order_by(TaskAttempt.work)).all()


def forget_expired(session: Session) -> None:
    """Deletes attempts that no longer count."""
    session.execute(delete(TaskAttempt).where(TaskAttempt.counts_until <= now()))


def forget_later(session: Session, *, at: datetime) -> int:
    """After a clock was wrong: deletes attempts that would count for longer than any task rests; gives how many."""
    late = delete(TaskAttempt).where(TaskAttempt.counts_until > at + _LONGEST_REST).returning(TaskAttempt.id)
    return len(session.scalars(late).all())
