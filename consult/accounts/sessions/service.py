"""Server-side sessions: create, find by token, list and end."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.accounts.sessions.model import AccountSession, SecondStep, SignIn, SignInMethod
from consult.core.clock import now
from consult.core.crypto import hash_token, new_token
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.core.web.access import Allow, Role, is_allowed

UNUSED = timedelta(days=90)
"""Sessions that are unused for this long expire."""
KEPT = timedelta(days=90)
"""The retention period of recorded sign-ins."""
_LISTED = 50
_SIGN_INS = 20
LIMITED_ROLES = [role for role in Role if is_allowed(Allow.MODERATOR, role)]
"""Roles that can read unpublished submissions. Their sessions expire after some hours."""


@dataclass(frozen=True)
class FoundSession:
    """The session of a request."""

    id: int
    account: Account
    begun_at: datetime
    seen_at: datetime
    second: SecondStep | None


@dataclass(frozen=True)
class ProviderLink:
    """The provider identity that a session comes from, and the hash of the provider's session ID."""

    identity_id: int
    session: bytes | None
    own_factor: bool = False  # whether the provider asks for a second factor


def begin(
    session: Session,
    account: Account,
    *,
    method: SignInMethod,
    device: str = "",
    second: SecondStep | None = None,
    link: ProviderLink | None = None,
    at: datetime | None = None,
) -> str:
    """Create a session and return the token for the cookie. Only its hash is stored."""
    token, hour = new_token(), _hour(at or now())
    session.add(
        AccountSession(
            hash=hash_token(token),
            account_id=account.id,
            epoch=account.session_epoch,
            method=method,
            second=second,
            identity_id=link.identity_id if link else None,
            provider_session=link.session if link else None,
            device=device,
            begun_at=hour,
            seen_at=hour,
        )
    )
    session.flush()
    return token


def find(session: Session, token: str) -> FoundSession | None:
    """Return the session with this token and its account, or None if it has ended. Uses one query."""
    kept = (AccountSession.id, AccountSession.begun_at, AccountSession.seen_at, AccountSession.second)
    row = session.execute(
        select(Account, *kept)
        .join(AccountSession, AccountSession.account_id == Account.id)
        .where(
            AccountSession.hash == hash_token(token),
            AccountSession.epoch == Account.session_epoch,
            Account.suspended_at.is_(None),
        )
    ).first()
    return FoundSession(row[1], row[0], row[2], row[3], row[4]) if row else None


def record_sign_in(
    session: Session,
    account: Account,
    *,
    method: SignInMethod,
    second: SecondStep | None,
    device: str,
    at: datetime | None = None,
) -> None:
    """Record the hour and method of a sign-in for 90 days."""
    hour = _hour(at or now())
    session.add(SignIn(account_id=account.id, method=method, second=second, device=device, at=hour))
    session.flush()


def list_sign_ins(session: Session, account: Account) -> Sequence[SignIn]:
    """Return the last twenty sign-ins, newest first."""
    mine = select(SignIn).where(SignIn.account_id == account.id)
    return session.scalars(mine.order_by(SignIn.at.desc(), SignIn.id.desc()).limit(_SIGN_INS)).all()


def count_sign_ins(session: Session, ids: Collection[int]) -> dict[int, tuple[int, datetime]]:
    """Return, by account ID, the number of sign-ins within 90 days and the hour of the last one."""
    rows = session.execute(
        select(SignIn.account_id, func.count(), func.max(SignIn.at))
        .where(SignIn.account_id.in_(ids))
        .group_by(SignIn.account_id)
    )
    return {number: (times, last) for number, times, last in rows}


def is_use_due(known: FoundSession, *, at: datetime | None = None) -> bool:
    """Return True if the session's last-seen hour needs updating."""
    return _hour(at or now()) > known.seen_at


def note_use(session: Session, number: int, *, at: datetime | None = None) -> None:
    """Set the session's last-seen hour."""
    session.execute(update(AccountSession).where(AccountSession.id == number).values(seen_at=_hour(at or now())))


def list_sessions(session: Session, account: Account) -> Sequence[AccountSession]:
    """Return the account's sessions, most recently used first, at most fifty."""
    rows = select(AccountSession).where(AccountSession.account_id == account.id)
    return session.scalars(rows.order_by(AccountSession.seen_at.desc(), AccountSession.id.desc()).limit(_LISTED)).all()


def end(session: Session, token: str) -> None:
    """Delete the session of this token."""
    session.execute(delete(AccountSession).where(AccountSession.hash == hash_token(token)))


def end_one(session: Session, account: Account, number: int) -> None:
    """End one session of the account. Raises NotFound for other accounts' sessions and for ended ones."""
    mine = delete(AccountSession).where(AccountSession.id == number, AccountSession.account_id == account.id)
    if session.scalar(mine.returning(AccountSession.id)) is None:
        raise NotFound(_("This session has already ended."))


def end_all(session: Session, account: Account, *, but: int | None = None) -> None:
    """End all sessions of the account except `but`, which moves to the account's new epoch."""
    mine = AccountSession.account_id == account.id
    session.execute(delete(AccountSession).where(mine if but is None else mine & (AccountSession.id != but)))
    if but is not None:
        kept = update(AccountSession).where(mine, AccountSession.id == but)
        session.execute(kept.values(epoch=account.session_epoch))


def forget_ended(session: Session, *, limited_hours: int, at: datetime | None = None) -> None:
    """Delete expired sessions and sign-ins.

    Sessions expire after 90 unused days; those of moderators and administrators after `limited_hours`.
    """
    moment = at or now()
    session.execute(delete(SignIn).where(SignIn.at < moment - KEPT))
    limited = select(Account.id).where(Account.role.in_(LIMITED_ROLES))
    old = AccountSession.begun_at < moment - timedelta(hours=limited_hours + 1)
    session.execute(
        delete(AccountSession).where(
            (AccountSession.seen_at < moment - UNUSED) | (old & AccountSession.account_id.in_(limited))
        )
    )


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)
