"""Browser sign-in: a signed cookie with the token of a session that is kept at the server.

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
"""Under which name the cookie keeps an identity at a provider that nobody here has confirmed yet."""
WAITING_MINUTES = 30
STEP_MINUTES = 10
"""How long the second step may follow the first."""


@dataclass(frozen=True)
class PendingStep:
    """Somebody who has done the first step: how, where they wanted to go, and at which provider."""

    account: Account
    method: SignInMethod
    target: str | None
    link: sessions.ProviderLink | None


def enter(
    account: Account, method: SignInMethod, target: str | None = None, *, link: sessions.ProviderLink | None = None
) -> bool:
    """Signs in an account without a second factor; of another one only the first step is done, which gives False.

    `link`: the provider that says who it is. Where that asks for a second factor itself, that is enough. Raises
    AccountSuspended, and what a package above has to say against the means.
    """
    suspension.require_active(account)
    sufficient = link is not None and link.own_factor
    if account.factor_since is None or sufficient:
        sign_in(account, method, second=SecondStep.ELSEWHERE if sufficient else None, link=link)
        return True
    told = [link.identity_id, link.session.hex() if link.session else ""] if link else None
    session[_STEP] = [account.id, account.session_epoch, str(method), target, _present_minute(), told]
    return False


def find_pending_step() -> PendingStep | None:
    """Who did the first step in this browser, within ten minutes; None after the account's sessions were ended."""
    kept = session.get(_STEP)
    if not isinstance(kept, list) or len(kept) != 6 or not 0 <= _present_minute() - kept[4] <= STEP_MINUTES:
        return None
    account = db.session().get(Account, kept[0])
    if account is None or account.session_epoch != kept[1] or account.suspended_at is not None:
        return None
    link = sessions.ProviderLink(kept[5][0], bytes.fromhex(kept[5][1]) or None) if kept[5] else None
    return PendingStep(account, SignInMethod(kept[2]), kept[3], link)


def remember_for(name: str, kept: object) -> None:
    """Keeps something small in the signed cookie of this browser, which its owner can read; None forgets it."""
    if kept is None:
        session.pop(name, None)
    else:
        session[name] = kept


def recall(name: str) -> object:
    """What `remember_for` kept; None where there is nothing."""
    return session.get(name)


def find_waiting_provider() -> str | None:
    """The provider at which somebody in this browser has just shown who they are, to be linked after this sign-in."""
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
    """Signs in with a new session and cookie. What a visitor was writing stays; the last session here ends.

    `second` is how it was confirmed. Raises AccountSuspended.
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
    """Pages of this session are in that language from now on."""
    session["lang"] = language


def current_session() -> int | None:
    """The number of the session that this request belongs to."""
    found: int | None = g.get("account_session") if principal() is not None else None
    return found


def current_second_step() -> SecondStep | None:
    """How the session of this request was confirmed."""
    found: SecondStep | None = g.get("second_step")
    return found


def sign_out(account: Account | None = None) -> None:
    """Signs out, or only that account. The language stays: the next person at this computer finds nothing else."""
    here = principal()
    if account is not None and here is not None and here.id != account.id:
        return
    if here is not None:
        log_bounded("sign_out", account=here.id)
    _end_session()
    kept = session.get("lang")
    session.clear()
    if kept:
        session["lang"] = kept


def leave() -> None:
    """Signs out at once and takes every cookie away, also where the database is; in a request that only reads, too."""
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
    """The account of a session's token; None where the session has ended or run out."""
    found = sessions.find(db.session(), token)
    if found is None:
        return None
    if not timeouts.is_session_active(found.account.role, found.begun_at):
        for name in (_TOKEN, *timeouts.SESSION_KEYS):
            session.pop(name, None)
        flash(_("For safety you were signed out after a while. Sign in to go on where you were."), "warn")
        return None
    g.account_session, g.second_step = found.id, found.second
    if sessions.is_use_due(found) and db.session().info.get("reads") is ReadMode.APART:
        _note_use(found)
    return found.account


def _note_use(found: sessions.FoundSession) -> None:
    """Of a request that only reads: no lock is held. It gives its connection back first, and needs no second one."""
    db.session.rollback()
    with suppress(SQLAlchemyError), separate_transaction() as apart:
        sessions.note_use(apart, found.id)
        requirement.note_asked(apart, found.account)


def init_app(app: Flask) -> None:
    manager = LoginManager()
    manager.session_protection = None
    # flask_login would put a hash of IP address and browser into the cookie: it must not know either.
    manager._session_identifier_generator = lambda: ""
    manager.init_app(app, add_context_processor=False)
    manager.user_loader(_load)
