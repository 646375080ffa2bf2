"""Background tasks of arguments: follow the ledger, and propose arguments again when enough is new."""

from __future__ import annotations

from sqlalchemy.orm import Session

from consult.analysis.queries import list_behind
from consult.arguments import queries, service
from consult.core.clock import every
from consult.core.queue import Busy, nudge, publish, task


@task("analysis.follow_arguments")
def follow(session: Session, consultation_id: int) -> None:
    """Process some ledger entries and queue the next step. Does nothing if another worker holds the lock."""
    with service.FOLLOWER.paced_step() as most:
        left = service.FOLLOWER.handle_next(session, consultation_id, most=most)
    if left:
        nudge(session, follow, consultation_id)


@task("analysis.propose_arguments", minutes=10)
def propose(session: Session, consultation_id: int, place: str) -> None:
    """Propose arguments on a part of the draft.

    If another worker holds the lock, do nothing if `catch_up` will ask again, so that requests do not pile up.
    Otherwise raise Busy to retry.
    """
    if not service.FOLLOWER.try_lock(session, consultation_id):
        if (consultation_id, place) in queries.list_due(session):
            return
        raise Busy
    service.propose(session, consultation_id=consultation_id, place=place)
    nudge(session, place_rest, consultation_id, place)


@task("analysis.place_rest")
def place_rest(session: Session, consultation_id: int, place: str) -> None:
    """Run one step and queue the next one. Does nothing if another worker is running a step; `catch_up` asks again."""
    if service.FOLLOWER.try_lock(session, consultation_id) and service.place_rest(
        session, consultation_id=consultation_id, place=place
    ):
        nudge(session, place_rest, consultation_id, place)


@task("analysis.recentre_arguments")
def recentre(session: Session, argument_id: int) -> None:
    service.recentre(session, argument_id)


@every(seconds=20, timeless=True)
def catch_up(session: Session) -> None:
    for consultation_id in list_behind(session, service.FOLLOWER):
        publish(follow, consultation_id)
    for consultation_id, place in queries.list_due(session):
        publish(propose, consultation_id, place)
    for consultation_id, place in queries.list_unfinished(session):
        publish(place_rest, consultation_id, place)
