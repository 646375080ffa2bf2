"""Moderation's chores: what was filed comes into the queues, decisions take effect, batches are worked through."""

from __future__ import annotations

from sqlalchemy.orm import Session

from consult.core.clock import every
from consult.core.db import try_lock
from consult.core.queue import nudge, publish, task
from consult.moderation import appeals, batches, campaigns, counting, docket, reports, service, teams


@every(seconds=2)
def follow(session: Session) -> None:
    """New entries of the ledger; after an import a thousand at a time."""
    docket.follow(session)


@every(seconds=5)
def follow_checks(session: Session) -> None:
    if try_lock(session, "moderation.follow"):
        docket.follow_checks(session)


@every(seconds=2)
def settle(session: Session) -> None:
    service.settle_due(session)


@every(seconds=5)
def follow_letters(session: Session) -> None:
    if try_lock(session, "moderation.letters"):
        campaigns.follow(session)


@task("moderation.run")
def run(session: Session, batch_id: int) -> None:
    """One part of a batch, and a message for the next: each part is committed by itself."""
    if batches.run(session, batch_id):
        nudge(session, run, batch_id)


@every(seconds=5)
def work(session: Session) -> None:
    """Batches that are due, or whose worker was killed; without a broker the clock does a part itself."""
    for batch_id in batches.due(session):
        if not publish(run, batch_id):
            batches.run(session, batch_id)


@every(seconds=5)
def lapse(session: Session) -> None:
    """Appeals and reports on what its author has changed, or a moderator withheld, have nothing left to be about."""
    appeals.lapse(session)
    reports.settle(session)


@every(seconds=5)
def count(session: Session) -> None:
    """What was decided is in the statistics within seconds; after an import some thousands at a time."""
    counting.follow(session)


@every(seconds=300)
def summarise(session: Session) -> None:
    """Each working day in the morning, to each moderator for whom something waits."""
    teams.summarise(session)
