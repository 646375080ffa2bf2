"""Background tasks of positions: the ranking of copies with added words is learnt again after each ten answers."""

from __future__ import annotations

from sqlalchemy.orm import Session

from consult.core.clock import every
from consult.core.queue import publish, task
from consult.positions import jobs, service


@task("analysis.rank_additions")
def rank_additions(session: Session, campaign_id: int) -> None:
    """Rank the copies of one letter."""
    jobs.rank_additions(session, campaign_id)


@every(seconds=60, timeless=True)
def rank_due(session: Session) -> None:
    """Queue rankings whose message was lost."""
    for campaign_id in service.list_due_rankings(session):
        publish(rank_additions, campaign_id)
