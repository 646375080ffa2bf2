"""Security e-mails to the owner of an account."""

from __future__ import annotations

from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.core.clock import now
from consult.core.crypto import unseal_address
from consult.core.languages import DEFAULT_LANGUAGE
from consult.mail import service as mail

NOBODY = "nobody@account.invalid"


def warn_of_wrong_passwords(session: Session, account: Account | None) -> None:
    """Warn the owner, at most once a day, that many wrong passwords were tried.

    Without an account or a password, write the same row and roll it back, so that timing does not reveal accounts.
    """
    real = account is not None and account.password_hash is not None
    at = now()
    mail.post(
        session,
        key=f"account:guessed:{account.id if account else 0}:{at:%Y-%m-%d}",
        to=unseal_address(account.email_sealed) if account else NOBODY,
        template="accounts/mail/guessed",
        language=account.language if account else DEFAULT_LANGUAGE,
    )
    if not real:
        session.rollback()
