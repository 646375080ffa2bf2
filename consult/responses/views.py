"""Public pages of answers, and the pages on which policymakers write them."""

from __future__ import annotations

from typing import Any

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.arguments.model import Argument
from consult.consultations.view_helpers import current_account, show_refusal
from consult.core.db import db
from consult.core.errors import Forbidden, Refusal
from consult.core.i18n import _, ngettext
from consult.core.text import read_number
from consult.core.web.access import Allow
from consult.core.web.requests import Blueprint
from consult.digests.results.views import csv_file
from consult.responses import answer_queries, beside, drafts, lateness, pages, service
from consult.responses.answer_queries import PublishedAnswer
from consult.responses.drafts import AnswerDraft, AnswerDraftChangedElsewhere
from consult.responses.forms import (
    AnswerButtonForm,
    AnswerForm,
    BesideForm,
    LatenessForm,
    OwnerForm,
    draft_to_form_data,
    read_fields,
    to_fields,
    to_form_data,
)
from consult.responses.lateness import NoLateAnswer
from consult.responses.model import AnswerOutcome
from consult.responses.pages import AnswerPage
from consult.responses.service import AnsweredMeanwhile
from consult.submissions.amendments import queries as amendments

blueprint = Blueprint("responses", __name__)
NUMBER = "<int(max=9223372036854775807):number>"


@blueprint.route("/c/<slug>/answers", allow=Allow.ANYONE)
def answers_moved(slug: str) -> ResponseReturnValue:
    """Redirect from the earlier address of this page."""
    query = request.query_string.decode("ascii", "ignore")
    return redirect(url_for(".answers", slug=slug) + (f"?{query}" if query else ""), 308)


@blueprint.route("/c/<slug>/outcome", allow=Allow.ANYONE)
def answers(slug: str) -> ResponseReturnValue:
    """List answers. `show` selects waiting or overdue arguments, or one outcome."""
    page = pages.get_public_page(db.session(), slug, show=request.args.get("show"), after=request.args.get("after"))
    adopted = amendments.list_adopted(db.session(), page.consultation) if page.first_page else []
    return render_template("responses/answers.html", page=page, outcomes=list(AnswerOutcome), adopted=adopted)


@blueprint.route("/c/<slug>/answers.csv", allow=Allow.ANYONE)
def answers_csv(slug: str) -> ResponseReturnValue:
    """Return every answer as CSV with its dates: promised, deferred and given, and days late."""
    row, rows = pages.get_answers_table(db.session(), slug)
    return csv_file(f"{row.slug}-answers.csv", rows)


@blueprint.route(f"/desk/consultations/{NUMBER}/answers", allow=Allow.POLICYMAKER)
def desk(number: int) -> ResponseReturnValue:
    page = pages.get_desk_page(
        db.session(), number, show=request.args.get("show"), after=request.args.get("after"), by=current_account()
    )
    owns = service.is_owner(db.session(), page.consultation, current_account())
    return render_template("responses/desk.html", page=page, outcomes=list(AnswerOutcome), owns=owns)


@blueprint.route(f"/desk/arguments/{NUMBER}/answer", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def answer(number: int) -> ResponseReturnValue:
    """Edit an answer: the form is saved as a draft, checked on a separate page and published from there."""
    page = pages.get_answer_page(db.session(), number, by=current_account())
    if request.method == "GET":
        return _opened(page)
    service.check_may_answer(db.session(), page.consultation, page.argument, current_account())
    form, asked = _answer_form(page), request.form.get("do")
    if asked == "change" or (asked != "save" and not form.validate()):
        return _form(page, form), 422 if form.problems else 200
    try:
        return _done(page, form, asked)
    except Refusal as refusal:
        return _refused(number, form, refusal)


def _done(page: AnswerPage, form: AnswerForm, asked: str | None) -> ResponseReturnValue:
    """Handle a button of the form or of its check page."""
    here, argument, seen = db.session(), page.argument, form.seen.data or ""
    if asked == "save":
        _keep(argument, page.answer)
        flash(_("Saved."), "ok")
        return redirect(url_for("responses.answer", number=argument.id), 303)
    stands = page.answer.response if page.answer else None
    given = service.clean_answer(here, page.consultation, form.given, stands=stands)
    if asked != "publish":
        form.seen.data = _keep(argument, page.answer)
        return render_template("responses/check.html", page=page, form=form, given=given)
    drafts.check_unchanged(here, argument=argument, by=current_account(), seen=seen, fields=read_fields(request.form))
    service.answer_arguments(
        here,
        argument_id=argument.id,
        by=current_account(),
        given=given,
        seen=form.stands.data or "",
        also=form.further,
    )
    drafts.delete_draft(here, argument=argument, by=current_account())
    flash(_published(1 + len(form.further)), "ok")
    return redirect(url_for("responses.desk", number=page.consultation.id), 303)


def _answer_form(page: AnswerPage, **given: Any) -> AnswerForm:
    """Return the form, filled with the current answer unless other values are given."""
    return AnswerForm(page.options, page.further, **given, **to_form_data(page.answer))


def _published(n: int) -> str:
    if n == 1:
        return _("Published. In the morning, we e-mail the authors in this argument whose e-mail address we have.")
    return ngettext(
        "Answer published for %(num)s argument. In the morning, we e-mail the authors whose e-mail address we have.",
        "Answer published for %(num)s arguments. In the morning, we e-mail the authors whose e-mail address we have.",
        n,
    )


def _keep(argument: Argument, stands: PublishedAnswer | None) -> str:
    return drafts.save_draft(
        db.session(),
        argument=argument,
        by=current_account(),
        fields=read_fields(request.form),
        standing=to_fields(stands),
        stands=request.form.get("stands", ""),
        seen=request.form.get("seen", ""),
    )


@blueprint.route(f"/desk/arguments/{NUMBER}/answer/save", allow=Allow.POLICYMAKER, methods=["POST"])
def save(number: int) -> ResponseReturnValue:
    """Save the draft and return JSON. Used by autosave."""
    argument = service.get_answerable(db.session(), number, current_account())
    try:
        seen = _keep(argument, next(iter(answer_queries.list_answers(db.session(), number)), None))
    except Refusal as refusal:
        return jsonify(message=str(refusal)), refusal.status
    return jsonify(seen=seen)


@blueprint.route(f"/desk/arguments/{NUMBER}/answer/discard", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def discard(number: int) -> ResponseReturnValue:
    """Delete the writer's draft after a confirmation."""
    page = pages.get_answer_page(db.session(), number, by=current_account())
    service.check_may_answer(db.session(), page.consultation, page.argument, current_account())
    if request.method == "GET":
        return render_template("responses/discard.html", page=page, form=AnswerButtonForm())
    drafts.delete_draft(db.session(), argument=page.argument, by=current_account())
    flash(_("Unfinished answer deleted."), "ok")
    return redirect(url_for("responses.answer", number=number), 303)


def _opened(page: AnswerPage) -> str:
    """Render the form with the draft, else with the current answer."""
    draft = page.draft
    if draft is None or not page.may:
        return _form(page, _answer_form(page))
    form = AnswerForm(
        page.options, page.further, formdata=draft_to_form_data(draft, page.stands), **to_form_data(page.answer)
    )
    return _form(page, form, conflict=draft.stands != page.stands, draft=draft)


def _refused(number: int, form: AnswerForm, refusal: Refusal) -> ResponseReturnValue:
    """Render the form with the typed values next to the conflicting answer or draft."""
    show_refusal(form, refusal)
    page = pages.get_answer_page(db.session(), number, by=current_account())
    elsewhere = page.draft if isinstance(refusal, AnswerDraftChangedElsewhere) else None
    conflict = isinstance(refusal, AnsweredMeanwhile)
    if elsewhere:
        form.seen.data = elsewhere.mark
    if conflict:
        form.stands.data = page.stands
    return _form(page, form, conflict=conflict, elsewhere=elsewhere), refusal.status


def _form(
    page: AnswerPage,
    form: AnswerForm,
    *,
    conflict: bool = False,
    draft: AnswerDraft | None = None,
    elsewhere: AnswerDraft | None = None,
    owner: OwnerForm | None = None,
) -> str:
    chosen = f"body-{page.holder.id}" if page.holder else str(page.asked.id) if page.asked else ""
    asked = OwnerForm(page.people, page.others, owner=chosen, formdata=None)
    return render_template(
        "responses/answer.html",
        page=page,
        form=form,
        owner=owner or asked,
        conflict=conflict,
        draft=draft,
        elsewhere=elsewhere,
        sent=request.method == "POST",
    )


@blueprint.route(f"/desk/arguments/{NUMBER}/owner", allow=Allow.POLICYMAKER, methods=["POST"])
def owner(number: int) -> ResponseReturnValue:
    """Assign the argument. Typed parts of the answer stay in the form."""
    page = pages.get_answer_page(db.session(), number, by=current_account())
    form, typed = OwnerForm(page.people, page.others), "reasons" in request.form
    answer = AnswerForm(
        page.options, page.further, **({} if typed else {"formdata": None}), **to_form_data(page.answer)
    )
    if not form.validate_on_submit():
        return _form(page, answer, owner=form), 422
    try:
        _assign(number, form)
    except Refusal as refusal:
        show_refusal(form, refusal)
        return _form(page, answer, owner=form), 422
    flash(_("Saved."), "ok")
    if typed:
        return _form(pages.get_answer_page(db.session(), number, by=current_account()), answer)
    return redirect(url_for("responses.answer", number=number), 303)


def _assign(number: int, form: OwnerForm) -> None:
    if form.chosen_body is not None:
        beside.hand_on(db.session(), argument_id=number, by=current_account(), body_id=form.chosen_body)
    else:
        service.assign(db.session(), argument_id=number, by=current_account(), owner_id=form.chosen)


@blueprint.route(f"/desk/arguments/{NUMBER}/beside", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def say_beside(number: int) -> ResponseReturnValue:
    """Add the view of another body of a joint consultation below the answer."""
    page = pages.get_answer_page(db.session(), number, by=current_account())
    if not page.speaking:
        raise Forbidden(_("Only a lead of another consulting body can add an answer below this one."))
    known = {one.body.id: one.said for one in page.beside}
    said = known.get(page.speaking[0].id)
    form = BesideForm(page.speaking, data={"outcome": said.outcome, "reasons": said.reasons} if said else None)
    if form.validate_on_submit():
        try:
            beside.answer_beside(
                db.session(),
                argument_id=number,
                by=current_account(),
                body_id=read_number(form.body.data) or 0,
                outcome=AnswerOutcome(form.outcome.data),
                reasons=form.reasons.data or "",
            )
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash(_("Answer published below the first one."), "ok")
            return redirect(url_for("responses.answer", number=number), 303)
    return render_template("responses/beside.html", page=page, form=form), 422 if form.problems else 200


@blueprint.route(f"/desk/arguments/{NUMBER}/lateness", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def late(number: int) -> ResponseReturnValue:
    """Explain a late answer in one line."""
    page = pages.get_answer_page(db.session(), number, by=current_account())
    service.check_may_answer(db.session(), page.consultation, page.argument, current_account())
    told = page.answer.response if page.answer else None
    if told is None or not lateness.is_late(told):
        raise NoLateAnswer
    form = LatenessForm(lateness=told.lateness or "")
    if form.validate_on_submit():
        lateness.explain(db.session(), number=number, by=current_account(), words=form.lateness.data or "")
        flash(_("Saved."), "ok")
        return redirect(url_for("responses.answer", number=number), 303)
    shown = render_template("responses/late.html", form=form, it=page.consultation, argument=page.argument, told=told)
    return shown, 422 if form.problems else 200
