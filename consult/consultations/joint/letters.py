"""Letters to the leads of a body that is asked to agree to a consultation of several bodies."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.bodies.model import BodyMember, BodyRole, PublicBody
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.crypto import unseal
from consult.mail import service as mail


def ask_to_agree(session: Session, row: Consultation, body_ids: Collection[int], *, by: Account | None) -> None:
    """Writes to every lead of these bodies but `by`; `by` is None where a change asks again those who had agreed."""
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
