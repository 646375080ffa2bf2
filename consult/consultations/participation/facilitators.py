"""Accounts that a consultation's owner allows to submit for groups."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.accounts import service as accounts
from consult.accounts.model import Account
from consult.consultations import service
from consult.consultations.model import Consultation, Facilitator
from consult.core.clock import now
from consult.core.errors import Refusal
from consult.core.i18n import _


def allow(session: Session, *, number: int, by: Account, email: str) -> Account:
    """Allow the account with this address to submit for groups. Safe to repeat. Raises a Refusal."""
    row = service.lock_owned(session, number, by)
    account = accounts.find_by_email(session, email)
    if account is None:
        raise Refusal(
            _("No account uses this e-mail address. Ask the person to create an account first."), field="email"
        )
    added = insert(Facilitator).values(consultation_id=row.id, account_id=account.id, allowed_at=now())
    session.execute(added.on_conflict_do_nothing())
    return account


def disallow(session: Session, *, number: int, by: Account, account_id: int) -> None:
    """Withdraw the permission to submit for groups. Past submissions are kept."""
    row = service.lock_owned(session, number, by)
    session.execute(
        delete(Facilitator).where(Facilitator.consultation_id == row.id, Facilitator.account_id == account_id)
    )


def delete_for_account(session: Session, *, account_id: int) -> None:
    """Delete the permissions of an account that is deleted."""
    session.execute(delete(Facilitator).where(Facilitator.account_id == account_id))


def list_allowed(session: Session, *, consultation: Consultation) -> Sequence[Account]:
    """Return the allowed accounts by name."""
    wanted = select(Account).join(Facilitator, Facilitator.account_id == Account.id)
    return session.scalars(
        wanted.where(Facilitator.consultation_id == consultation.id).order_by(Account.display_name, Account.id)
    ).all()


def may_facilitate(session: Session, *, consultation: Consultation, account_id: int) -> bool:
    wanted = select(Facilitator.id).where(
        Facilitator.consultation_id == consultation.id, Facilitator.account_id == account_id
    )
    return session.scalar(wanted) is not None
