"""Statements and arguments in the background: they follow the ledger, and are proposed anew where enough is new."""

from __future__ import annotations

from sqlalchemy.orm import Session

from consult.arguments import queries, service
from consult.core.clock import every
from consult.core.queue import nudge, publish, task
from consult.ledger import service as ledger


@task("analysis.follow_arguments")
def follow(session: Session, consultation_id: int) -> None:
    """Some entries on, and the next after them as a task of its own."""
    head = ledger.head(session)
    until = min(head, service.position(session, consultation_id) + service.STEP)
    service.follow(session, consultation_id=consultation_id, until=until)
    if until < head:
        nudge(session, follow, consultation_id)


@task("analysis.propose_arguments")
def propose(session: Session, consultation_id: int, place: str) -> None:
    service.propose(session, consultation_id=consultation_id, place=place)


@task("analysis.learn_labels")
def learn(session: Session, consultation_id: int) -> None:
    service.learn(session, consultation_id=consultation_id)


@every(seconds=20)
def catch_up(session: Session) -> None:
    for consultation_id in queries.behind(session):
        publish(follow, consultation_id)
    for consultation_id, place in queries.due(session):
        publish(propose, consultation_id, place)
