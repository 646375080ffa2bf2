"""Periodic task that counts the records of bodies."""

from __future__ import annotations

from sqlalchemy.orm import Session

from consult.core.clock import every
from consult.responses.records import service


@every(seconds=30)
def recount(session: Session) -> None:
    """Count the records of all bodies."""
    service.recount(session)
