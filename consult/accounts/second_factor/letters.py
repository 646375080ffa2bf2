"""Letters about the second step of an account: whatever changes it is told to its address."""

from __future__ import annotations

from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.core.clock import now
from consult.core.crypto import new_token, unseal_address
from consult.mail import service as mail


def post_change(session: Session, account: Account, what: str, *, left: int = 0) -> None:
    """Tells the account's address of a change; `left` is how many recovery codes it still has.

    `what`: app_added, app_removed, passkey_added, passkey_removed, codes_renewed, recovery_used, reset, linked or
    unlinked.
    """
    mail.post(
        session,
        key=f"account:factor:{account.id}:{what}:{new_token()[:12]}",
        to=unseal_address(account.email_sealed),
        template="accounts/mail/factor",
        language=account.language,
        what=what,
        left=left,
        at=now(),
    )


def warn_of_wrong_codes(session: Session, account: Account) -> None:
    """Writes once a day that somebody who knows the password, or reads the mail, enters wrong codes."""
    mail.post(
        session,
        key=f"account:wrong-codes:{account.id}:{now():%Y-%m-%d}",
        to=unseal_address(account.email_sealed),
        template="accounts/mail/wrong_codes",
        language=account.language,
    )
