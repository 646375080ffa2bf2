"""Periodic tasks: e-mails about new answers and reminders of due ones."""

from __future__ import annotations

from sqlalchemy.orm import Session

from consult.core.clock import every, now
from consult.core.queue import nudge, publish, task
from consult.responses import notifications, overdue, reminders
from consult.responses.actions import promises


@task("responses.tell")
def tell(session: Session, round_id: int) -> None:
    """Create one part of a round's e-mails and queue a message for the next. Each part is a transaction."""
    if notifications.write_letters(session, round_id):
        nudge(session, tell, round_id)


@every(seconds=300)
def begin(session: Session) -> None:
    notifications.begin_rounds(session, at=now())


@every(seconds=300)
def remind(session: Session) -> None:
    """Send the daily reminder to policymakers with answers due."""
    reminders.write_reminders(session, at=now())


@every(seconds=300)
def miss(session: Session) -> None:
    """Record overdue answers in the ledger."""
    overdue.record_missed(session, at=now())


@every(seconds=30)
def work(session: Session) -> None:
    """Continue pending e-mails. Without a broker, create one part here."""
    for round_id in notifications.list_unfinished_rounds(session):
        if not publish(tell, round_id):
            notifications.write_letters(session, round_id)


@every(seconds=60)
def follow_promises(session: Session) -> None:
    """Create e-mails about promised actions that are done or overdue, one part at each tick."""
    promises.begin_news(session, at=now())
    for action_id, occasion in promises.list_unfinished(session):
        promises.write_letters(session, action_id, occasion)
