"""E-mails about two-step verification. Changes are reported to the account's address."""

from __future__ import annotations

from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.core.clock import now
from consult.core.crypto import new_token, unseal_address
from consult.mail import service as mail


def post_change(session: Session, account: Account, what: str, *, left: int = 0) -> None:
    """E-mail the account about a change. `left` is the number of recovery codes left.

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
    """Warn the owner, at most once a day, that someone who passed the first step enters wrong codes."""
    mail.post(
        session,
        key=f"account:wrong-codes:{account.id}:{now():%Y-%m-%d}",
        to=unseal_address(account.email_sealed),
        template="accounts/mail/wrong_codes",
        language=account.language,
    )
