"""Agreement of the other bodies of a joint consultation, required before publication and again after a change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from consult.bodies.model import PublicBody
from consult.consultations import joint_letters
from consult.consultations.datetimes import to_wall_clock
from consult.consultations.joint.model import ConsultationBody, PartInConsultation
from consult.consultations.model import Consultation
from consult.core.errors import Refusal
from consult.core.i18n import _


def list_missing(session: Session, row: Consultation) -> Sequence[str]:
    """Return the names of consulting bodies that have not agreed."""
    return session.scalars(
        select(PublicBody.name)
        .join(ConsultationBody, ConsultationBody.body_id == PublicBody.id)
        .where(
            ConsultationBody.consultation_id == row.id,
            ConsultationBody.part == PartInConsultation.ASKS,
            ConsultationBody.agreed_at.is_(None),
        )
        .order_by(PublicBody.name)
    ).all()


def check_agreed(session: Session, row: Consultation) -> None:
    """Raise Refusal while a consulting body has not agreed. A database trigger enforces the same."""
    if missing := list_missing(session, row):
        raise Refusal(
            _("You can publish this consultation when these bodies have agreed: %(names)s.", names=", ".join(missing))
        )
    _check_promise(session, row)


def _check_promise(session: Session, row: Consultation) -> None:
    """Raise Refusal if the answers of a joint consultation are due later than the earliest promise of its bodies."""
    other = select(ConsultationBody.body_id).where(
        ConsultationBody.consultation_id == row.id, ConsultationBody.part == PartInConsultation.ASKS
    )
    if row.body_id is None or session.scalar(other.limit(1)) is None:
        return
    asks = or_(PublicBody.id == row.body_id, PublicBody.id.in_(other))
    days = session.scalar(select(func.min(PublicBody.promise_days)).where(asks))
    if days is None:
        return
    latest = to_wall_clock(row.closes_at, row.timezone).date() + timedelta(days=days)
    if row.answer_by is None or row.answer_by > latest:
        error = _(
            "One consulting body answers within %(days)s days after closing. Set the due date to %(day)s or earlier.",
            days=days,
            day=latest.isoformat(),
        )
        raise Refusal(error, field="answer_by")


def lapse(session: Session, row: Consultation) -> None:
    """Cancel all agreements after a change, and ask the leads of these bodies again."""
    if row.body_id is not None:
        had = ConsultationBody.consultation_id == row.id, ConsultationBody.agreed_at.is_not(None)
        lapsed = update(ConsultationBody).where(*had).values(agreed_at=None, agreed_by_id=None)
        if asked := session.scalars(lapsed.returning(ConsultationBody.body_id)).all():
            joint_letters.ask_to_agree(session, row, asked, by=None)
