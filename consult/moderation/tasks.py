"""Background tasks of moderation: update the queues, apply due decisions and process batches."""

from __future__ import annotations

from sqlalchemy.orm import Session

from consult.core.clock import every
from consult.core.db import try_advisory_lock
from consult.core.queue import nudge, publish, task
from consult.moderation import service
from consult.moderation import waiting_list as queue
from consult.moderation.bulk import campaigns as bulk_campaigns
from consult.moderation.bulk import service as bulk
from consult.moderation.recourse import appeals, reports
from consult.moderation.statistics import service as statistics
from consult.moderation.team import service as team


@every(seconds=2, timeless=True)
def follow(session: Session) -> None:
    """Update the queues from new ledger entries, in steps of a thousand after an import."""
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
    """Process one part of a batch and queue a message for the next. Each part is a transaction."""
    if bulk.run(session, batch_id):
        nudge(session, run, batch_id)


@every(seconds=5)
def work(session: Session) -> None:
    """Continue batches that are due or whose worker was killed. Without a broker, process one part here."""
    for batch_id in bulk.list_due(session):
        if not publish(run, batch_id):
            bulk.run(session, batch_id)


@every(seconds=5, timeless=True)
def lapse(session: Session) -> None:
    """Close appeals and reports on submissions that were changed or are no longer published."""
    appeals.lapse(session)
    reports.close_unpublished(session)


@every(seconds=5, timeless=True)
def count(session: Session) -> None:
    """Update the statistics from new ledger entries, in steps after an import."""
    statistics.FOLLOWER.follow_site(session)


@every(seconds=300)
def summarise(session: Session) -> None:
    """Send the daily summary to moderators with waiting items, on the morning of working days."""
    team.send_summaries(session)
