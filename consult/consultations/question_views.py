"""The pages on which an owner asks."""

from __future__ import annotations

from flask import flash, request
from flask.typing import ResponseReturnValue

from consult.consultations import queries
from consult.consultations import questions as asking
from consult.consultations.desk import ONE, blueprint, me, page, refuse, to
from consult.consultations.forms import Ask, typed
from consult.core.access import Allow
from consult.core.clock import now
from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.i18n import _

_QUESTION = f"{ONE}/questions/<int(max=9223372036854775807):question_id>"


@blueprint.route(f"{ONE}/questions", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def questions(number: int) -> ResponseReturnValue:
    sheet = queries.sheet(db.session(), number=number, by=me())
    form = Ask(sheet.questions, queries.chapters(db.session(), sheet.version.id))
    if form.validate_on_submit():
        try:
            asking.add(db.session(), number=number, by=me(), asking=form.asking)
        except Refusal as refusal:
            refuse(form, refusal)
            sheet = queries.sheet(db.session(), number=number, by=me())
        else:
            flash(_("The question is added."), "ok")
            return to("questions", number)
    return page("consultations/questions.html", form, sheet=sheet, it=sheet.consultation, at=now())


@blueprint.route(_QUESTION, allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def question(number: int, question_id: int) -> ResponseReturnValue:
    sheet = queries.sheet(db.session(), number=number, by=me())
    row = sheet.question(question_id)
    form = Ask(sheet.questions[: row.position], queries.chapters(db.session(), sheet.version.id), data=typed(row))
    if form.validate_on_submit():
        try:
            asking.edit(db.session(), number=number, by=me(), question_id=question_id, asking=form.asking)
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            flash(_("The question is changed."), "ok")
            return to("questions", number)
    return page("consultations/question.html", form, it=sheet.consultation)


@blueprint.route(f"{_QUESTION}/move", allow=Allow.POLICYMAKER, methods=["POST"])
def move_question(number: int, question_id: int) -> ResponseReturnValue:
    up = request.form.get("to") == "up"
    asking.move(db.session(), number=number, by=me(), question_id=question_id, up=up)
    return to("questions", number)


@blueprint.route(f"{_QUESTION}/remove", allow=Allow.POLICYMAKER, methods=["POST"])
def remove_question(number: int, question_id: int) -> ResponseReturnValue:
    asking.remove(db.session(), number=number, by=me(), question_id=question_id)
    flash(_("The question is removed."), "ok")
    return to("questions", number)
