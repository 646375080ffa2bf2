"""Periodic tasks: carry out decisions that can no longer be undone, and answer moot reports."""

from __future__ import annotations

from sqlalchemy.orm import Session

from consult.core.clock import every
from consult.decisions import reports, service
from consult.decisions.process import PROCESSES


@every(seconds=2)
def settle(session: Session) -> None:
    for process in PROCESSES.values():
        service.apply_due(session, process)


@every(seconds=60)
def close_reports(session: Session) -> None:
    """Answer readers' reports on statements that their authors withdrew."""
    reports.close_all_unpublished(session)
