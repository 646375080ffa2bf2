"""Joint consultations: a lead of each consulting body must agree before publication."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.bodies import service as bodies
from consult.bodies.model import BodyRole, PublicBody
from consult.consultations import agreement, joint_letters, rights, service
from consult.consultations.joint.model import ConsultationBody, PartInConsultation
from consult.consultations.joint_letters import BodyAnswer
from consult.consultations.model import Consultation, Phase
from consult.consultations.rights import Deed
from consult.core.clock import now
from consult.core.errors import Forbidden, NotFound, Refusal
from consult.core.i18n import _
from consult.ledger.model import Kind

MOST = 20


def list_asking(session: Session, row: Consultation) -> Sequence[PublicBody]:
    """Return the consulting bodies, main body first, with one query."""
    other = select(ConsultationBody.body_id).where(
        ConsultationBody.consultation_id == row.id, ConsultationBody.part == PartInConsultation.ASKS
    )
    return session.scalars(
        select(PublicBody)
        .where(or_(PublicBody.id == row.body_id, PublicBody.id.in_(other)))
        .order_by(PublicBody.id != row.body_id, PublicBody.name)
    ).all()


def may_see(session: Session, number: int, by: Account) -> bool:
    """Return True if a person can still see a consultation after their change."""
    return rights.may(session, by, session.get_one(Consultation, number), Deed.SEE)


def list_others(session: Session, row: Consultation) -> Sequence[tuple[ConsultationBody, PublicBody]]:
    """Return the other bodies of a consultation, with their role and agreement."""
    rows = session.execute(
        select(ConsultationBody, PublicBody)
        .join(PublicBody, PublicBody.id == ConsultationBody.body_id)
        .where(ConsultationBody.consultation_id == row.id)
        .order_by(ConsultationBody.part, PublicBody.name)
    )
    return [(part, body) for part, body in rows]


def add(session: Session, *, number: int, by: Account, body_id: int, part: PartInConsultation) -> None:
    """Add a consulting body or a reading body. After publication only readers can be added. Raises Refusal.

    The leads of a new consulting body are e-mailed for their agreement.
    """
    row = service.lock_owned(session, number, by, Deed.DECIDE)
    body = session.get(PublicBody, body_id)
    if body is None or body.id == row.body_id:
        raise Refusal(_("Choose another body."), field="body")
    if row.body_id is None:
        error = _("This consultation has no public body yet. Choose one under “Subject” first.")
        raise Refusal(error, field="body")
    if part is PartInConsultation.ASKS and row.phase is not Phase.DRAFT:
        raise service.AlreadyPublished(_("You cannot change the consulting bodies after publication."))
    if len(list_others(session, row)) >= MOST:
        raise Refusal(_("A consultation can have at most %(most)s other bodies.", most=MOST), field="body")
    found = session.get(ConsultationBody, (row.id, body.id))
    asked = found is not None and found.part is PartInConsultation.ASKS and found.agreed_at is None
    if found is None:
        session.add(ConsultationBody(consultation_id=row.id, body_id=body.id, part=part))
    else:
        found.part, found.agreed_at, found.agreed_by_id = part, None, None
    session.flush()
    if part is PartInConsultation.ASKS and not asked:
        joint_letters.ask_to_agree(session, row, [body.id], by=by)


def remove(session: Session, *, number: int, by: Account, body_id: int) -> None:
    """Remove another body before publication: by a person who decides on the consultation, or a lead of that body.

    Raises AlreadyPublished and NotFound.
    """
    row = _lock(session, number)
    if bodies.find_role(session, body_id, by) is not BodyRole.LEAD:
        service.check_owned(session, row, by, Deed.DECIDE)
    found = session.get(ConsultationBody, (row.id, body_id))
    if found is None:
        raise NotFound(_("This body is not part of the consultation."))
    if found.part is PartInConsultation.ASKS and row.phase is not Phase.DRAFT:
        raise service.AlreadyPublished(_("You cannot change the consulting bodies after publication."))
    answer = joint_letters.answer_of_leaving(found)
    session.execute(
        delete(ConsultationBody).where(ConsultationBody.consultation_id == row.id, ConsultationBody.body_id == body_id)
    )
    joint_letters.tell_answer(session, row, body_id, answer, by=by, missing=len(agreement.list_missing(session, row)))


def agree(session: Session, *, number: int, by: Account, body_id: int, at: datetime | None = None) -> None:
    """Record a body's agreement by its lead. It is cancelled by the next change. Safe to repeat.

    Raises Forbidden and NotFound.
    """
    row = _lock(session, number)
    found = session.get(ConsultationBody, (row.id, body_id), populate_existing=True)
    if found is None or found.part is not PartInConsultation.ASKS:
        raise NotFound(_("This body is not part of the consultation."))
    if bodies.find_role(session, body_id, by) is not BodyRole.LEAD:
        raise Forbidden(_("Only a lead of this body can approve the consultation on its behalf."))
    if row.phase is not Phase.DRAFT or found.agreed_at is not None:
        return
    found.agreed_at, found.agreed_by_id = at or now(), by.id
    detail = {"body": body_id}
    service.record_entry(session, Kind.CONSULTATION_AGREED, row, by=by, at=found.agreed_at, detail=detail)
    session.flush()
    joint_letters.tell_answer(
        session, row, body_id, BodyAnswer.AGREED, by=by, missing=len(agreement.list_missing(session, row))
    )


def _lock(session: Session, number: int) -> Consultation:
    wanted = select(Consultation).where(Consultation.id == number).with_for_update()
    row = session.scalar(wanted.execution_options(populate_existing=True))
    if row is None:
        raise NotFound(_("We cannot find this consultation. Check the number."))
    return row
