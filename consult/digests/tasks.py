"""The task that compiles a digest, and the chore that schedules it, with the broker or without it."""

from __future__ import annotations

import time
from datetime import datetime

from sqlalchemy.orm import Session

from consult.core.clock import every, now
from consult.core.db import transaction
from consult.core.logs import log
from consult.core.queue import publish, task
from consult.digests import service
from consult.digests.delivery import combined_letters
from consult.digests.model import Cadence
from consult.digests.results import cache as results_cache
from consult.digests.service import DueSlot

_LOST_AFTER = 60.0
_asked: dict[DueSlot, float] = {}
"""When a worker was asked for a slot; on this clock's own watch, forgotten when the slot has its digest."""


@task("digests.compile")
def compile_slot(session: Session, consultation_id: int, cadence: str, slot_at: str) -> None:
    service.try_compile(
        session, consultation_id=consultation_id, cadence=Cadence(cadence), slot_at=datetime.fromisoformat(slot_at)
    )


@every(seconds=30)
def due(session: Session) -> None:
    """Asks a worker for each digest that is due; compiles it here where none can be asked, or none answered."""
    waiting = service.list_due(session, at=now())
    session.rollback()  # each digest has a transaction of its own
    for gone in _asked.keys() - set(waiting):
        del _asked[gone]
    for slot in waiting:
        first = slot not in _asked
        asked = _asked.setdefault(slot, time.monotonic())
        if first and publish(compile_slot, slot.consultation_id, slot.cadence, slot.slot_at.isoformat()):
            continue
        if first or time.monotonic() - asked > _LOST_AFTER:
            _compile_here(slot)


@every(seconds=20, timeless=True)
def listen(session: Session) -> None:
    """Brings "What we heard" up to date where something happened."""
    waiting = results_cache.list_outdated(session)
    session.rollback()  # each consultation has a transaction of its own
    for consultation_id in waiting:
        with transaction() as own:
            results_cache.refresh(own, consultation_id=consultation_id)


@every(seconds=60)
def join(session: Session) -> None:
    """Letters about several consultations go when they have all they waited for."""
    combined_letters.write_ready_letters(session)


def _compile_here(slot: DueSlot) -> None:
    """One digest that cannot be compiled must not stop the others."""
    try:
        with transaction() as session:
            service.try_compile(
                session, consultation_id=slot.consultation_id, cadence=slot.cadence, slot_at=slot.slot_at
            )
    except Exception as error:
        log.error("digests.not_compiled", consultation=slot.consultation_id, error=type(error).__name__, exc_info=True)
