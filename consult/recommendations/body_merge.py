"""Transfer of given recommendations when a body is merged into another."""

from __future__ import annotations

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from consult.recommendations.model import GivenRecommendation


def move(session: Session, body_id: int, into_id: int) -> None:
    """Transfer the recommendations given to a body. Those that the other body has too keep its row."""
    table = GivenRecommendation
    others = select(table.recommendation_id).where(table.body_id == into_id).scalar_subquery()
    session.execute(delete(table).where(table.body_id == body_id, table.recommendation_id.in_(others)))
    session.execute(update(table).where(table.body_id == body_id).values(body_id=into_id))
