"""Two-step verification on the account pages and at sign-in: /account/security, /sign-in/second."""

from __future__ import annotations

from collections.abc import Sequence

import segno
from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from consult.accounts import login, service
from consult.accounts.forms import AccountButtonForm
from consult.accounts.gate import SecondStepMissing
from consult.accounts.model import Account
from consult.accounts.passkeys import service as passkeys
from consult.accounts.second_factor import requirement
from consult.accounts.second_factor import service as factors
from consult.accounts.second_factor.forms import ChangeFactorForm, CodeForm, ConfirmAppForm, PasskeyForm, RecoveryForm
from consult.accounts.second_factor.limits import CodeTry
from consult.accounts.sessions import service as sessions
from consult.accounts.single_sign_on import identities
from consult.accounts.views import blueprint, current_account, is_refused, lead_on, render_form, show_refusal
from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.web.access import Allow, Role
from consult.core.web.forms import Form
from consult.core.web.limits import account_key, limiter
from consult.core.web.requests import SAFE_METHODS, current_page, offer_form_again, safe_next, settings, wants_json


@blueprint.app_errorhandler(SecondStepMissing)
def ask_for_second_step(missing: SecondStepMissing) -> ResponseReturnValue:
    """Redirect from a page of a role to the set-up and back. Submitted form data is kept. Programs get a Refusal."""
    if wants_json():
        raise Refusal(missing.message)
    if request.method not in SAFE_METHODS:
        return offer_form_again(missing.message, missing.status)
    return redirect(url_for("accounts.security", next=current_page()), 303)


@blueprint.route("/account/security", allow=Allow.SIGNED_IN)
def security() -> ResponseReturnValue:
    """Show how the account signs in: two-step verification, passkeys, providers and recent sign-ins."""
    person, session = current_account(), db.session()
    return render_template(
        "accounts/security.html",
        person=person,
        state=factors.get_state(session, person),
        keys=passkeys.list_passkeys(session, person),
        passkeys=passkeys.are_possible(),
        linked=identities.list_linked(session, person),
        providers=identities.list_unlinked_providers(session, person),
        sign_ins=sessions.list_sign_ins(session, person),
        days=requirement.days_left(person, second=login.current_second_step()),
        required=requirement.is_required(person),
        demo=settings().demo and person.role is not Role.CONTRIBUTOR,
        back=safe_next(request.args.get("next"), ""),
        end=AccountButtonForm(),
    )


@blueprint.route("/account/security/app", allow=Allow.SIGNED_IN, methods=["POST"])
def begin_app() -> ResponseReturnValue:
    """Create the secret that the next page shows."""
    if AccountButtonForm().validate_on_submit():
        factors.begin_app(db.session(), current_account())
    return redirect(url_for("accounts.confirm_app", next=safe_next(request.args.get("next"), "") or None), 303)


@blueprint.route("/account/security/app/code", allow=Allow.SIGNED_IN, methods=["GET", "POST"])
@limiter.limit("20 per hour", methods=["POST"], deduct_when=is_refused, key_func=account_key)
def confirm_app() -> ResponseReturnValue:
    """Show the QR code and the field for the resulting code."""
    person = current_account()
    form = _without_password(ConfirmAppForm(), person)
    if form.validate_on_submit():
        try:
            check_password(form, person)
            codes = factors.confirm_app(db.session(), person, form.code.data)
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash(_("App set up. From now on, you enter a code when you sign in."), "ok")
            return show_codes(codes)
    setup = factors.get_set_up(db.session(), person)
    if setup is None:
        return redirect(url_for("accounts.security"), 303)
    picture = segno.make(setup.address, error="m").svg_inline(scale=5, border=4, dark="#000", light="#fff")
    drawn = Markup(picture)  # noqa: S704 - drawn from squares only
    groups = " ".join(setup.secret[at : at + 4] for at in range(0, len(setup.secret), 4))
    return _unstored(render_form("accounts/set_up_app.html", form, picture=drawn, secret=groups, address=setup.address))


@blueprint.route("/account/security/app/remove", allow=Allow.SIGNED_IN, methods=["GET", "POST"])
@limiter.limit("20 per hour", methods=["POST"], deduct_when=is_refused, key_func=account_key)
def remove_app() -> ResponseReturnValue:
    person = current_account()
    form = _without_password(ChangeFactorForm(), person)
    if form.validate_on_submit():
        try:
            check_password(form, person)
            factors.remove_app(db.session(), person, form.code.data)
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash(_("App removed. Its codes no longer work."), "ok")
            return redirect(url_for("accounts.security"), 303)
    if factors.get_state(db.session(), person).app_since is None:
        return redirect(url_for("accounts.security"), 303)
    return render_form("accounts/remove_factor.html", form, name=None)


@blueprint.route("/account/security/codes", allow=Allow.SIGNED_IN, methods=["GET", "POST"])
@limiter.limit("20 per hour", methods=["POST"], deduct_when=is_refused, key_func=account_key)
def renew_codes() -> ResponseReturnValue:
    """Show ten new recovery codes after checking the password or, without a password, an app code."""
    person = current_account()
    form = ChangeFactorForm()
    del form["code" if person.password_hash else "current"]
    if person.factor_since is None:
        return redirect(url_for("accounts.security"), 303)
    if form.validate_on_submit():
        try:
            check_password(form, person)
            if not person.password_hash:
                factors.use_code(db.session(), person, form.code.data)
            codes = factors.renew_codes(db.session(), person)
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            return show_codes(codes)
    return render_form("accounts/renew_codes.html", form)


@blueprint.route("/sign-in/second", allow=Allow.ANYONE, methods=["GET", "POST"])
def second_step() -> ResponseReturnValue:
    """Ask for the second step of a sign-in: a code, a recovery code, or a passkey if JavaScript runs."""
    pending = login.find_pending_step()
    if pending is None:
        flash(_("Sign in again. You have ten minutes to enter your code."), "warn")
        return redirect(url_for("accounts.sign_in"), 303)
    recovery = "recovery" in request.args
    form = RecoveryForm() if recovery else CodeForm()
    if form.validate_on_submit():
        attempt = CodeTry(pending.account, recovery=not form.code.data.replace(" ", "").isdigit())
        try:
            attempt.admit()
            step = factors.use_code(db.session(), pending.account, form.code.data)
        except factors.WrongCode as refusal:
            attempt.fail()
            show_refusal(form, refusal)
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            attempt.succeed()
            login.sign_in(pending.account, pending.method, second=step, link=pending.link)
            return lead_on(pending.account, pending.target)
    state = factors.get_state(db.session(), pending.account)
    page = render_template("accounts/second_step.html", form=form, state=state, recovery=recovery, keys=PasskeyForm())
    status = form.problem_status if form.problems else 200
    return page, status, {"Cache-Control": "no-store"}


def show_codes(codes: Sequence[str]) -> ResponseReturnValue:
    """Show the codes once, in this response, and link to the previous page. Only hashes are stored."""
    onward = safe_next(request.args.get("next"), url_for("accounts.security"))
    if not codes:
        return redirect(onward, 303)
    return _unstored(render_template("accounts/recovery_codes.html", codes=codes, host=settings().host, onward=onward))


def _unstored(page: ResponseReturnValue) -> ResponseReturnValue:
    answer = make_response(page)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _without_password(form: Form, person: Account) -> Form:
    """Remove the password field if the account has no password."""
    if not person.password_hash:
        del form["current"]
    return form


def check_password(form: Form, person: Account) -> None:
    """Raise a Refusal for a wrong password. Accounts without a password are not asked."""
    if "current" in form:
        service.check_password(person, form["current"].data)
