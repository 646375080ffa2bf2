"""Periodic tasks: announce openings and closings, and remind followers."""

from __future__ import annotations

from sqlalchemy.orm import Session

from consult.consultations import service
from consult.consultations.followers import service as followers
from consult.core.clock import every, now


@every(seconds=10)
def announce(session: Session) -> None:
    service.announce(session, at=now())


@every(seconds=600)
def remind(session: Session) -> None:
    followers.send_reminders(session, at=now())
