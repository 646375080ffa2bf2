"""Administrators' pages of failed e-mails: /letters. Send one or all of them again, or end one."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.accounts.forms import AccountButtonForm
from consult.core.db import db
from consult.core.i18n import _, ngettext
from consult.core.web.access import Allow
from consult.core.web.requests import Blueprint
from consult.mail import dead_letters

blueprint = Blueprint("letters", __name__)


@blueprint.route("/letters", allow=Allow.ADMIN)
def listed() -> ResponseReturnValue:
    page = dead_letters.list_dead_letters(db.session(), after=request.args.get("after"))
    return render_template("site/letters.html", page=page, form=AccountButtonForm())


@blueprint.route("/letters", allow=Allow.ADMIN, methods=["POST"])
def decide() -> ResponseReturnValue:
    """Send an e-mail again (`again`) or end it (`end`), given its id. `all` sends every one again."""
    session, sent, ended = db.session(), request.form.get("again", ""), request.form.get("end", "")
    if not AccountButtonForm().validate_on_submit():
        return redirect(url_for("letters.listed"), 303)
    if ended.isdecimal() and len(ended) < 19:
        dead_letters.end_letters(session, letter_ids=[int(ended)])
        flash(_("E-mail cancelled. Its recipient and text are deleted."), "ok")
    elif sent == "all" or (sent.isdecimal() and len(sent) < 19):
        again = dead_letters.send_again(session, letter_ids=None if sent == "all" else [int(sent)])
        flash(ngettext("%(num)s e-mail is being sent again.", "%(num)s e-mails are being sent again.", again), "ok")
    return redirect(url_for("letters.listed"), 303)
