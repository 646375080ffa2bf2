"""The submissions' chores: running counts stay short, old drafts and files go, comments follow the draft."""

from __future__ import annotations

from sqlalchemy.orm import Session

from consult.core.clock import every, now
from consult.core.db import try_lock
from consult.core.queue import nudge, task
from consult.submissions import carrying, drafts, evidence, reminding, tally


@every(seconds=20)
def fold(session: Session) -> None:
    if try_lock(session, "tally.fold"):
        tally.fold(session)


@every(seconds=3600)
def purge(session: Session) -> None:
    drafts.purge(session)


@every(seconds=600)
def remind(session: Session) -> None:
    reminding.remind(session, at=now())


@task("submissions.carry")
def carry(session: Session, consultation_id: int) -> None:
    """Carries a batch of comments to the present version, and asks for the next."""
    if carrying.carry(session, consultation_id=consultation_id):
        nudge(session, carry, consultation_id)


@every(seconds=15)
def catch_up(session: Session) -> None:
    """Finds what the broker has lost, or what nobody has asked for: a version was published."""
    for consultation_id in carrying.behind(session):
        carrying.carry(session, consultation_id=consultation_id)
        nudge(session, carry, consultation_id)


@every(seconds=1800)
def erase_unclaimed(session: Session) -> None:
    evidence.erase_unclaimed(session)
