"""Plans and actions of a body that is merged into another."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.orm import Session

from consult.plans.model import ActionPlan, PlanAction


def move(session: Session, body_id: int, into_id: int) -> None:
    """Gives them to the other: its plans, what it promised, and what it is to do."""
    session.execute(update(ActionPlan).where(ActionPlan.body_id == body_id).values(body_id=into_id))
    for column in (PlanAction.body_id, PlanAction.owner_id):
        session.execute(update(PlanAction).where(column == body_id).values({column: into_id}))
