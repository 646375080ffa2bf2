"""Browser sign-in: a signed cookie with the token of a session that is kept at the server.

For moderators and administrators it also holds the times of sign-in and last request, see `sessions/timeouts.py`.
"""

from __future__ import annotations

from contextlib import suppress

from flask import Flask, flash, g, request, session
from flask_login import LoginManager, login_user
from sqlalchemy.exc import SQLAlchemyError

from consult.accounts.limits import known_devices
from consult.accounts.model import Account
from consult.accounts.sessions import service as sessions
from consult.accounts.sessions import timeouts
from consult.accounts.sessions.devices import describe_device
from consult.accounts.sessions.model import SignInMethod
from consult.core.db import ReadMode, db, separate_transaction
from consult.core.i18n import _
from consult.core.logs import log_bounded
from consult.core.web.requests import principal

_TOKEN = "_user_id"  # noqa: S105 - flask_login's name for what it hands to `load`
_OF_THE_LAST_PERSON = ("csrf_token", _TOKEN, "_fresh", "_id", "_flashes", *timeouts.SESSION_KEYS)


def sign_in(account: Account, method: SignInMethod) -> None:
    """Signs in with a new session and cookie. What a visitor was writing stays; the last session here ends."""
    _end_session()
    for name in _OF_THE_LAST_PERSON:
        session.pop(name, None)
    session.setdefault("lang", account.language)
    login_user(account)
    device = describe_device(request.user_agent.string)
    session[_TOKEN] = sessions.begin(db.session(), account, method=method, device=device)
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
    g.account_session = found.id
    if sessions.is_use_due(found) and db.session().info.get("reads") is ReadMode.APART:
        _note_use(found)
    return found.account


def _note_use(found: sessions.FoundSession) -> None:
    """Of a request that only reads: no lock is held. It gives its connection back first, and needs no second one."""
    db.session.rollback()
    with suppress(SQLAlchemyError), separate_transaction() as apart:
        sessions.note_use(apart, found.id)


def init_app(app: Flask) -> None:
    manager = LoginManager()
    manager.session_protection = None
    # flask_login would put a hash of IP address and browser into the cookie: it must not know either.
    manager._session_identifier_generator = lambda: ""
    manager.init_app(app, add_context_processor=False)
    manager.user_loader(_load)
