"""The list of objections and the form to answer them."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.arguments.objections import pages
from consult.arguments.objections import service as objections
from consult.arguments.objections.forms import ObjectionAnswerForm
from consult.arguments.views import DESK_PATH, NUMBER, blueprint
from consult.consultations.view_helpers import current_account
from consult.core.db import db
from consult.core.errors import Forbidden, NotFound, Refusal
from consult.core.i18n import _
from consult.core.text import read_number
from consult.core.web.access import Allow


@blueprint.route(f"{DESK_PATH}/objections", allow=Allow.STAFF)
def list_objections(slug: str) -> ResponseReturnValue:
    page = pages.get_page(db.session(), slug, by=current_account())
    return render_template("arguments/objections.html", page=page, wrong={})


@blueprint.route(f"{DESK_PATH}/objections/{NUMBER}", allow=Allow.STAFF, methods=["POST"])
def answer_objection(slug: str, number: int) -> ResponseReturnValue:
    """Accept the objection, or reject it with a reason."""
    session, by, form = db.session(), current_account(), ObjectionAnswerForm()
    words, do = form.words.data or "", request.form.get("do")
    try:
        if form.validate_on_submit() and do == "leave":
            objections.leave(session, objection_id=number, by=by, words=words)
            flash(_("Excerpt kept in this argument. We will give the author your reason."), "ok")
        elif form.validate_on_submit() and do == "agree":
            to = read_number(request.form.get("to", ""))
            objections.agree(session, objection_id=number, by=by, to_id=to, words=words)
            flash(_("Excerpt removed from this argument. We will inform the author."), "ok")
        else:
            objections.check_may_answer(session, objection_id=number, by=by)
    except Refusal as refusal:
        if isinstance(refusal, Forbidden | NotFound):
            raise
        if refusal.field == "words":
            page = pages.get_page(session, slug, by=by)
            return render_template("arguments/objections.html", page=page, wrong={number: refusal.message}), 422
        flash(refusal.message, "warn")
    return redirect(url_for("arguments.list_objections", slug=slug), 303)
