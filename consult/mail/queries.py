"""What is read of the outbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from consult.core.clock import now
from consult.mail.model import Letter, Reconciliation

LATE = timedelta(minutes=10)
_WAITING = text("letter.state IN ('pending', 'sending', 'uncertain')")  # word for word the index's own condition


@dataclass(frozen=True)
class Health:
    """How the outbox stands: do the sums agree, and does anything wait too long?"""

    balanced: bool
    late: bool
    waiting: int


def health(session: Session) -> Health:
    """The last check of the sums, and what waits now."""
    waiting, late = session.execute(
        select(func.count(), func.count().filter(Letter.created_at < now() - LATE)).where(_WAITING)
    ).one()
    last = session.scalar(select(Reconciliation).order_by(Reconciliation.id.desc()).limit(1))
    return Health(last is None or last.balanced, bool(late), int(waiting))


def anything_due(session: Session) -> bool:
    """Whether a letter waits whose time has come."""
    due = select(Letter.id).where(_WAITING, Letter.next_at <= now()).limit(1)
    return session.scalar(due) is not None
