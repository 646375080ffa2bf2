"""Another e-mail address for an account: /account/address."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from consult.accounts import gate, links, moving
from consult.accounts.forms import ChangeAddress, Confirm
from consult.accounts.model import Purpose
from consult.accounts.views import blueprint, me, only_refused, page, refuse
from consult.core.access import Allow
from consult.core.crypto import unseal
from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.limits import limiter, named


@blueprint.route("/account/address", allow=Allow.SIGNED_IN, methods=["GET", "POST"])
@limiter.limit("10 per 5 minutes", methods=["POST"], deduct_when=only_refused)
@limiter.limit("20 per day", methods=["POST"])
@limiter.limit("5 per day", methods=["POST"], key_func=named("email"))
def change_address() -> ResponseReturnValue:
    form, account = ChangeAddress(), me()
    if not account.password_hash:
        del form.current
    if form.validate_on_submit():
        current = form.current.data if account.password_hash else ""
        try:
            moving.ask(db.session(), account, email=form.email.data, current=current)
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            what = "address" if account.password_hash else "approve"
            return redirect(url_for("accounts.sent", what=what), 303)
    return page("accounts/change_address.html", form, email=unseal(account.email_sealed))


@blueprint.route("/account/address/approve/<token>", allow=Allow.ANYONE, methods=["GET", "POST"])
def approve_address(token: str) -> ResponseReturnValue:
    form = Confirm()
    if form.validate_on_submit():
        moving.approve(db.session(), token=token)
        return redirect(url_for("accounts.sent", what="address"), 303)
    links.look(db.session(), token=token, purposes=[Purpose.APPROVE])
    return page("accounts/approve_address.html", form)


@blueprint.route("/account/address/confirm/<token>", allow=Allow.SIGNED_IN, methods=["GET", "POST"])
def confirm_address(token: str) -> ResponseReturnValue:
    """Only for whoever is signed in as the account: an address with a typing mistake in it gives nobody an account."""
    form = Confirm()
    if form.validate_on_submit():
        gate.enter(moving.confirm(db.session(), me(), token=token))
        flash(_("Your address is changed. Every other session was signed out."), "ok")
        return redirect(url_for("accounts.account"), 303)
    return page("accounts/confirm_address.html", form, email=moving.wished(db.session(), me(), token=token))


@blueprint.route("/account/address/undo/<token>", allow=Allow.ANYONE, methods=["GET", "POST"])
def undo_address(token: str) -> ResponseReturnValue:
    form = Confirm()
    if form.validate_on_submit():
        gate.leave(moving.undo(db.session(), token=token))
        return redirect(url_for("accounts.sent", what="undone"), 303)
    links.look(db.session(), token=token, purposes=[Purpose.UNDO])
    return page("accounts/undo_address.html", form)
