"""What the other bodies of a consultation have agreed to: all of it before publication, and again after a change."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from consult.bodies.model import Body
from consult.consultations.joint.model import BodyPart, ConsultationBody
from consult.consultations.model import Consultation
from consult.core.errors import Refusal
from consult.core.i18n import _


def list_missing(session: Session, row: Consultation) -> Sequence[str]:
    """The names of bodies that ask and have not agreed."""
    return session.scalars(
        select(Body.name)
        .join(ConsultationBody, ConsultationBody.body_id == Body.id)
        .where(
            ConsultationBody.consultation_id == row.id,
            ConsultationBody.part == BodyPart.ASKS,
            ConsultationBody.agreed_at.is_(None),
        )
        .order_by(Body.name)
    ).all()


def check_agreed(session: Session, row: Consultation) -> None:
    """Raises Refusal while a body that asks has not agreed; a trigger of the database does the same."""
    if missing := list_missing(session, row):
        raise Refusal(_("It cannot be published before these have agreed: %(names)s.", names=", ".join(missing)))


def lapse(session: Session, row: Consultation) -> None:
    """What was agreed to is changed: all are asked again."""
    if row.body_id is not None:
        lapsed = update(ConsultationBody).where(ConsultationBody.consultation_id == row.id)
        session.execute(lapsed.values(agreed_at=None, agreed_by_id=None))
