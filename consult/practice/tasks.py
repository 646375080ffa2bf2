"""Periodic task that erases practice copies after thirty days."""

from __future__ import annotations

from sqlalchemy.orm import Session

from consult.core.clock import every, now
from consult.practice import service


@every(seconds=3600)
def erase_due(session: Session) -> None:
    service.erase_due(session, at=now())
