"""Periodic tasks: actions whose day has passed, and the yearly movement of plans."""

from __future__ import annotations

from sqlalchemy.orm import Session

from consult.core.clock import every, now
from consult.plans import service
from consult.plans.movement import service as movements


@every(seconds=300)
def record_overdue(session: Session) -> None:
    """Actions whose day has passed get their line in the ledger, and those who watch them a letter."""
    service.record_overdue(session, at=now())


@every(seconds=3600)
def compile_movements(session: Session) -> None:
    """Last year's movement of each plan, once."""
    movements.compile_due(session, at=now())
