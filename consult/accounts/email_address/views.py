"""Page to change an account's e-mail address: /account/address."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from consult.accounts import links, login
from consult.accounts.email_address import service
from consult.accounts.forms import AccountButtonForm, ChangeAddressForm
from consult.accounts.model import LinkPurpose
from consult.accounts.sessions.model import SignInMethod
from consult.accounts.views import blueprint, current_account, is_refused, render_form, show_refusal
from consult.core.crypto import unseal
from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.web.access import Allow
from consult.core.web.limits import account_field_key, account_key, limiter


@blueprint.route("/account/address", allow=Allow.SIGNED_IN, methods=["GET", "POST"])
@limiter.limit("10 per 5 minutes", methods=["POST"], deduct_when=is_refused, key_func=account_key)
@limiter.limit("20 per day", methods=["POST"], key_func=account_key)
@limiter.limit("5 per day", methods=["POST"], key_func=account_field_key("email"))
def change_address() -> ResponseReturnValue:
    form, account = ChangeAddressForm(), current_account()
    if not account.password_hash:
        del form.current
    if form.validate_on_submit():
        current = form.current.data if account.password_hash else ""
        try:
            service.request_change(db.session(), account, email=form.email.data, current=current)
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            what = "address" if account.password_hash else "approve"
            return redirect(url_for("accounts.sent", what=what), 303)
    return render_form("accounts/change_address.html", form, email=unseal(account.email_sealed))


@blueprint.route("/account/address/approve/<token>", allow=Allow.ANYONE, methods=["GET", "POST"])
def approve_address(token: str) -> ResponseReturnValue:
    form = AccountButtonForm()
    if form.validate_on_submit():
        service.approve(db.session(), token=token)
        return redirect(url_for("accounts.sent", what="address"), 303)
    links.get_link(db.session(), token=token, purposes=[LinkPurpose.APPROVE])
    return render_form("accounts/approve_address.html", form)


@blueprint.route("/account/address/confirm/<token>", allow=Allow.SIGNED_IN, methods=["GET", "POST"])
def confirm_address(token: str) -> ResponseReturnValue:
    """Require the account to be signed in, so that a mistyped address cannot give a stranger the account."""
    form = AccountButtonForm()
    if form.validate_on_submit():
        login.sign_in(service.confirm(db.session(), current_account(), token=token), SignInMethod.LINK)
        flash(_("E-mail address changed. All your other sessions were signed out."), "ok")
        return redirect(url_for("accounts.account"), 303)
    return render_form(
        "accounts/confirm_address.html",
        form,
        email=service.get_new_address(db.session(), current_account(), token=token),
    )


@blueprint.route("/account/address/arrives", allow=Allow.SIGNED_IN, methods=["POST"])
@limiter.limit("5 per day", methods=["POST"], key_func=account_key)
def ask_arrival() -> ResponseReturnValue:
    """Send a link to test an address that bounced."""
    if AccountButtonForm().validate_on_submit():
        service.send_arrival_link(db.session(), current_account())
    return redirect(url_for("accounts.sent", what="arrives"), 303)


@blueprint.route("/account/address/arrives/<token>", allow=Allow.ANYONE, methods=["GET", "POST"])
def address_arrives(token: str) -> ResponseReturnValue:
    """Confirm that e-mail arrives. No sign-in is needed because the link gives no access to the account."""
    form = AccountButtonForm()
    if form.validate_on_submit():
        service.confirm_arrival(db.session(), token=token)
        flash(_("We will resume sending you e-mail."), "ok")
        return redirect(url_for("accounts.account"), 303)
    links.get_link(db.session(), token=token, purposes=[LinkPurpose.ARRIVES])
    return render_form("accounts/address_arrives.html", form)


@blueprint.route("/account/address/undo/<token>", allow=Allow.ANYONE, methods=["GET", "POST"])
def undo_address(token: str) -> ResponseReturnValue:
    form = AccountButtonForm()
    if form.validate_on_submit():
        login.sign_out(service.undo(db.session(), token=token))
        return redirect(url_for("accounts.sent", what="undone"), 303)
    links.get_link(db.session(), token=token, purposes=[LinkPurpose.UNDO])
    return render_form("accounts/undo_address.html", form)
