"""The owner's desk: set up a consultation, write its draft, ask, publish, extend. /desk/consultations…"""

from __future__ import annotations

from typing import Any, cast

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.accounts.model import Account
from consult.consultations import queries, service
from consult.consultations.forms import Ask, Button, Extension, New, SetUp, Words
from consult.consultations.model import Consultation, Phase
from consult.consultations.moments import wall_clock
from consult.core.access import Allow
from consult.core.clock import now
from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.forms import Form
from consult.core.i18n import _
from consult.core.web import Blueprint, principal
from consult.documents.forms import DraftText
from consult.documents.outline import outline
from consult.documents.service import DraftRefused

blueprint = Blueprint("consultations", __name__)
_ONE = "/desk/consultations/<int(max=9223372036854775807):number>"
_QUESTION = f"{_ONE}/questions/<int(max=9223372036854775807):question_id>"


@blueprint.route("/desk/consultations", allow=Allow.POLICYMAKER)
def mine() -> ResponseReturnValue:
    found = queries.mine(db.session(), by=me(), after=request.args.get("after"))
    return render_template("consultations/mine.html", page=found, at=now())


@blueprint.route("/desk/consultations/new", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def new() -> ResponseReturnValue:
    form = New(timezone="UTC", language=me().language)
    if form.validate_on_submit():
        try:
            row = service.create(db.session(), owner=me(), terms=form.terms(), code=form.code.data)
        except Refusal as refusal:
            _refuse(form, refusal)
        else:
            flash(_("The consultation is set up. Only you and the administrators see it."), "ok")
            return _to("overview", row.id)
    return _page("consultations/new.html", form)


@blueprint.route(_ONE, allow=Allow.POLICYMAKER)
def overview(number: int) -> ResponseReturnValue:
    sheet = queries.sheet(db.session(), number=number, by=me())
    return render_template("consultations/overview.html", sheet=sheet, it=sheet.consultation, at=now())


@blueprint.route(f"{_ONE}/about", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def about(number: int) -> ResponseReturnValue:
    row = queries.sheet(db.session(), number=number, by=me()).consultation
    form = SetUp(**_filled(row)) if row.phase is Phase.DRAFT else Words(**_filled(row))
    if form.validate_on_submit():
        try:
            service.edit(
                db.session(), number=number, by=me(), revision=form.read_revision, terms=form.terms(row)
            )  # fmt: skip
        except Refusal as refusal:
            _refuse(form, refusal)
        else:
            flash(_("Saved."), "ok")
            return _to("overview", number)
    return _page("consultations/about.html", form, it=row)


@blueprint.route(f"{_ONE}/draft", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def draft(number: int) -> ResponseReturnValue:
    """The text and how it is split. "Preview" shows that without saving; "save" saves it if nothing is wrong."""
    sheet = queries.sheet(db.session(), number=number, by=me())
    form = DraftText(text=sheet.version.source)
    if form.validate_on_submit() and request.form.get("do") == "save":
        try:
            service.write_draft(db.session(), number=number, by=me(), text=form.text.data)
        except DraftRefused:
            db.session.rollback()
        except Refusal as refusal:
            _refuse(form, refusal)
        else:
            flash(_("The draft is saved. This is how people will see it."), "ok")
            return _to("draft", number)
    split = outline(form.text.data or "", language=sheet.consultation.language)
    if form.is_submitted() and split.problems and not form.problems:
        form.text.errors = [_("The text cannot be used as it is. What to mend is told below, line by line.")]
    return _page("consultations/draft.html", form, sheet=sheet, it=sheet.consultation, split=split)


@blueprint.route(f"{_ONE}/questions", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def questions(number: int) -> ResponseReturnValue:
    form = Ask()
    if form.validate_on_submit():
        try:
            service.add_question(db.session(), number=number, by=me(), **form.answers())
        except Refusal as refusal:
            _refuse(form, refusal)
        else:
            flash(_("The question is added."), "ok")
            return _to("questions", number)
    sheet = queries.sheet(db.session(), number=number, by=me())
    return _page("consultations/questions.html", form, sheet=sheet, it=sheet.consultation, at=now())


@blueprint.route(_QUESTION, allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def question(number: int, question_id: int) -> ResponseReturnValue:
    sheet = queries.sheet(db.session(), number=number, by=me())
    form = Ask(obj=sheet.question(question_id))
    if form.validate_on_submit():
        try:
            service.edit_question(
                db.session(), number=number, by=me(), question_id=question_id, **form.answers()
            )  # fmt: skip
        except Refusal as refusal:
            _refuse(form, refusal)
        else:
            flash(_("The question is changed."), "ok")
            return _to("questions", number)
    return _page("consultations/question.html", form, it=sheet.consultation)


@blueprint.route(f"{_QUESTION}/move", allow=Allow.POLICYMAKER, methods=["POST"])
def move_question(number: int, question_id: int) -> ResponseReturnValue:
    up = request.form.get("to") == "up"
    service.move_question(db.session(), number=number, by=me(), question_id=question_id, up=up)
    return _to("questions", number)


@blueprint.route(f"{_QUESTION}/remove", allow=Allow.POLICYMAKER, methods=["POST"])
def remove_question(number: int, question_id: int) -> ResponseReturnValue:
    service.remove_question(db.session(), number=number, by=me(), question_id=question_id)
    flash(_("The question is removed."), "ok")
    return _to("questions", number)


@blueprint.route(f"{_ONE}/publish", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def publish(number: int) -> ResponseReturnValue:
    form = Button()
    if form.validate_on_submit():
        try:
            service.publish(db.session(), number=number, by=me())
        except Refusal as refusal:
            _refuse(form, refusal)
        else:
            flash(_("The consultation is published."), "ok")
            return _to("overview", number)
    sheet = queries.sheet(db.session(), number=number, by=me())
    return _page("consultations/publish.html", form, sheet=sheet, it=sheet.consultation, at=now())


@blueprint.route(f"{_ONE}/extend", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def extend(number: int) -> ResponseReturnValue:
    row = queries.sheet(db.session(), number=number, by=me()).consultation
    form = Extension(closes_at=wall_clock(row.closes_at, row.timezone), answer_by=row.answer_by)
    if form.validate_on_submit():
        try:
            service.extend(db.session(), number=number, by=me(), **form.dates(row.timezone))
        except Refusal as refusal:
            _refuse(form, refusal)
        else:
            flash(_("The consultation stays open for longer."), "ok")
            return _to("overview", number)
    return _page("consultations/extend.html", form, it=row)


def me() -> Account:
    """The row of whoever is signed in; these routes need somebody to be."""
    return cast("Account", principal())


def _filled(row: Consultation) -> dict[str, Any]:
    """The form's fields as the consultation has them; times as the clocks of its place show them."""
    known = vars(service.terms_of(row)) | {"revision": row.revision, "tags": ", ".join(row.tags)}
    return known | {name: wall_clock(known[name], row.timezone) for name in ("opens_at", "closes_at")}


def _refuse(form: Form, refusal: Refusal) -> None:
    """Shows why not; nothing stays of what was written before it was refused."""
    db.session.rollback()
    form.refuse(refusal)


def _page(template: str, form: Form, **more: Any) -> ResponseReturnValue:
    """The form's page; 422 where something in it must be mended."""
    return render_template(template, form=form, **more), 422 if form.problems else 200


def _to(view: str, number: int) -> ResponseReturnValue:
    return redirect(url_for(f"consultations.{view}", number=number), 303)
