"""Sessions on the account page: end one or all others. /account/sessions."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from consult.accounts import login, service
from consult.accounts.forms import AccountButtonForm
from consult.accounts.limits import known_devices
from consult.accounts.sessions import service as sessions
from consult.accounts.views import blueprint, current_account
from consult.core.db import db
from consult.core.i18n import _
from consult.core.web.access import Allow


@blueprint.route("/account/sessions", allow=Allow.SIGNED_IN, methods=["POST"])
def end_sessions() -> ResponseReturnValue:
    """End all sessions except the current one, whose age is unchanged."""
    if AccountButtonForm().validate_on_submit():
        person = service.end_sessions(db.session(), current_account(), but=login.current_session())
        known_devices.remember(person)
        flash(_("All your other sessions were signed out."), "ok")
    return redirect(url_for("accounts.account"), 303)


@blueprint.route("/account/sessions/<int(max=9223372036854775807):number>", allow=Allow.SIGNED_IN, methods=["POST"])
def end_session(number: int) -> ResponseReturnValue:
    if AccountButtonForm().validate_on_submit():
        sessions.end_one(db.session(), current_account(), number)
        if number == login.current_session():
            login.sign_out()
            return redirect("/", 303)
        flash(_("Session ended."), "ok")
    return redirect(url_for("accounts.account"), 303)
