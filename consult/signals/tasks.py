"""Periodic tasks of early warning: reminders to assessors on call and held reports."""

from __future__ import annotations

from sqlalchemy.orm import Session

from consult.core.clock import every, now
from consult.signals.on_call import service as on_call
from consult.signals.reports import delay


@every(60, pauses=True)
def remind_on_call(session: Session) -> None:
    on_call.ring_all(session, at=now())


@every(60)
def release_reports(session: Session) -> None:
    """Record the anonymous reports that are due.

    Reports are due on full hours, so those of one hour are recorded together.
    """
    delay.release(session, at=now())
