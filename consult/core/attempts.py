"""Tasks that fail, hang or kill their worker are not begun for ever: after five times they rest.

What is begun leaves a row, committed by itself, which goes when it ends well: so one that was killed, or ran out of
memory, leaves it too. Tasks on rows with attempts of their own (letters, files) do without.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Index, delete, func, select, text
from sqlalchemy.orm import Mapped, Session

from consult.core.clock import now
from consult.core.db import Base, Id

MOST = 5


class Attempt(Base):
    """A task that was begun and has not ended well: it runs, it failed, or its worker died over it."""

    __tablename__ = "attempt"
    __table_args__ = (Index("ix_attempt_work", "work", "counts_until"),)

    id: Mapped[Id]
    work: Mapped[str]  # the name of the task, and its ids
    counts_until: Mapped[datetime]


def begin(session: Session, work: str, *, rest: timedelta) -> int | None:
    """Notes that it is begun; None, and nothing, where it was begun too often within the last `rest`."""
    mine = select(func.count()).where(Attempt.work == work, Attempt.counts_until > now())
    if (session.scalar(mine) or 0) >= MOST:
        return None
    session.execute(text("SET LOCAL synchronous_commit = off"))  # lost with the database, it is counted once less
    row = Attempt(work=work, counts_until=now() + rest)
    session.add(row)
    session.flush()
    return row.id


def end(session: Session, number: int) -> None:
    """It has ended well, if what it did is committed."""
    session.execute(delete(Attempt).where(Attempt.id == number))


def resting(session: Session) -> Sequence[str]:
    """The work that was begun too often."""
    counted = select(Attempt.work).where(Attempt.counts_until > now()).group_by(Attempt.work)
    return session.scalars(counted.having(func.count() >= MOST).order_by(Attempt.work)).all()


def forget(session: Session) -> None:
    """Lets go of what counts no more."""
    session.execute(delete(Attempt).where(Attempt.counts_until <= now()))
