"""Reminders of unfinished submissions before closing: one e-mail, to the account or the organisation's members.

Followers of the consultation are reminded of its closing anyway. A draft without an account has no address.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from consult.accounts.model import Account, Membership
from consult.consultations.followers.service import REMINDER_LEAD
from consult.consultations.model import Consultation, Follow, Phase
from consult.core.crypto import UnsealError, unseal_address
from consult.mail import service as mail
from consult.submissions.drafts.service import unseal_draft
from consult.submissions.model import Draft

_BATCH = 500


def remind(session: Session, *, at: datetime) -> int:
    """Create the due reminders, once for each closing time, and return the number of drafts examined."""
    due = session.execute(
        select(Draft, Consultation)
        .join(Consultation, Consultation.id == Draft.consultation_id)
        .where(
            Consultation.phase == Phase.OPEN,
            Consultation.closes_at > at,
            Consultation.closes_at <= at + REMINDER_LEAD,
            Draft.reminded_for.is_distinct_from(Consultation.closes_at),
            or_(Draft.account_id.is_not(None), Draft.organisation_id.is_not(None)),
        )
        .order_by(Draft.id)
        .limit(_BATCH)
        .with_for_update(of=Draft, skip_locked=True)
    ).all()
    for draft, consultation in due:
        if _holds_something(draft):
            _tell(session, consultation, _writers(session, draft))
        seen = update(Draft).where(Draft.id == draft.id).values(reminded_for=consultation.closes_at)
        session.execute(seen.execution_options(synchronize_session=False))  # does not count as a change of the draft
    return len(due)


def _holds_something(draft: Draft) -> bool:
    """Return whether there is anything to finish. Drafts that cannot be decrypted are skipped."""
    try:
        writing = unseal_draft(draft)
    except UnsealError:
        return False
    return bool(writing.words or writing.evidence)


def _writers(session: Session, draft: Draft) -> Sequence[Account]:
    """Return the accounts that can finish the draft and get no reminder as followers."""
    told = select(Follow.account_id).where(
        Follow.consultation_id == draft.consultation_id,
        Follow.confirmed_at.is_not(None),
        Follow.account_id == Account.id,
    )
    members = select(Membership.account_id).where(Membership.organisation_id == draft.organisation_id)
    its_own = or_(Account.id == draft.account_id, Account.id.in_(members))
    return session.scalars(select(Account).where(its_own, ~told.exists()).order_by(Account.id)).all()


def _tell(session: Session, consultation: Consultation, accounts: Iterable[Account]) -> None:
    for account in accounts:
        mail.post(
            session,
            key=f"unfinished:{consultation.id}:{account.id}:{consultation.closes_at:%Y%m%d%H%M}",
            to=unseal_address(account.email_sealed),
            template="submissions/mail/unfinished",
            language=account.language,
            title=consultation.title,
            body=consultation.body,
            slug=consultation.slug,
            zone=consultation.timezone,
            closes_at=consultation.closes_at,
        )
