"""Sessions kept at the server: begin, find by the cookie's token, list, end."""

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
"""A session without a page for so long ends."""
KEPT = timedelta(days=90)
"""How long the time of a sign-in is kept."""
_LISTED = 50
_SIGN_INS = 20
LIMITED_ROLES = [role for role in Role if is_allowed(Allow.MODERATOR, role)]
"""Roles that read unpublished words: their sessions end after some hours."""


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
    """Which identity at a provider a session comes from, and the hash of what the provider calls that session."""

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
    """Begins a session; gives the token for the cookie, of which only a hash is kept."""
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
    """The session with this token and its account, in one statement; None where it has ended."""
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
    """Keeps the hour and the means of a sign-in for 90 days."""
    hour = _hour(at or now())
    session.add(SignIn(account_id=account.id, method=method, second=second, device=device, at=hour))
    session.flush()


def list_sign_ins(session: Session, account: Account) -> Sequence[SignIn]:
    """The last twenty, the newest first."""
    mine = select(SignIn).where(SignIn.account_id == account.id)
    return session.scalars(mine.order_by(SignIn.at.desc(), SignIn.id.desc()).limit(_SIGN_INS)).all()


def count_sign_ins(session: Session, ids: Collection[int]) -> dict[int, tuple[int, datetime]]:
    """How often each of these accounts signed in within 90 days, and the hour of the last time."""
    rows = session.execute(
        select(SignIn.account_id, func.count(), func.max(SignIn.at))
        .where(SignIn.account_id.in_(ids))
        .group_by(SignIn.account_id)
    )
    return {number: (times, last) for number, times, last in rows}


def is_use_due(found: FoundSession, *, at: datetime | None = None) -> bool:
    """Whether the present hour is not noted yet."""
    return _hour(at or now()) > found.seen_at


def note_use(session: Session, number: int, *, at: datetime | None = None) -> None:
    """Notes the hour of a page."""
    session.execute(update(AccountSession).where(AccountSession.id == number).values(seen_at=_hour(at or now())))


def list_sessions(session: Session, account: Account) -> Sequence[AccountSession]:
    """Where the account is signed in, the latest first; the newest fifty."""
    rows = select(AccountSession).where(AccountSession.account_id == account.id)
    return session.scalars(rows.order_by(AccountSession.seen_at.desc(), AccountSession.id.desc()).limit(_LISTED)).all()


def end(session: Session, token: str) -> None:
    """Ends the session of this token; a copy of its cookie opens nothing any more."""
    session.execute(delete(AccountSession).where(AccountSession.hash == hash_token(token)))


def end_one(session: Session, account: Account, number: int) -> None:
    """Ends one session of the account. Raises NotFound for another account's, and for one that has ended."""
    mine = delete(AccountSession).where(AccountSession.id == number, AccountSession.account_id == account.id)
    if session.scalar(mine.returning(AccountSession.id)) is None:
        raise NotFound(_("This session has ended already."))


def end_all(session: Session, account: Account, *, but: int | None = None) -> None:
    """Ends every session of the account but one, which goes on in the account's new epoch."""
    mine = AccountSession.account_id == account.id
    session.execute(delete(AccountSession).where(mine if but is None else mine & (AccountSession.id != but)))
    if but is not None:
        kept = update(AccountSession).where(mine, AccountSession.id == but)
        session.execute(kept.values(epoch=account.session_epoch))


def forget_ended(session: Session, *, limited_hours: int, at: datetime | None = None) -> None:
    """Deletes sessions that have run out: unused for 90 days, or older than those of moderators may be."""
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
