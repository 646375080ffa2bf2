"""Scheduled task that deletes expired inbound data."""

from __future__ import annotations

from sqlalchemy.orm import Session

from consult.core.clock import every, now
from consult.gateway import service


@every(3600)
def purge(session: Session) -> None:
    service.purge(session, at=now())
