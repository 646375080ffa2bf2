"""Periodic tasks: overdue actions and yearly summaries of plans."""

from __future__ import annotations

from sqlalchemy.orm import Session

from consult.core.clock import every, now
from consult.plans.movement import service as movements
from consult.plans.timetables import due


@every(seconds=300, pauses=True)
def record_overdue(session: Session) -> None:
    """Create due dates of repeated actions, record overdue ones in the ledger and notify their watchers."""
    due.advance(session, at=now())
    due.record_overdue(session, at=now())


@every(seconds=3600, pauses=True)
def compile_movements(session: Session) -> None:
    """Compile last year's summary of each plan, once."""
    movements.compile_due(session, at=now())
