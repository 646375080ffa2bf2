"""Transfer of plans and actions when a body is merged into another."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.orm import Session

from consult.plans.model import ActionPlan, Doer, PlanAction


def move(session: Session, body_id: int, into_id: int) -> None:
    """Transfer plans and actions to the other body. The printed name of the responsible party is kept."""
    moved = {"body_id": into_id, "revision": ActionPlan.revision + 1}
    session.execute(update(ActionPlan).where(ActionPlan.body_id == body_id).values(moved))
    session.execute(update(PlanAction).where(PlanAction.body_id == body_id).values(body_id=into_id))
    session.execute(update(PlanAction).where(PlanAction.owner_id == body_id).values(owner_id=into_id))
    session.execute(update(Doer).where(Doer.body_id == body_id).values(body_id=into_id))
