"""The task that compiles a digest, and the job that schedules it, with or without the broker."""

from __future__ import annotations

import time
from datetime import datetime

from sqlalchemy.orm import Session

from consult.core.clock import every, is_stopping, now
from consult.core.database import outages
from consult.core.db import transaction
from consult.core.logs import log
from consult.core.queue import publish, task
from consult.digests import count_queries, service
from consult.digests.delivery import combined_letters
from consult.digests.model import Cadence
from consult.digests.results import cache as results_cache
from consult.digests.service import DueSlot
from consult.ledger import service as ledger

_LOST_AFTER = 60.0
_LONGEST = 5.0
"""The seconds after which the rest of a burst waits for the next tick, so that other jobs can run."""
_asked: dict[DueSlot, float] = {}
"""The monotonic times of requests to workers for a slot, deleted once the slot has its digest."""


@task("digests.compile")
def compile_slot(session: Session, consultation_id: int, cadence: str, slot_at: str) -> None:
    service.try_compile(
        session, consultation_id=consultation_id, cadence=Cadence(cadence), slot_at=datetime.fromisoformat(slot_at)
    )


@every(seconds=30)
def due(session: Session) -> None:
    """Ask a worker to compile each due digest. Compile it here if no worker can be asked or none responded."""
    waiting = service.list_due(session, at=now())
    session.rollback()  # each digest has its own transaction
    for gone in _asked.keys() - set(waiting):
        del _asked[gone]
    for slot in waiting:
        if is_stopping():
            return
        first = slot not in _asked
        asked = _asked.setdefault(slot, time.monotonic())
        if first and publish(compile_slot, slot.consultation_id, slot.cadence, slot.slot_at.isoformat()):
            continue
        if first or time.monotonic() - asked > _LOST_AFTER:
            _compile_here(slot)


@every(seconds=20, timeless=True)
def listen(session: Session) -> None:
    """Update “What we heard” of consultations with new events."""
    waiting = results_cache.list_outdated(session)
    session.rollback()  # each consultation has its own transaction
    for consultation_id in waiting:
        if is_stopping():
            return
        if _count_in_steps(consultation_id):
            with transaction() as own:
                # Entries without a number wait, so that their lock is not held during rendering.
                head = ledger.head(own)
                reached = count_queries.FOLLOWER.follow(own, consultation_id=consultation_id, until=head)
                results_cache.refresh(own, consultation_id=consultation_id, counted=reached)


def _count_in_steps(consultation_id: int) -> bool:
    """Count a burst in separate transactions. Return True if all numbered entries are counted."""
    until = time.monotonic() + _LONGEST
    while time.monotonic() < until and not is_stopping():
        with count_queries.FOLLOWER.paced_step() as most, transaction() as own:
            left = count_queries.FOLLOWER.handle_next(own, consultation_id, most=most)
        if not left:
            return left is not None
    return False


@every(seconds=60)
def join(session: Session) -> None:
    """Send combined e-mails that are complete."""
    combined_letters.write_ready_letters(session)


def _compile_here(slot: DueSlot) -> None:
    """Compile a digest. A failure is logged, so that it does not stop the others."""
    try:
        with transaction() as session:
            service.try_compile(
                session, consultation_id=slot.consultation_id, cadence=slot.cadence, slot_at=slot.slot_at
            )
    except Exception as error:
        if outages.is_passing(error):
            log.info("digests.waits", consultation=slot.consultation_id)
            return
        log.error("digests.not_compiled", consultation=slot.consultation_id, error=type(error).__name__, exc_info=True)
