"""Transfer of consultations when a body is merged into another."""

from __future__ import annotations

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from consult.consultations.joint.model import ConsultationBody
from consult.consultations.model import Consultation


def move(session: Session, body_id: int, into_id: int) -> None:
    """Move the consultations and parts of one body to another. The printed name of the body is unchanged."""
    session.execute(update(Consultation).where(Consultation.body_id == body_id).values(body_id=into_id))
    there = select(ConsultationBody.consultation_id).where(ConsultationBody.body_id == into_id)
    first = select(Consultation.id).where(Consultation.body_id == into_id)
    both = ConsultationBody.consultation_id.in_(there.scalar_subquery())
    session.execute(delete(ConsultationBody).where(ConsultationBody.body_id == body_id, both))
    moved = update(ConsultationBody).where(ConsultationBody.body_id == body_id)
    session.execute(moved.values(body_id=into_id))
    alone = delete(ConsultationBody).where(ConsultationBody.body_id == into_id)
    session.execute(alone.where(ConsultationBody.consultation_id.in_(first)))
