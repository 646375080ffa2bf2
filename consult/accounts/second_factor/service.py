"""Two-step verification: authenticator app, recovery codes, and the state of an account.

`Account.factor_since` is a copy of whether there is a factor, so that pages need no extra query.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.accounts.passkeys.model import Passkey
from consult.accounts.second_factor import letters
from consult.accounts.second_factor.model import Authenticator, RecoveryCode
from consult.accounts.sessions.model import SecondStep
from consult.core.clock import now
from consult.core.crypto import keyed_hash, seal, unseal
from consult.core.errors import Conflict, Refusal
from consult.core.i18n import _
from consult.core.lazy import LazyModule
from consult.core.web.requests import settings

_pyotp: Any = LazyModule("pyotp")
RECOVERY_CODES = 10
STEP_SECONDS = 30
DRIFT = 1
"""The tolerated clock drift of a phone, in time steps. Source: RFC 6238, section 5.2."""
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Letters and digits without i, l, o, 0 and 1, which look alike."""


class WrongCode(Refusal):
    """The code matches neither the authenticator nor a recovery code of the account."""


@dataclass(frozen=True)
class FactorState:
    """The factors of an account: date the app was added, number of passkeys, recovery codes left."""

    app_since: datetime | None
    passkeys: int
    codes_left: int

    @property
    def any(self) -> bool:
        return self.app_since is not None or self.passkeys > 0


@dataclass(frozen=True)
class AppSetUp:
    """The secret for an authenticator app, and the URL shown as a QR code."""

    secret: str
    address: str


def get_state(session: Session, account: Account) -> FactorState:
    """Return the account's factors, with one query."""
    mine = account.id
    row = session.execute(
        select(
            select(Authenticator.confirmed_at).where(Authenticator.account_id == mine).scalar_subquery(),
            select(func.count()).where(Passkey.account_id == mine).scalar_subquery(),
            select(func.count())
            .where(RecoveryCode.account_id == mine, RecoveryCode.used_at.is_(None))
            .scalar_subquery(),
        )
    ).one()
    return FactorState(*row)


def begin_app(session: Session, account: Account, *, at: datetime | None = None) -> None:
    """Create a new secret, active once one of its codes is entered. Raises Conflict if an app is already set up."""
    row = _find_app(session, account)
    if row is not None and row.confirmed_at is not None:
        raise Conflict(_("You already have an authenticator app. Remove it first to set up another one."))
    if row is not None:
        session.delete(row)
        session.flush()
    session.add(
        Authenticator(
            account_id=account.id,
            secret_sealed=seal(_pyotp.random_base32()),
            last_step=0,
            made_at=at or now(),
            confirmed_at=None,
        )
    )
    session.flush()


def get_set_up(session: Session, account: Account) -> AppSetUp | None:
    """Return the secret of an app that is not confirmed yet, or None."""
    row = _find_app(session, account)
    if row is None or row.confirmed_at is not None:
        return None
    secret, host = unseal(row.secret_sealed), settings().host
    address = _pyotp.TOTP(secret).provisioning_uri(name=unseal(account.email_sealed), issuer_name=f"Consult {host}")
    return AppSetUp(secret, address)


def confirm_app(session: Session, account: Account, code: str, *, at: datetime | None = None) -> list[str]:
    """Activate the app; return recovery codes if it is the first factor.

    Raises WrongCode, and Conflict if not started.
    """
    moment = at or now()
    row = _find_app(session, account, lock=True)
    if row is None or row.confirmed_at is not None:
        raise Conflict(_("You have not started to set up an authenticator app. Start again."))
    step = _find_step(unseal(row.secret_sealed), code, moment)
    if step is None:
        raise WrongCode(
            _(
                "This is not the code your app shows now. Enter the newest one, and check that your device shows "
                "the right time."
            ),
            field="code",
        )
    row.confirmed_at, row.last_step = moment, step
    return note_added(session, account, "app", at=moment)


def note_added(session: Session, account: Account, what: str, *, at: datetime | None = None) -> list[str]:
    """E-mail the account about a new factor. Return recovery codes if it is the first one, else an empty list."""
    first = account.factor_since is None
    if first:
        account.factor_since = at or now()
    letters.post_change(session, account, f"{what}_added")
    return renew_codes(session, account, quiet=True) if first else []


def remove_app(session: Session, account: Account, code: str, *, at: datetime | None = None) -> None:
    """Remove the app after checking one of its codes or a recovery code. Raises WrongCode."""
    use_code(session, account, code, at=at)
    session.execute(delete(Authenticator).where(Authenticator.account_id == account.id))
    note_removed(session, account, "app")


def note_removed(session: Session, account: Account, what: str) -> None:
    """E-mail the account about a removed factor. If it was the last one, delete the recovery codes."""
    session.flush()
    if not get_state(session, account).any:
        account.factor_since = None
        session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))
    letters.post_change(session, account, f"{what}_removed")


def use_code(session: Session, account: Account, typed: str, *, at: datetime | None = None) -> SecondStep:
    """Use up an app code or a recovery code and return its type. Raises WrongCode, also for used codes."""
    moment = at or now()
    plain = "".join(typed.split()).replace("-", "").casefold()
    if plain.isascii() and plain.isdigit() and len(plain) == 6:
        if _use_app_code(session, account, plain, moment):
            return SecondStep.CODE
    elif plain and _use_recovery_code(session, account, plain, moment):
        letters.post_change(session, account, "recovery_used", left=get_state(session, account).codes_left)
        return SecondStep.RECOVERY
    raise WrongCode(
        _("This code is wrong or was already used. Enter the newest code from your app, or a recovery code."),
        field="code",
    )


def renew_codes(session: Session, account: Account, *, quiet: bool = False) -> list[str]:
    """Replace the account's recovery codes and return the ten new ones, which are shown once."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))
    codes = [_make_code() for _number in range(RECOVERY_CODES)]
    session.add_all(RecoveryCode(account_id=account.id, hash=_hash(account, code), used_at=None) for code in codes)
    if not quiet:
        letters.post_change(session, account, "codes_renewed")
    session.flush()
    return codes


def _find_app(session: Session, account: Account, *, lock: bool = False) -> Authenticator | None:
    asked = select(Authenticator).where(Authenticator.account_id == account.id)
    return session.scalar(asked.with_for_update() if lock else asked)


def _find_step(secret: str, code: str, moment: datetime) -> int | None:
    """Return the 30-second time step for which the code is valid, or None.

    All steps are compared, so that the time taken does not depend on the step.
    """
    plain = "".join(code.split())
    totp, present = _pyotp.TOTP(secret), int(moment.timestamp()) // STEP_SECONDS
    steps = range(present - DRIFT, present + DRIFT + 1)
    fits = [step for step in steps if secrets.compare_digest(totp.generate_otp(step).encode(), plain.encode())]
    return fits[-1] if fits else None


def _use_app_code(session: Session, account: Account, code: str, moment: datetime) -> bool:
    """Return True if the code is right and newer than the last one used. Of two concurrent uses, one succeeds."""
    row = _find_app(session, account)
    if row is None or row.confirmed_at is None:
        return False
    step = _find_step(unseal(row.secret_sealed), code, moment)
    if step is None:
        return False
    newer = update(Authenticator).where(Authenticator.id == row.id, Authenticator.last_step < step)
    used = session.scalar(newer.values(last_step=step).returning(Authenticator.id))
    return used is not None


def _use_recovery_code(session: Session, account: Account, code: str, moment: datetime) -> bool:
    mine = update(RecoveryCode).where(
        RecoveryCode.account_id == account.id,
        RecoveryCode.hash == _hash(account, code),
        RecoveryCode.used_at.is_(None),
    )
    return session.scalar(mine.values(used_at=moment).returning(RecoveryCode.id)) is not None


def _make_code() -> str:
    """Return ten random characters (49 bits) in two groups."""
    drawn = "".join(secrets.choice(_ALPHABET) for _place in range(10))
    return f"{drawn[:5]}-{drawn[5:]}"


def _hash(account: Account, code: str) -> bytes:
    return keyed_hash("recovery", f"{account.id}:{code.replace('-', '')}".encode())
