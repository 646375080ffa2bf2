"""Reads of the outbox: progress and dead letters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from consult.core.clock import now
from consult.mail.model import Letter, Reconciliation, State

LATE_AFTER = timedelta(minutes=10)
_NEWEST = 200
_WAITING = text("letter.state IN ('pending', 'sending', 'uncertain')")  # word for word the index's own condition
IS_DEAD = text("letter.state = 'dead' AND letter.to_sealed IS NOT NULL")
"""Those that can be sent again, word for word as in the index. Of older ones nothing was kept."""


@dataclass(frozen=True)
class OutboxHealth:
    """The state of the outbox: do the sums agree, does anything wait too long, are there dead letters?

    `late` letters were not tried, or are due and nobody takes them. `refused` ones were, and the mail server has taken
    no other since. A letter that is tried again for days while others go out is neither.
    """

    balanced: bool
    late: bool
    waiting: int
    refused: int = 0
    dead: int = 0


def check_outbox(session: Session) -> OutboxHealth:
    """The last check of the sums, what waits now, and what was given up."""
    long_ago = now() - LATE_AFTER
    untaken = (Letter.created_at < long_ago) & ((Letter.attempts == 0) | (Letter.next_at < long_ago))
    tried = (Letter.created_at < long_ago) & (Letter.attempts > 0) & (Letter.state != State.SENDING)
    waiting, late, refused, since = session.execute(
        select(
            func.count(),
            func.count().filter(untaken),
            func.count().filter(tried),
            func.max(Letter.created_at).filter(tried),
        ).where(_WAITING)
    ).one()
    if refused and _sent_since(session, since):
        refused = 0
    last = session.scalar(select(Reconciliation).order_by(Reconciliation.id.desc()).limit(1))
    dead = session.scalar(select(func.count()).select_from(Letter).where(IS_DEAD)) or 0
    return OutboxHealth(last is None or last.balanced, bool(late), int(waiting), int(refused), dead)


def _sent_since(session: Session, since: datetime) -> bool:
    """Whether one of the newest letters was taken by the mail server after that instant."""
    newest = select(Letter.sent_at).order_by(Letter.id.desc()).limit(_NEWEST).subquery()
    return session.scalar(select(newest.c.sent_at).where(newest.c.sent_at > since).limit(1)) is not None


def has_due_letters(session: Session) -> bool:
    """Whether a letter waits whose time has come."""
    due = select(Letter.id).where(_WAITING, Letter.next_at <= now()).limit(1)
    return session.scalar(due) is not None
