"""Periodic tasks: morning letters about new answers and to those who owe answers."""

from __future__ import annotations

from sqlalchemy.orm import Session

from consult.core.clock import every, now
from consult.core.queue import nudge, publish, task
from consult.responses import notifications, overdue, reminders
from consult.responses.actions import promises


@task("responses.tell")
def tell(session: Session, round_id: int) -> None:
    """Sends one part of a round's letters, and queues a message for the next: each part is a transaction."""
    if notifications.write_letters(session, round_id):
        nudge(session, tell, round_id)


@every(seconds=300)
def begin(session: Session) -> None:
    notifications.begin_rounds(session, at=now())


@every(seconds=300)
def remind(session: Session) -> None:
    """Those who owe answers, once a day."""
    reminders.write_reminders(session, at=now())


@every(seconds=300)
def miss(session: Session) -> None:
    """Promises whose day has passed get their line in the ledger."""
    overdue.record_missed(session, at=now())


@every(seconds=30)
def work(session: Session) -> None:
    """Letters that are not written yet; without a broker the clock does a part itself."""
    for round_id in notifications.list_unfinished_rounds(session):
        if not publish(tell, round_id):
            notifications.write_letters(session, round_id)


@every(seconds=60)
def follow_promises(session: Session) -> None:
    """Letters about actions that were promised and are done or overdue: each tick begins them, and writes a part."""
    promises.begin_news(session, at=now())
    for action_id, occasion in promises.list_unfinished(session):
        promises.write_letters(session, action_id, occasion)
