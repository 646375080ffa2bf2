"""The clock's chores of answers: those whose words are in an answered argument are told in the morning."""

from __future__ import annotations

from sqlalchemy.orm import Session

from consult.core.clock import every, now
from consult.core.queue import nudge, publish, task
from consult.responses import telling


@task("responses.tell")
def tell(session: Session, round_id: int) -> None:
    """One part of a round's letters, and a message for the next: each part is committed by itself."""
    if telling.write(session, round_id):
        nudge(session, tell, round_id)


@every(seconds=300)
def begin(session: Session) -> None:
    telling.begin(session, at=now())


@every(seconds=30)
def work(session: Session) -> None:
    """Letters that are not written yet; without a broker the clock does a part itself."""
    for round_id in telling.waiting(session):
        if not publish(tell, round_id):
            telling.write(session, round_id)
