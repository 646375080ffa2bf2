"""Periodic tasks of early warning: reminders to assessors on call, held reports and expired confirmations."""

from __future__ import annotations

from sqlalchemy.orm import Session

from consult.core.clock import every, now
from consult.signals.on_call import service as on_call
from consult.signals.reports import delay
from consult.signals.watchers import service as watchers


@every(60, pauses=True)
def remind_on_call(session: Session) -> None:
    on_call.ring_all(session, at=now())


@every(60)
def release_reports(session: Session) -> None:
    """Record anonymous reports that are due. They are due on full hours, so all of an hour are recorded at once."""
    delay.release(session, at=now())


@every(3600)
def purge_watchers(session: Session) -> None:
    watchers.purge(session, at=now())
