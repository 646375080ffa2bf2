"""Repair of e-mail dates after a wrong clock, and withdrawal of e-mails created too early."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from consult.core.queue import find_task, nudge
from consult.mail import service
from consult.mail.model import WAITING_STATES, Letter, State

WITHDRAWN = "written too early, by a wrong clock"
_LONGEST_WAIT = timedelta(hours=26)
"""Longer than any pause between two attempts."""
_FREE_KEYS = text("UPDATE letter SET key = key || ':withdrawn:' || id WHERE id = ANY(:ids) AND state = 'suppressed'")
"""Renames the keys, so that the same e-mail can be created again at the right time."""


def list_waiting(session: Session, prefix: str, suffix: str = "") -> Sequence[int]:
    """Return the ids of e-mails with this key prefix and suffix whose sending has not started."""
    mine = Letter.key.startswith(prefix, autoescape=True) & Letter.key.endswith(suffix, autoescape=True)
    return session.scalars(select(Letter.id).where(mine, Letter.state == State.PENDING)).all()


def count_begun(session: Session, letter_ids: Sequence[int]) -> int:
    """Return how many of these e-mails were sent or may have been sent."""
    begun = Letter.state.not_in((State.PENDING, State.SUPPRESSED, State.DEAD))
    return session.scalar(select(func.count()).where(Letter.id.in_(letter_ids), begun)) or 0


def withdraw(session: Session, letter_ids: Sequence[int]) -> int:
    """Cancel unsent e-mails and return their number. Their keys can be used again."""
    waiting = session.scalars(
        select(Letter.id).where(Letter.id.in_(letter_ids), Letter.state == State.PENDING).with_for_update()
    ).all()
    service.cancel(session, letter_ids=waiting, reason=WITHDRAWN)
    session.execute(_FREE_KEYS, {"ids": list(waiting)})
    return len(waiting)


def count_sent_later(session: Session, *, at: datetime) -> int:
    """Count the sent e-mails whose sending or creation time is in the future."""
    sent = (Letter.state == State.SENT) & ((Letter.sent_at > at) | (Letter.created_at > at))
    return session.scalar(select(func.count()).select_from(Letter).where(sent)) or 0


def bring_forward(session: Session, *, at: datetime) -> int:
    """Make e-mails due at `at` if their next attempt is later than any pause allows, and return their number.

    The retention of failed e-mails restarts at `at`.
    """
    late = (Letter.next_at > at + _LONGEST_WAIT) | (Letter.created_at > at) & (Letter.next_at > at)
    moved = session.scalars(
        update(Letter).where(Letter.state.in_(WAITING_STATES), late).values(next_at=at).returning(Letter.id)
    ).all()
    session.execute(update(Letter).where(Letter.state == State.DEAD, Letter.next_at > at).values(next_at=at))
    if moved:
        nudge(session, find_task("mail.drain"), 0)
    return len(moved)
