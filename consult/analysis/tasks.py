"""The analysis in the background: after a burst the counts are brought up to date before a digest needs them."""

from __future__ import annotations

from sqlalchemy.orm import Session

from consult.analysis import queries, service
from consult.core.clock import every
from consult.core.queue import publish, task
from consult.ledger import service as ledger


@task("analysis.follow")
def follow(session: Session, consultation_id: int) -> None:
    service.follow(session, consultation_id=consultation_id, until=ledger.head(session))


@every(seconds=60)
def catch_up(session: Session) -> None:
    for consultation_id in queries.far_behind(session):
        publish(follow, consultation_id)
