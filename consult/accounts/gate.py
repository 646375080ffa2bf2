"""Sign-in as the browser knows it: a signed cookie with the account's number and session epoch.

Of moderators it says too when they signed in and were last there, see idle.py.
"""

from __future__ import annotations

from flask import Flask, flash, session
from flask_login import LoginManager, login_user

from consult.accounts import idle, service
from consult.accounts.model import Account
from consult.core.db import db
from consult.core.i18n import _
from consult.core.web import principal

_OF_THE_LAST_PERSON = ("csrf_token", "_user_id", "_fresh", "_id", "_flashes", *idle.NAMES)


def enter(account: Account) -> None:
    """Signs in with a new cookie. What a visitor was writing stays; what belonged to the last session does not."""
    for name in _OF_THE_LAST_PERSON:
        session.pop(name, None)
    session.setdefault("lang", account.language)
    login_user(account)


def speak(language: str) -> None:
    """Pages of this session are in that language from now on."""
    session["lang"] = language


def leave(account: Account | None = None) -> None:
    """Signs out, or only that account. The language stays: the next person at this computer finds nothing else."""
    here = principal()
    if account is not None and here is not None and here.id != account.id:
        return
    kept = session.get("lang")
    session.clear()
    if kept:
        session["lang"] = kept


def init_app(app: Flask) -> None:
    manager = LoginManager()
    manager.session_protection = None
    # flask_login would put a hash of IP address and browser into the cookie: it must not know either.
    manager._session_identifier_generator = lambda: ""
    manager.init_app(app, add_context_processor=False)

    @manager.user_loader  # type: ignore[untyped-decorator]
    def load(cookie: str) -> Account | None:
        account = service.by_cookie(db.session(), cookie)
        if account is None or idle.stays(account.role):
            return account
        for name in ("_user_id", *idle.NAMES):
            session.pop(name, None)
        flash(_("For safety you were signed out after a while. Sign in to go on where you were."), "warn")
        return None
