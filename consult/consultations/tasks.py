"""The clock's chores: say that a consultation has opened or closed, and remind those who follow."""

from __future__ import annotations

from sqlalchemy.orm import Session

from consult.consultations import following, service
from consult.core.clock import every, now


@every(seconds=10)
def announce(session: Session) -> None:
    service.announce(session, at=now())


@every(seconds=600)
def remind(session: Session) -> None:
    following.remind(session, at=now())


@every(seconds=3600)
def forget(session: Session) -> None:
    following.purge(session, at=now())
