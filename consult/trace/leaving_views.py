"""Taking one's data along, and deleting one's account: /account/data, /account/delete."""

from __future__ import annotations

from typing import cast

from flask import Response, flash, redirect, session, stream_with_context, url_for
from flask.typing import ResponseReturnValue

from consult.accounts import closing, gate, links, service
from consult.accounts.forms import Confirm, DeleteAccount
from consult.accounts.model import Account, Purpose
from consult.accounts.views import only_refused, page, refuse
from consult.core.access import Allow
from consult.core.clock import now
from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.forms import Form
from consult.core.i18n import _
from consult.core.limits import limiter
from consult.core.web import Blueprint, principal
from consult.trace import export, leaving, taking

blueprint = Blueprint("leaving", __name__)


@blueprint.after_request
def keep_private(response: Response) -> Response:
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.route("/account/data", allow=Allow.SIGNED_IN)
@limiter.limit("20 per hour")
def data() -> ResponseReturnValue:
    account = cast("Account", principal())
    sent = Response(stream_with_context(export.zipped(taking.parts(db.session(), account))),
                    mimetype="application/zip")  # fmt: skip
    sent.headers["Content-Disposition"] = 'attachment; filename="consult-account.zip"'
    return sent


@blueprint.route("/account/delete", allow=Allow.SIGNED_IN, methods=["GET", "POST"])
@limiter.limit("10 per 5 minutes", methods=["POST"], deduct_when=only_refused)
@limiter.limit("20 per day", methods=["POST"])
def delete() -> ResponseReturnValue:
    """With the password; an account without one is sent a link."""
    account = cast("Account", principal())
    form: Form = DeleteAccount() if account.password_hash else Confirm()
    if form.validate_on_submit():
        try:
            if not account.password_hash:
                closing.ask(db.session(), account)
                return redirect(url_for("accounts.sent", what="delete"), 303)
            service.check_password(account, form.answers()["current"])
            return _leave(account)
        except Refusal as refusal:
            refuse(form, refusal)
    return _page(form, account)


@blueprint.route("/account/delete/<token>", allow=Allow.ANYONE, methods=["GET", "POST"])
def delete_by_link(token: str) -> ResponseReturnValue:
    form, account = Confirm(), closing.of_link(db.session(), token=token)
    if form.validate_on_submit():
        try:
            links.use(db.session(), token, [Purpose.DELETE], now())
            return _leave(account)
        except Refusal as refusal:
            refuse(form, refusal)
    return _page(form, account, by_link=True)


def _leave(account: Account) -> ResponseReturnValue:
    person = principal()
    mine = person is None or person.id == account.id
    leaving.leave(db.session(), account, tokens=list(session.get("drafts", {}).values()) if mine else ())
    gate.leave(account)
    flash(_("Your account is deleted. A letter to its address says so."), "ok")
    answer = redirect("/", 303)
    answer.headers["Clear-Site-Data"] = '"storage"'
    return answer


def _page(form: Form, account: Account, *, by_link: bool = False) -> ResponseReturnValue:
    found = leaving.consequences(db.session(), account)
    return page("trace/delete_account.html", form, it=found, person=account, by_link=by_link)
