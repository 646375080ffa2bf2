"""Reset of two-step verification by an administrator, on a page or on the command line."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from consult.accounts import service
from consult.accounts.model import Account
from consult.accounts.passkeys.model import Passkey
from consult.accounts.second_factor import letters
from consult.accounts.second_factor.model import Authenticator, RecoveryCode
from consult.core.clock import now
from consult.core.crypto import pseudonym
from consult.core.errors import Conflict
from consult.core.i18n import _
from consult.ledger import service as ledger
from consult.ledger.model import Kind


def reset(session: Session, account: Account, *, by: Account | None, at: datetime | None = None) -> None:
    """Remove all factors of a person who lost them. The caller has verified the person's identity.

    `by` is None on the command line. All sessions end. If the role requires two-step verification, 14 new days of grace
    begin. Does nothing for an account without factors. Raises Conflict for the administrator's own account.
    """
    if by is not None and by.id == account.id:
        raise Conflict(
            _(
                "This is your own account. Turn off two-step verification on your account page, or ask another "
                "administrator."
            )
        )
    session.refresh(account, with_for_update=True)
    if account.factor_since is None:
        return
    for table in (Authenticator, RecoveryCode, Passkey):
        session.execute(delete(table).where(table.account_id == account.id))
    account.factor_since, account.factor_asked_at = None, at or now()
    service.end_sessions(session, account)
    actor = pseudonym("account", by.id) if by else None
    ledger.record(session, Kind.FACTOR_RESET, subject_id=account.id, actor=actor, detail={})
    letters.post_change(session, account, "reset")
    session.flush()
