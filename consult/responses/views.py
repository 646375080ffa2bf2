"""Answers as the public reads them, and the pages on which policymakers give them."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.consultations.desk import me, refuse
from consult.core.access import Allow
from consult.core.db import db
from consult.core.errors import Conflict, Refusal
from consult.core.i18n import _
from consult.core.web import Blueprint
from consult.responses import pages, service
from consult.responses.forms import AnswerForm, OwnerForm, filled
from consult.responses.model import Outcome
from consult.responses.pages import Answering

blueprint = Blueprint("responses", __name__)
NUMBER = "<int(max=9223372036854775807):number>"


@blueprint.route("/c/<slug>/answers", allow=Allow.ANYONE)
def answers(slug: str) -> ResponseReturnValue:
    """You said, we did; with `show`, what waits, what is overdue, or what came to one outcome."""
    page = pages.public(db.session(), slug, show=request.args.get("show"), after=request.args.get("after"))
    return render_template("responses/answers.html", page=page, outcomes=list(Outcome))


@blueprint.route(f"/desk/consultations/{NUMBER}/answers", allow=Allow.POLICYMAKER)
def desk(number: int) -> ResponseReturnValue:
    page = pages.desk(
        db.session(), number, show=request.args.get("show"), after=request.args.get("after"), by=me()
    )  # fmt: skip
    return render_template("responses/desk.html", page=page, outcomes=list(Outcome))


@blueprint.route(f"/desk/arguments/{NUMBER}/answer", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def answer(number: int) -> ResponseReturnValue:
    """One form: what it says is checked on a page of its own, and published from there."""
    page = pages.answering(db.session(), number, by=me())
    form = AnswerForm(page.options, **filled(page.answer))
    if request.method == "POST":
        service.check_may(db.session(), page.consultation, page.argument, me())
    asked = request.form.get("do")
    if asked != "change" and form.validate_on_submit():
        try:
            given = service.checked(db.session(), page.consultation, form.given)
            if asked != "publish":
                return render_template("responses/check.html", page=page, form=form, given=given)
            service.answer(db.session(), argument_id=number, by=me(), given=given, seen=form.seen.data or "")
        except Refusal as refusal:
            return _refused(number, form, refusal)
        flash(_("Published. Those whose words are in the argument are told in the morning."), "ok")
        return redirect(url_for("responses.desk", number=page.consultation.id), 303)
    return _form(page, form), 422 if form.problems else 200


def _refused(number: int, form: AnswerForm, refusal: Refusal) -> ResponseReturnValue:
    """The form with what was typed; where somebody else was quicker, beside what they said."""
    refuse(form, refusal)
    page = pages.answering(db.session(), number, by=me())
    conflict = isinstance(refusal, Conflict)
    if conflict:
        form.seen.data = page.answer.response.token if page.answer else ""
    return _form(page, form, conflict=conflict), refusal.status


def _form(page: Answering, form: AnswerForm, *, conflict: bool = False) -> str:
    owner = OwnerForm(page.people, owner=str(page.asked.id) if page.asked else "", formdata=None)
    return render_template("responses/answer.html", page=page, form=form, owner=owner, conflict=conflict)


@blueprint.route(f"/desk/arguments/{NUMBER}/owner", allow=Allow.POLICYMAKER, methods=["POST"])
def owner(number: int) -> ResponseReturnValue:
    """Saves who is to answer; what was typed of the answer stays in the form."""
    page = pages.answering(db.session(), number, by=me())
    form, typed = OwnerForm(page.people), "reasons" in request.form
    answer = AnswerForm(page.options, **({} if typed else {"formdata": None}), **filled(page.answer))
    if not form.validate_on_submit():
        return render_template("responses/answer.html", page=page, form=answer, owner=form, conflict=False), 422
    service.assign(db.session(), argument_id=number, by=me(), owner_id=form.chosen)
    flash(_("Saved."), "ok")
    if typed:
        return _form(pages.answering(db.session(), number, by=me()), answer)
    return redirect(url_for("responses.answer", number=number), 303)
