"""Answers as the public reads them, and the pages on which policymakers give them."""

from __future__ import annotations

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.arguments.model import Argument
from consult.consultations.desk import me, refuse
from consult.core.access import Allow
from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.web import Blueprint
from consult.responses import drafts, pages, reading, service
from consult.responses.drafts import ChangedElsewhere, Draft
from consult.responses.forms import AnswerForm, Button, OwnerForm, filled, resumed, typed, written
from consult.responses.model import Outcome
from consult.responses.pages import Answering
from consult.responses.reading import Told
from consult.responses.service import AnsweredMeanwhile

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
    """One form: what it says is kept as a draft, checked on a page of its own, and published from there."""
    page = pages.answering(db.session(), number, by=me())
    if request.method == "GET":
        return _opened(page)
    service.check_may(db.session(), page.consultation, page.argument, me())
    form, asked = AnswerForm(page.options, **filled(page.answer)), request.form.get("do")
    if asked == "change" or (asked != "save" and not form.validate()):
        return _form(page, form), 422 if form.problems else 200
    try:
        return _done(page, form, asked)
    except Refusal as refusal:
        return _refused(number, form, refusal)


def _done(page: Answering, form: AnswerForm, asked: str | None) -> ResponseReturnValue:
    """What a button of the form, or of its check, does."""
    here, argument, seen = db.session(), page.argument, form.seen.data or ""
    if asked == "save":
        _keep(argument, page.answer)
        flash(_("Saved."), "ok")
        return redirect(url_for("responses.answer", number=argument.id), 303)
    given = service.checked(here, page.consultation, form.given)
    if asked != "publish":
        form.seen.data = _keep(argument, page.answer)
        return render_template("responses/check.html", page=page, form=form, given=given)
    drafts.check(here, argument=argument, by=me(), seen=seen, fields=typed(request.form))
    service.answer(here, argument_id=argument.id, by=me(), given=given, seen=form.stands.data or "")
    drafts.drop(here, argument=argument, by=me())
    flash(_("Published. Those whose words are in the argument are told in the morning."), "ok")
    return redirect(url_for("responses.desk", number=page.consultation.id), 303)


def _keep(argument: Argument, stands: Told | None) -> str:
    return drafts.keep(
        db.session(), argument=argument, by=me(), fields=typed(request.form), standing=written(stands),
        stands=request.form.get("stands", ""), seen=request.form.get("seen", ""),
    )  # fmt: skip


@blueprint.route(f"/desk/arguments/{NUMBER}/answer/save", allow=Allow.POLICYMAKER, methods=["POST"])
def save(number: int) -> ResponseReturnValue:
    """What the page saves by itself while somebody types: the same as its button, answered in JSON."""
    argument = service.answerable(db.session(), number, me())
    try:
        seen = _keep(argument, next(iter(reading.told(db.session(), number)), None))
    except Refusal as refusal:
        return jsonify(message=str(refusal)), refusal.status
    return jsonify(seen=seen)


@blueprint.route(f"/desk/arguments/{NUMBER}/answer/discard", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def discard(number: int) -> ResponseReturnValue:
    """Asks before what somebody has written is deleted."""
    page = pages.answering(db.session(), number, by=me())
    service.check_may(db.session(), page.consultation, page.argument, me())
    if request.method == "GET":
        return render_template("responses/discard.html", page=page, form=Button())
    drafts.drop(db.session(), argument=page.argument, by=me())
    flash(_("Your draft is deleted."), "ok")
    return redirect(url_for("responses.answer", number=number), 303)


def _opened(page: Answering) -> str:
    """The form as it was left, else as the answer stands."""
    draft = page.draft
    if draft is None or not page.may:
        return _form(page, AnswerForm(page.options, **filled(page.answer)))
    form = AnswerForm(page.options, formdata=resumed(draft, page.stands), **filled(page.answer))
    return _form(page, form, conflict=draft.stands != page.stands, draft=draft)


def _refused(number: int, form: AnswerForm, refusal: Refusal) -> ResponseReturnValue:
    """The form with what was typed, beside what somebody else was quicker to say, or the same person elsewhere."""
    refuse(form, refusal)
    page = pages.answering(db.session(), number, by=me())
    elsewhere = page.draft if isinstance(refusal, ChangedElsewhere) else None
    conflict = isinstance(refusal, AnsweredMeanwhile)
    if elsewhere:
        form.seen.data = elsewhere.mark
    if conflict:
        form.stands.data = page.stands
    return _form(page, form, conflict=conflict, elsewhere=elsewhere), refusal.status


def _form(
    page: Answering, form: AnswerForm, *, conflict: bool = False, draft: Draft | None = None,
    elsewhere: Draft | None = None, owner: OwnerForm | None = None,
) -> str:  # fmt: skip
    asked = OwnerForm(page.people, owner=str(page.asked.id) if page.asked else "", formdata=None)
    return render_template(
        "responses/answer.html", page=page, form=form, owner=owner or asked, conflict=conflict, draft=draft,
        elsewhere=elsewhere, sent=request.method == "POST",
    )  # fmt: skip


@blueprint.route(f"/desk/arguments/{NUMBER}/owner", allow=Allow.POLICYMAKER, methods=["POST"])
def owner(number: int) -> ResponseReturnValue:
    """Saves who is to answer; what was typed of the answer stays in the form."""
    page = pages.answering(db.session(), number, by=me())
    form, typed = OwnerForm(page.people), "reasons" in request.form
    answer = AnswerForm(page.options, **({} if typed else {"formdata": None}), **filled(page.answer))
    if not form.validate_on_submit():
        return _form(page, answer, owner=form), 422
    service.assign(db.session(), argument_id=number, by=me(), owner_id=form.chosen)
    flash(_("Saved."), "ok")
    if typed:
        return _form(pages.answering(db.session(), number, by=me()), answer)
    return redirect(url_for("responses.answer", number=number), 303)
