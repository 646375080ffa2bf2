"""Periodic task: close calls whose last day has passed."""

from __future__ import annotations

from sqlalchemy.orm import Session

from consult.calls import service
from consult.core.clock import every, now


@every(seconds=60)
def close_due(session: Session) -> None:
    service.close_due(session, at=now())
