"""Passkeys on the account page and at sign-in: /account/security/passkeys, /sign-in/passkey.

A script fetches the options, calls the browser's API and sends the result as a form.
"""

from __future__ import annotations

import time
from typing import Any

from flask import flash, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from limits import RateLimitItemPerHour

from consult.accounts import hooks, login
from consult.accounts.forms import AccountButtonForm
from consult.accounts.model import Account
from consult.accounts.passkeys import service as passkeys
from consult.accounts.second_factor import service as factors
from consult.accounts.second_factor.forms import ChangeFactorForm, NewPasskeyForm, PasskeyForm, PasskeyNameForm
from consult.accounts.second_factor.views import check_password, show_codes
from consult.accounts.sessions.model import SecondStep, SignInMethod
from consult.accounts.views import blueprint, current_account, is_refused, lead_on, render_form, show_refusal
from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.web import limits
from consult.core.web.access import Allow
from consult.core.web.limits import account_key, limiter

_CHALLENGE = "challenge"
_MINUTES = 5
_ONCE = RateLimitItemPerHour(1, namespace="passkey-challenge")


@blueprint.route("/account/security/passkeys/add", allow=Allow.SIGNED_IN, methods=["GET", "POST"])
@limiter.limit("20 per hour", methods=["POST"], deduct_when=is_refused, key_func=account_key)
def add_passkey() -> ResponseReturnValue:
    person, form = current_account(), _new_passkey_form()
    if form.validate_on_submit():
        try:
            check_password(form, person)
            row = passkeys.add(
                db.session(),
                person,
                answer=form.credential.data,
                challenge=_use_challenge(),
                origin=passkeys.expected_origin(),
                name=form.name.data,
            )
            codes = factors.note_added(db.session(), person, "passkey", at=row.added_at)
        except Refusal as refusal:
            show_refusal(form, refusal)
            form.credential.data = ""  # the challenge is used up, so the browser must be asked again
        else:
            flash(_("Passkey added. You can use it to sign in."), "ok")
            return show_codes(codes)
    return render_form("accounts/add_passkey.html", form)


@blueprint.route("/account/security/passkeys/options", allow=Allow.SIGNED_IN, methods=["POST"])
@limiter.limit("60 per hour", methods=["POST"], key_func=account_key)
@limiter.limit("20 per hour", methods=["POST"], deduct_when=is_refused, key_func=account_key)
def creation_options() -> ResponseReturnValue:
    """Return creation options after validating the form.

    A passkey that the form would reject must not be created, because the device would keep it.
    """
    person, form = current_account(), _new_passkey_form()
    if not form.validate():
        raise Refusal(_("We could not read the form. Go back, reload the page and try again."))
    check_password(form, person)
    return _offer(passkeys.make_creation_options(db.session(), person))


@blueprint.route(
    "/account/security/passkeys/<int(max=9223372036854775807):number>", allow=Allow.SIGNED_IN, methods=["GET", "POST"]
)
def rename_passkey(number: int) -> ResponseReturnValue:
    row = passkeys.get_passkey(db.session(), current_account(), number)
    form = PasskeyNameForm(name=row.name)
    if form.validate_on_submit():
        passkeys.rename(db.session(), current_account(), number, form.name.data)
        flash(_("Name saved."), "ok")
        return redirect(url_for("accounts.security"), 303)
    return render_form("accounts/rename_passkey.html", form)


@blueprint.route(
    "/account/security/passkeys/<int(max=9223372036854775807):number>/remove",
    allow=Allow.SIGNED_IN,
    methods=["GET", "POST"],
)
@limiter.limit("20 per hour", methods=["POST"], deduct_when=is_refused, key_func=account_key)
def remove_passkey(number: int) -> ResponseReturnValue:
    """Remove a passkey after checking the password and an app or recovery code."""
    person = current_account()
    row = passkeys.get_passkey(db.session(), person, number)
    form = ChangeFactorForm()
    if not person.password_hash:
        del form["current"]
    if form.validate_on_submit():
        try:
            check_password(form, person)
            factors.use_code(db.session(), person, form.code.data)
            passkeys.remove(db.session(), person, number)
            factors.note_removed(db.session(), person, "passkey")
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash(_("Passkey removed. Delete it from your device too. It no longer works."), "ok")
            return redirect(url_for("accounts.security"), 303)
    return render_form("accounts/remove_factor.html", form, name=row.name)


@blueprint.route("/sign-in/passkey/options", allow=Allow.ANYONE, methods=["POST"])
@limiter.limit("120 per hour", methods=["POST"], key_func=limits.caller_key)
def request_options() -> ResponseReturnValue:
    return _offer(passkeys.make_request_options(db.session(), _asked_account()))


@blueprint.route("/sign-in/passkey", allow=Allow.ANYONE, methods=["POST"])
@limiter.limit("60 per hour", methods=["POST"], deduct_when=is_refused, key_func=limits.caller_key)
def use_passkey() -> ResponseReturnValue:
    """Sign in with a passkey alone or as the second step. A failure redirects back with a message."""
    form, pending = PasskeyForm(), login.find_pending_step()
    second = "second" in request.args and pending is not None
    back = "accounts.second_step" if second else "accounts.sign_in"
    if not form.validate_on_submit():
        return redirect(url_for(back), 303)
    try:
        account = passkeys.sign_in(
            db.session(),
            answer=form.credential.data,
            challenge=_use_challenge(),
            origin=passkeys.expected_origin(),
            account=pending.account if second and pending else None,
        )
    except passkeys.WrongPasskey as refusal:
        db.session.rollback()
        flash(refusal.message, "warn")
        return redirect(url_for(back), 303)
    if second and pending:
        login.sign_in(account, pending.method, second=SecondStep.PASSKEY, link=pending.link)
        return lead_on(account, pending.target)
    hooks.check_means(db.session(), account, login.find_waiting_provider())
    login.sign_in(account, SignInMethod.PASSKEY)
    return lead_on(account, form.next.data)


def _new_passkey_form() -> NewPasskeyForm:
    form = NewPasskeyForm()
    if not current_account().password_hash:
        del form["current"]
    return form


def _asked_account() -> Account | None:
    """Return the account whose passkeys may be used, or None for any account."""
    pending = login.find_pending_step() if "second" in request.args else None
    return pending.account if pending else None


def _offer(options: dict[str, Any]) -> ResponseReturnValue:
    if not AccountButtonForm().validate_on_submit():
        raise Refusal(_("We could not read the form. Go back, reload the page and try again."))
    login.remember_for(_CHALLENGE, [options["challenge"], int(time.time())])
    answer = jsonify(options)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _use_challenge() -> str:
    """Return the challenge given to this browser, once and within five minutes.

    A copy of the cookie cannot reuse it.
    """
    kept = login.recall(_CHALLENGE)
    login.remember_for(_CHALLENGE, None)
    if not isinstance(kept, list) or not 0 <= int(time.time()) - kept[1] <= _MINUTES * 60:
        raise passkeys.WrongPasskey(_("This took too long. Try again."))
    if not limits.take(_ONCE, limits.blind_key("challenge", kept[0])):
        raise passkeys.WrongPasskey(_("This took too long. Try again."))
    return str(kept[0])
