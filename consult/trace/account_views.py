"""Pages to export personal data and delete an account: /account/data, /account/delete."""

from __future__ import annotations

from typing import cast

from flask import Response, flash, redirect, session, url_for
from flask.typing import ResponseReturnValue

from consult.accounts import deletion, links, login, service
from consult.accounts.forms import AccountButtonForm, DeleteAccountForm
from consult.accounts.model import Account, LinkPurpose
from consult.accounts.views import is_refused, render_form, show_refusal
from consult.core.clock import now
from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.web.access import Allow
from consult.core.web.forms import Form
from consult.core.web.limits import account_key, limiter
from consult.core.web.requests import Blueprint, principal, stream_rows
from consult.trace import account_deletion, account_export, export

blueprint = Blueprint("leaving", __name__)


@blueprint.after_request
def keep_private(response: Response) -> Response:
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.route("/account/data", allow=Allow.SIGNED_IN)
@limiter.limit("20 per hour", key_func=account_key)
def data() -> ResponseReturnValue:
    account = cast("Account", principal())
    sent = Response(
        stream_rows(export.zip_stream(account_export.export_parts(db.session(), account))), mimetype="application/zip"
    )
    sent.headers["Content-Disposition"] = 'attachment; filename="consult-account.zip"'
    return sent


@blueprint.route("/account/delete", allow=Allow.SIGNED_IN, methods=["GET", "POST"])
@limiter.limit("10 per 5 minutes", methods=["POST"], deduct_when=is_refused, key_func=account_key)
@limiter.limit("20 per day", methods=["POST"], key_func=account_key)
def delete() -> ResponseReturnValue:
    """Delete the account after a password check. Without a password, e-mail a link."""
    account = cast("Account", principal())
    form: Form = DeleteAccountForm() if account.password_hash else AccountButtonForm()
    if form.validate_on_submit():
        try:
            if not account.password_hash:
                deletion.send_link(db.session(), account)
                return redirect(url_for("accounts.sent", what="delete"), 303)
            service.check_password(account, form.answers()["current"])
            return _leave(account)
        except Refusal as refusal:
            show_refusal(form, refusal)
    return _page(form, account)


@blueprint.route("/account/delete/<token>", allow=Allow.ANYONE, methods=["GET", "POST"])
def delete_by_link(token: str) -> ResponseReturnValue:
    form, account = AccountButtonForm(), deletion.get_by_link(db.session(), token=token)
    if form.validate_on_submit():
        try:
            links.use(db.session(), token, [LinkPurpose.DELETE], now())
            return _leave(account)
        except Refusal as refusal:
            show_refusal(form, refusal)
    return _page(form, account, by_link=True)


def _leave(account: Account) -> ResponseReturnValue:
    person = principal()
    mine = person is None or person.id == account.id
    account_deletion.delete_account(
        db.session(), account, tokens=list(session.get("drafts", {}).values()) if mine else ()
    )
    login.sign_out(account)
    flash(_("Your account is deleted. We e-mail you a confirmation."), "ok")
    answer = redirect("/", 303)
    answer.headers["Clear-Site-Data"] = '"storage"'
    return answer


def _page(form: Form, account: Account, *, by_link: bool = False) -> ResponseReturnValue:
    consequences = account_deletion.get_consequences(db.session(), account)
    return render_form("trace/delete_account.html", form, it=consequences, person=account, by_link=by_link)
