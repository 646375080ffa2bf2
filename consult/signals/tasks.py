"""Chores of the clock: reminders to who is on call, addresses that were never confirmed."""

from __future__ import annotations

from sqlalchemy.orm import Session

from consult.core.clock import every, now
from consult.signals.watchers import on_call
from consult.signals.watchers import service as watchers


@every(60)
def remind_on_call(session: Session) -> None:
    on_call.remind_all(session, at=now())


@every(3600)
def purge_watchers(session: Session) -> None:
    watchers.purge(session, at=now())
