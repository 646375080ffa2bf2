"""Jobs of positions that need numpy, so that web processes start without it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from consult.core.jobs import Job


@Job
def rank_additions(session: Session, campaign_id: int) -> None:
    """Rank the copies of a letter with added words by how likely they oppose it. Safe to repeat."""
    raise NotImplementedError
