"""Queries on the outbox: its health and due e-mails."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from consult.core.clock import now
from consult.mail.model import Letter, Reconciliation, State

LATE_AFTER = timedelta(minutes=10)
_NEWEST = 200
_WAITING = text("letter.state IN ('pending', 'sending', 'uncertain')")  # must equal the condition of the index
IS_DEAD = text("letter.state = 'dead' AND letter.to_sealed IS NOT NULL")
"""E-mails that can be sent again. Must equal the condition of the index. Of older ones nothing is kept."""


@dataclass(frozen=True)
class OutboxHealth:
    """The state of the outbox: whether the sums agree, and how many e-mails are late or failed.

    `late` e-mails were never tried, or are due and not taken by any worker. `refused` ones were tried, and the mail
    server has accepted no other since. An e-mail that is retried for days while others go out counts as neither.
    """

    balanced: bool
    late: bool
    waiting: int
    refused: int = 0
    dead: int = 0


def check_outbox(session: Session) -> OutboxHealth:
    """Return the last reconciliation and the current numbers of waiting and failed e-mails."""
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
    """Return whether the mail server accepted one of the newest e-mails after the given time."""
    newest = select(Letter.sent_at).order_by(Letter.id.desc()).limit(_NEWEST).subquery()
    return session.scalar(select(newest.c.sent_at).where(newest.c.sent_at > since).limit(1)) is not None


def has_due_letters(session: Session) -> bool:
    """Return whether an e-mail is due."""
    due = select(Letter.id).where(_WAITING, Letter.next_at <= now()).limit(1)
    return session.scalar(due) is not None
