"""Background tasks of moderation: fill the queues, apply decisions after their delay, work through batches."""

from __future__ import annotations

from sqlalchemy.orm import Session

from consult.core.clock import every
from consult.core.db import try_advisory_lock
from consult.core.queue import nudge, publish, task
from consult.moderation import service
from consult.moderation.bulk import campaigns as bulk_campaigns
from consult.moderation.bulk import service as bulk
from consult.moderation.queue import service as queue
from consult.moderation.recourse import appeals, reports
from consult.moderation.statistics import service as statistics
from consult.moderation.team import service as team


@every(seconds=2, timeless=True)
def follow(session: Session) -> None:
    """New entries of the ledger; after an import a thousand at a time."""
    queue.FOLLOWER.follow_site(session)


@every(seconds=5, timeless=True)
def follow_checks(session: Session) -> None:
    if queue.FOLLOWER.try_lock(session):
        queue.requeue_checked(session)


@every(seconds=2)
def settle(session: Session) -> None:
    service.apply_due_decisions(session)
    appeals.apply_due_answers(session)
    reports.apply_due_answers(session)


@every(seconds=5)
def follow_letters(session: Session) -> None:
    if try_advisory_lock(session, "moderation.letters"):
        bulk_campaigns.decide_later_copies(session)


@task("moderation.run")
def run(session: Session, batch_id: int) -> None:
    """Handles one part of a batch, and queues a message for the next: each part is a transaction."""
    if bulk.run(session, batch_id):
        nudge(session, run, batch_id)


@every(seconds=5)
def work(session: Session) -> None:
    """Batches that are due, or whose worker was killed; without a broker the clock does a part itself."""
    for batch_id in bulk.list_due(session):
        if not publish(run, batch_id):
            bulk.run(session, batch_id)


@every(seconds=5, timeless=True)
def lapse(session: Session) -> None:
    """Appeals and reports on what its author has changed, or a moderator withheld, have nothing left to be about."""
    appeals.lapse(session)
    reports.close_unpublished(session)


@every(seconds=5, timeless=True)
def count(session: Session) -> None:
    """What was decided is in the statistics within seconds; after an import some thousands at a time."""
    statistics.FOLLOWER.follow_site(session)


@every(seconds=300)
def summarise(session: Session) -> None:
    """Each working day in the morning, to each moderator for whom something waits."""
    team.send_summaries(session)
