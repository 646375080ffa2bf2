"""The letter to who wrote a report that a moderator has withheld."""

from __future__ import annotations

from sqlalchemy.orm import Session

from consult.accounts.model import Account, Organisation
from consult.core.crypto import unseal
from consult.mail import service as mail
from consult.moderation.policy.reasons import load_names
from consult.plans.model import ActionReport, PlanAction


def post_withheld(session: Session, row: ActionReport, action: PlanAction) -> None:
    """Writes the reason to who wrote the report, once; not to an account that is deleted."""
    author = session.get_one(Account, row.account_id)
    if author.verified_at is None:
        return
    mail.post(
        session,
        key=f"action_report:withheld:{row.id}",
        to=unseal(author.email_sealed),
        template="plans/mail/withheld",
        language=author.language,
        number=action.id,
        title=action.title,
        content_language=action.language,
        organisation=session.get_one(Organisation, row.organisation_id).name,
        reason=row.reason,
        reasons=load_names(session, [row.reason]),
    )
