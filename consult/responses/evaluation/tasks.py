"""Periodic tasks of feedback: ask participants once the outcome is known."""

from __future__ import annotations

from sqlalchemy.orm import Session

from consult.core.clock import every, now
from consult.core.queue import nudge, publish, task
from consult.responses.evaluation import letters, service


@task("responses.evaluation.ask")
def ask(session: Session, consultation_id: int) -> None:
    """Create one part of the e-mails and queue a message for the next. Each part is a transaction."""
    if letters.write_letters(session, consultation_id):
        nudge(session, ask, consultation_id)


@every(seconds=300)
def open_due(session: Session) -> None:
    service.open_due(session, at=now())


@every(seconds=30)
def work(session: Session) -> None:
    """Continue pending e-mails. Without a broker, create one part here."""
    for consultation_id in letters.list_unfinished(session):
        if not publish(ask, consultation_id):
            letters.write_letters(session, consultation_id)
