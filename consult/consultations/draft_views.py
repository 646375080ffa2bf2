"""The pages on which an owner writes a draft, and the next version of it: text, map, publication."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from consult.consultations import queries, service, versions
from consult.consultations.desk import ONE, blueprint, me, page, refuse, to
from consult.consultations.forms import Button
from consult.core.access import Allow
from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.documents import writing
from consult.documents.forms import Correction, DraftText, Origin
from consult.documents.outline import outline
from consult.documents.service import DraftRefused

_PROVISION = f"{ONE}/next/map/<int(max=9223372036854775807):provision_id>"


@blueprint.route(f"{ONE}/draft", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def draft(number: int) -> ResponseReturnValue:
    """The text and how it is split. "Preview" shows that without saving; "save" saves it if nothing is wrong."""
    sheet = queries.sheet(db.session(), number=number, by=me())
    form = DraftText(text=sheet.version.source, language=sheet.consultation.language)
    if form.validate_on_submit() and request.form.get("do") == "save":
        try:
            service.write_draft(db.session(), number=number, by=me(), text=form.text.data)
        except DraftRefused:
            db.session.rollback()
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            flash(_("The draft is saved. This is how people will see it."), "ok")
            return to("draft", number)
    return _text_page("consultations/draft.html", form, sheet)


@blueprint.route(f"{ONE}/next", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def next_draft(number: int) -> ResponseReturnValue:
    """The text of the version to come. "save" maps it to the published one."""
    sheet = queries.sheet(db.session(), number=number, by=me())
    form = DraftText(text=(sheet.next or sheet.version).source, language=sheet.consultation.language)
    if form.validate_on_submit() and request.form.get("do") == "save":
        try:
            versions.prepare(db.session(), number=number, by=me(), text=form.text.data)
        except DraftRefused:
            db.session.rollback()
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            return to("next_map", number)
    return _text_page("consultations/next.html", form, sheet)


@blueprint.route(f"{ONE}/next/map", allow=Allow.POLICYMAKER)
def next_map(number: int) -> ResponseReturnValue:
    row = queries.sheet(db.session(), number=number, by=me()).consultation
    compared = versions.prepared(db.session(), number=number, by=me())
    return page("consultations/map.html", Button(), it=row, compared=compared)


@blueprint.route(_PROVISION, allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def origin(number: int, provision_id: int) -> ResponseReturnValue:
    row = queries.sheet(db.session(), number=number, by=me()).consultation
    shown = versions.prepared(db.session(), number=number, by=me()).line_of(provision_id)
    form = Origin(before=", ".join(shown.was))
    if form.validate_on_submit():
        try:
            versions.correct(
                db.session(), number=number, by=me(), after_id=provision_id, before=form.before.data or ""
            )  # fmt: skip
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            flash(_("The map is corrected."), "ok")
            return redirect(url_for("consultations.next_map", number=number, _anchor=f"n{provision_id}"), 303)
    place = shown.line.after.index(provision_id)
    return page("consultations/origin.html", form, it=row, row=shown.after[place], name=shown.now[place])


@blueprint.route(f"{ONE}/next/publish", allow=Allow.POLICYMAKER, methods=["POST"])
def publish_next(number: int) -> ResponseReturnValue:
    version = versions.publish(db.session(), number=number, by=me())
    flash(_("Version %(number)s of the draft is published.", number=version.number), "ok")
    return to("overview", number)


@blueprint.route(f"{ONE}/next/discard", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def discard_next(number: int) -> ResponseReturnValue:
    """Asks first: what was prepared cannot be brought back."""
    if request.method == "GET":
        row = queries.sheet(db.session(), number=number, by=me()).consultation
        compared = versions.prepared(db.session(), number=number, by=me())
        return page("consultations/discard.html", Button(), it=row, compared=compared)
    versions.discard(db.session(), number=number, by=me())
    flash(_("The next version is dropped. The published one stays as it is."), "ok")
    return to("overview", number)


def _text_page(template: str, form: DraftText, sheet: queries.Sheet) -> ResponseReturnValue:
    """The text beside how it is split, with one provision to correct where that was asked for."""
    language = sheet.consultation.language
    correction = _correction(form, language)
    split = outline(form.text.data or "", language=language)
    if form.is_submitted() and split.problems and not form.problems:
        form.text.errors = [_("The text cannot be used as it is. What to mend is told below, line by line.")]
    return page(template, form, sheet=sheet, it=sheet.consultation, split=split, correction=correction)


def _correction(form: DraftText, language: str) -> Correction | None:
    """What was asked to be corrected. One that is complete is carried out in the text; then there is none left."""
    do, _dash, place = request.form.get("do", "").partition("-")
    if do not in ("correct", "apply") or not place.isdecimal() or form.problems:
        return None
    split = outline(form.text.data or "", language=language)
    if int(place) >= len(split.pieces):
        return None
    correction = Correction(split, int(place), typed=do == "apply")
    if do == "apply" and correction.validate():
        form.text.data = writing.markdown(correction.outline(), language=language)
        return None
    return correction
