"""Periodic tasks of submissions: fold counts, delete old drafts and files, move comments to new versions."""

from __future__ import annotations

from sqlalchemy.orm import Session

from consult.core.clock import every, now
from consult.core.db import try_advisory_lock
from consult.core.queue import nudge, task
from consult.submissions import contacts, counters
from consult.submissions.anchors import carry_forward
from consult.submissions.drafts import expiry, reminders
from consult.submissions.private import delay


@every(seconds=20, timeless=True)
def fold(session: Session) -> None:
    if try_advisory_lock(session, "tally.fold"):
        counters.fold(session)


@every(seconds=60)
def release(session: Session) -> None:
    """File anonymous submissions that are due. They are due on full hours, so those of one hour are filed together."""
    delay.release(session, at=now())


@every(seconds=3600)
def purge(session: Session) -> None:
    expiry.purge(session)
    contacts.delete_expired(session, today=now().date())


@every(seconds=600)
def remind(session: Session) -> None:
    reminders.remind(session, at=now())


@task("submissions.carry")
def carry(session: Session, consultation_id: int) -> None:
    """Move a batch of comments to the current version, and queue the next."""
    if carry_forward.carry_batch(session, consultation_id=consultation_id):
        nudge(session, carry, consultation_id)


@every(seconds=15, timeless=True)
def catch_up(session: Session) -> None:
    """Move comments after a new version was published, in case the broker lost the task."""
    for consultation_id in carry_forward.list_consultations_behind(session):
        carry_forward.carry_batch(session, consultation_id=consultation_id)
        nudge(session, carry, consultation_id)
