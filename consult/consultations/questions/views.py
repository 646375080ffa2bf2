"""Pages to edit the questions of a consultation."""

from __future__ import annotations

from flask import flash, request
from flask.typing import ResponseReturnValue

from consult.consultations import queries
from consult.consultations.forms import QuestionForm, question_data
from consult.consultations.questions import service as questions_service
from consult.consultations.view_helpers import (
    CONSULTATION_PATH,
    blueprint,
    current_account,
    redirect_to,
    render_form,
    show_refusal,
)
from consult.core.clock import now
from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.web.access import Allow

_QUESTION = f"{CONSULTATION_PATH}/questions/<int(max=9223372036854775807):question_id>"


@blueprint.route(f"{CONSULTATION_PATH}/questions", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def questions(number: int) -> ResponseReturnValue:
    sheet = queries.get_sheet(db.session(), number=number, by=current_account())
    chapters = queries.list_chapters(db.session(), sheet.version.id)
    form = QuestionForm(sheet.questions, chapters)
    if form.validate_on_submit():
        try:
            questions_service.add(db.session(), number=number, by=current_account(), asking=form.asking)
        except Refusal as refusal:
            show_refusal(form, refusal)
            sheet = queries.get_sheet(db.session(), number=number, by=current_account())
        else:
            flash(_("Question added."), "ok")
            return redirect_to("questions", number)
    more = {"sheet": sheet, "it": sheet.consultation, "chapters": dict(chapters), "at": now()}
    return render_form("consultations/questions.html", form, **more)


@blueprint.route(_QUESTION, allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def question(number: int, question_id: int) -> ResponseReturnValue:
    sheet = queries.get_sheet(db.session(), number=number, by=current_account())
    row = sheet.question(question_id)
    form = QuestionForm(
        sheet.questions[: row.position], queries.list_chapters(db.session(), sheet.version.id), data=question_data(row)
    )
    if form.validate_on_submit():
        try:
            questions_service.edit(
                db.session(), number=number, by=current_account(), question_id=question_id, asking=form.asking
            )
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash(_("Question changed."), "ok")
            return redirect_to("questions", number)
    return render_form("consultations/question.html", form, it=sheet.consultation)


@blueprint.route(f"{_QUESTION}/move", allow=Allow.POLICYMAKER, methods=["POST"])
def move_question(number: int, question_id: int) -> ResponseReturnValue:
    up = request.form.get("to") == "up"
    questions_service.move(db.session(), number=number, by=current_account(), question_id=question_id, up=up)
    return redirect_to("questions", number)


@blueprint.route(f"{_QUESTION}/remove", allow=Allow.POLICYMAKER, methods=["POST"])
def remove_question(number: int, question_id: int) -> ResponseReturnValue:
    questions_service.remove(db.session(), number=number, by=current_account(), question_id=question_id)
    flash(_("Question removed."), "ok")
    return redirect_to("questions", number)
