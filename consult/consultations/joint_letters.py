"""E-mails of joint consultations: requests for agreement to leads, and answers of bodies."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.bodies.model import BodyMember, BodyRole, PublicBody
from consult.consultations.joint.model import ConsultationBody, PartInConsultation
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.crypto import unseal
from consult.mail import service as mail


class BodyAnswer(StrEnum):
    """The answer of an invited body, given by its lead."""

    AGREED = "agreed"
    DECLINED = "declined"  # before agreeing
    LEFT = "left"  # after having agreed
    READS_NO_MORE = "reads_no_more"


def answer_of_leaving(part: ConsultationBody) -> BodyAnswer:
    """Return the answer that a body gives by removing itself."""
    if part.part is PartInConsultation.HEARS:
        return BodyAnswer.READS_NO_MORE
    return BodyAnswer.LEFT if part.agreed_at else BodyAnswer.DECLINED


def tell_answer(
    session: Session, row: Consultation, body_id: int, answer: BodyAnswer, *, by: Account, missing: int
) -> None:
    """E-mail the answer of a body to the consultation owner, unless the owner gave it."""
    asker, body = session.get_one(Account, row.owner_id), session.get_one(PublicBody, body_id)
    if asker.id == by.id:
        return
    mail.post(
        session,
        key=f"agree:{row.id}:{body_id}:{answer}:{now():%Y%m%d%H%M%S%f}",
        to=unseal(asker.email_sealed),
        language=asker.language,
        template="consultations/mail/body_answers",
        title=row.title,
        body=body.name_in(asker.language),
        by=by.display_name,
        answer=answer,
        number=row.id,
        missing=missing,
    )


def ask_to_agree(session: Session, row: Consultation, body_ids: Collection[int], *, by: Account | None) -> None:
    """E-mail every lead of these bodies except `by`. `by` is None if a change cancelled agreements."""
    leads = session.execute(
        select(PublicBody, Account)
        .join(BodyMember, BodyMember.body_id == PublicBody.id)
        .join(Account, Account.id == BodyMember.account_id)
        .where(PublicBody.id.in_(body_ids), BodyMember.role == BodyRole.LEAD, Account.verified_at.is_not(None))
        .order_by(PublicBody.id, Account.id)
    )
    for body, lead in leads:
        if by is not None and by.id == lead.id:
            continue
        mail.post(
            session,
            key=f"agree:{row.id}:{body.id}:{lead.id}:{now():%Y%m%d%H%M%S%f}",
            to=unseal(lead.email_sealed),
            language=lead.language,
            template="consultations/mail/agree",
            title=row.title,
            asks=row.body,
            body=body.name_in(lead.language),
            number=row.id,
            by=by.display_name if by else None,
        )
