"""Background tasks of arguments: follow the ledger, and propose again when enough is new."""

from __future__ import annotations

from sqlalchemy.orm import Session

from consult.analysis.queries import list_behind
from consult.arguments import queries, service
from consult.core.clock import every
from consult.core.queue import nudge, publish, task


@task("analysis.follow_arguments")
def follow(session: Session, consultation_id: int) -> None:
    """Some entries on, and the next after them as a task of its own."""
    window, head = service.FOLLOWER.next_window(session, consultation_id)
    service.FOLLOWER.follow(session, consultation_id=consultation_id, until=window.until)
    if window.until < head:
        nudge(session, follow, consultation_id)


@task("analysis.propose_arguments")
def propose(session: Session, consultation_id: int, place: str) -> None:
    service.propose(session, consultation_id=consultation_id, place=place)


@task("analysis.recentre_arguments")
def recentre(session: Session, argument_id: int) -> None:
    service.recentre(session, argument_id)


@task("analysis.learn_labels")
def learn(session: Session, consultation_id: int) -> None:
    service.learn_labels(session, consultation_id=consultation_id)


@every(seconds=20, timeless=True)
def catch_up(session: Session) -> None:
    for consultation_id in list_behind(session, service.FOLLOWER):
        publish(follow, consultation_id)
    for consultation_id, place in queries.list_due(session):
        publish(propose, consultation_id, place)
