"""Browser sign-in: a signed cookie with the token of a server-side session.

For moderators and administrators it also holds the times of sign-in and last request, see `sessions/timeouts.py`.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from flask import Flask, flash, g, request, session
from flask_login import LoginManager, login_user
from sqlalchemy.exc import SQLAlchemyError

from consult.accounts.limits import known_devices
from consult.accounts.model import Account
from consult.accounts.second_factor import requirement
from consult.accounts.sessions import service as sessions
from consult.accounts.sessions import timeouts
from consult.accounts.sessions.devices import describe_device
from consult.accounts.sessions.model import SecondStep, SignInMethod
from consult.accounts.suspension import service as suspension
from consult.core.clock import now
from consult.core.db import ReadMode, db, separate_transaction
from consult.core.i18n import _
from consult.core.logs import log_bounded
from consult.core.web.requests import principal

_TOKEN = "_user_id"  # noqa: S105 - flask_login's name for what it hands to `load`
_STEP = "step"
_OF_THE_LAST_PERSON = ("csrf_token", _TOKEN, "_fresh", "_id", "_flashes", _STEP, *timeouts.SESSION_KEYS)
WAITING_LINK = "sign_on"
"""The cookie key for a provider identity that is not linked to an account yet."""
WAITING_MINUTES = 30
STEP_MINUTES = 10
"""The time limit in minutes for the second step after the first."""


@dataclass(frozen=True)
class PendingStep:
    """A sign-in that has passed the first step: account, method, target page and provider."""

    account: Account
    method: SignInMethod
    target: str | None
    link: sessions.ProviderLink | None


def enter(
    account: Account, method: SignInMethod, target: str | None = None, *, link: sessions.ProviderLink | None = None
) -> bool:
    """Sign in an account without a second factor and return True. Otherwise record the first step and return False.

    `link` is the provider that confirmed the identity; no second step is needed if the provider asks for one itself.
    Raises AccountSuspended, and any Refusal from the hooks in `hooks.MEANS`.
    """
    suspension.require_active(account)
    sufficient = link is not None and link.own_factor
    if account.factor_since is None or sufficient:
        sign_in(account, method, second=SecondStep.ELSEWHERE if sufficient else None, link=link)
        return True
    identity = [link.identity_id, link.session.hex() if link.session else ""] if link else None
    session[_STEP] = [account.id, account.session_epoch, str(method), target, _present_minute(), identity]
    return False


def find_pending_step() -> PendingStep | None:
    """Return the pending first step in this browser.

    Returns None after ten minutes, or if the account's sessions were ended since.
    """
    kept = session.get(_STEP)
    if not isinstance(kept, list) or len(kept) != 6 or not 0 <= _present_minute() - kept[4] <= STEP_MINUTES:
        return None
    account = db.session().get(Account, kept[0])
    if account is None or account.session_epoch != kept[1] or account.suspended_at is not None:
        return None
    link = sessions.ProviderLink(kept[5][0], bytes.fromhex(kept[5][1]) or None) if kept[5] else None
    return PendingStep(account, SignInMethod(kept[2]), kept[3], link)


def remember_for(name: str, kept: object) -> None:
    """Store a small value in the signed cookie, or delete it if None. The user can read the value."""
    if kept is None:
        session.pop(name, None)
    else:
        session[name] = kept


def recall(name: str) -> object:
    """Return the value that `remember_for` stored, or None."""
    return session.get(name)


def find_waiting_provider() -> str | None:
    """Return the name of the provider whose identity will be linked after this sign-in, or None."""
    kept = session.get(WAITING_LINK)
    if not isinstance(kept, list) or not 0 <= _present_minute() - kept[2] <= WAITING_MINUTES:
        return None
    return str(kept[0])


def _present_minute() -> int:
    return int(now().timestamp()) // 60


def sign_in(
    account: Account,
    method: SignInMethod,
    *,
    second: SecondStep | None = None,
    link: sessions.ProviderLink | None = None,
) -> None:
    """Sign in with a new session and cookie, and end the previous session in this browser.

    A visitor's unfinished submission is kept. `second` is the method of the second step. Raises AccountSuspended.
    """
    suspension.require_active(account)
    _end_session()
    for name in _OF_THE_LAST_PERSON:
        session.pop(name, None)
    session.setdefault("lang", account.language)
    login_user(account)
    device = describe_device(request.user_agent.string)
    session[_TOKEN] = sessions.begin(db.session(), account, method=method, device=device, second=second, link=link)
    sessions.record_sign_in(db.session(), account, method=method, second=second, device=device)
    requirement.note_asked(db.session(), account)
    timeouts.start(account.role)
    known_devices.remember(account)
    log_bounded("sign_in.succeeded", account=account.id, method=method)


def set_language(language: str) -> None:
    """Set the language of pages for this session."""
    session["lang"] = language


def current_session() -> int | None:
    """Return the ID of the session of this request, or None."""
    number: int | None = g.get("account_session") if principal() is not None else None
    return number


def current_second_step() -> SecondStep | None:
    """Return the second step with which the session of this request was confirmed, or None."""
    step: SecondStep | None = g.get("second_step")
    return step


def sign_out(account: Account | None = None) -> None:
    """Sign out. With `account`, only if that account is signed in.

    The language is kept; all other data in the cookie is deleted for the next person at this computer.
    """
    person = principal()
    if account is not None and person is not None and person.id != account.id:
        return
    if person is not None:
        log_bounded("sign_out", account=person.id)
    _end_session()
    kept = session.get("lang")
    session.clear()
    if kept:
        session["lang"] = kept


def leave() -> None:
    """Sign out and delete all cookies, even if the database is down. Also works in read-only requests."""
    token = session.get(_TOKEN)
    session.clear()
    known_devices.forget()
    if token:
        with suppress(SQLAlchemyError), separate_transaction() as apart:
            sessions.end(apart, token)


def _end_session() -> None:
    if token := session.get(_TOKEN):
        sessions.end(db.session(), token)


def _load(token: str) -> Account | None:
    """Return the account of a session token, or None if the session has ended or expired."""
    active = sessions.find(db.session(), token)
    if active is None:
        return None
    if not timeouts.is_session_active(active.account.role, active.begun_at):
        for name in (_TOKEN, *timeouts.SESSION_KEYS):
            session.pop(name, None)
        flash(_("For security, we signed you out after some time. Sign in to continue where you left off."), "warn")
        return None
    g.account_session, g.second_step = active.id, active.second
    if sessions.is_use_due(active) and db.session().info.get("reads") is ReadMode.APART:
        _note_use(active)
    return active.account


def _note_use(active: sessions.FoundSession) -> None:
    """Record that the session was used, for a read-only request that holds no lock.

    The request's connection is released first so that no second one is needed.
    """
    db.session.rollback()
    with suppress(SQLAlchemyError), separate_transaction() as apart:
        sessions.note_use(apart, active.id)
        requirement.note_asked(apart, active.account)


def init_app(app: Flask) -> None:
    manager = LoginManager()
    manager.session_protection = None
    # flask_login would put a hash of IP address and browser into the cookie: it must not know either.
    manager._session_identifier_generator = lambda: ""
    manager.init_app(app, add_context_processor=False)
    manager.user_loader(_load)
