"""Suspended accounts: sign-in is blocked and sessions end immediately. An administrator can restore the account."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.accounts.sessions import service as sessions
from consult.core.clock import now
from consult.core.crypto import new_token, pseudonym, unseal_address
from consult.core.db import advisory_lock
from consult.core.errors import Conflict, Forbidden
from consult.core.i18n import _
from consult.core.web.access import Role
from consult.ledger import service as ledger
from consult.ledger.model import Kind
from consult.mail import service as mail


class AccountSuspended(Forbidden):
    """Sign-in is refused because an administrator suspended the account."""

    title = "Your account is suspended"


def require_active(account: Account) -> None:
    """Raise AccountSuspended if the account is suspended."""
    if account.suspended_at is not None:
        raise AccountSuspended(
            _("This account is suspended, so nobody can sign in to it. Ask the team that runs this site to restore it.")
        )


def suspend(session: Session, account: Account, *, by: Account, at: datetime | None = None) -> None:
    """Suspend an account and end its sessions. Its role, submissions, decisions and second step are kept.

    Safe to repeat. Raises Conflict for one's own account and for the last active administrator.
    """
    advisory_lock(session, "accounts.admins")
    session.refresh(account, with_for_update=True)
    if account.suspended_at is not None:
        return
    if account.id == by.id:
        raise Conflict(_("You cannot suspend your own account. Ask another administrator."))
    other = select(Account.id).where(
        Account.role == Role.ADMIN, Account.id != account.id, Account.suspended_at.is_(None)
    )
    if account.role is Role.ADMIN and session.scalar(other.limit(1)) is None:
        raise Conflict(_("This is the last administrator. Make someone else an administrator first."))
    account.suspended_at = at or now()
    account.session_epoch += 1
    sessions.end_all(session, account)
    _record(session, Kind.ACCOUNT_SUSPENDED, account, by)


def restore(session: Session, account: Account, *, by: Account) -> None:
    """Lift a suspension, so that the account can sign in again."""
    session.refresh(account, with_for_update=True)
    if account.suspended_at is None:
        return
    account.suspended_at = None
    _record(session, Kind.ACCOUNT_RESTORED, account, by)


def _record(session: Session, kind: Kind, account: Account, by: Account) -> None:
    actor = pseudonym("account", by.id)
    ledger.record(session, kind, subject_id=account.id, actor=actor, detail={"role": account.role})
    mail.post(
        session,
        key=f"{kind}:{account.id}:{new_token()[:12]}",
        to=unseal_address(account.email_sealed),
        template="accounts/mail/suspended",
        language=account.language,
        suspended=account.suspended_at is not None,
        at=account.suspended_at or now(),
    )
    session.flush()
