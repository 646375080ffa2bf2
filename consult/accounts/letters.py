"""Letters that tell an account's owner what happened to it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.core.clock import now
from consult.core.crypto import unseal_address
from consult.core.languages import DEFAULT_LANGUAGE
from consult.mail import service as mail

NOBODY = "nobody@account.invalid"


def warn_of_wrong_passwords(session: Session, account: Account | None) -> None:
    """Writes to the owner, once a day, that many wrong passwords were tried.

    For no account, or one without a password, the same is written and undone: the time must not tell who has one.
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
