"""Pages on which an owner writes a draft and its next version: text, map, publication."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from consult.consultations import queries, service
from consult.consultations.drafts import service as drafts
from consult.consultations.forms import ConsultationButtonForm
from consult.consultations.imports import service as imports
from consult.consultations.rights import Deed
from consult.consultations.view_helpers import (
    CONSULTATION_PATH,
    blueprint,
    current_account,
    redirect_to,
    render_form,
    show_refusal,
)
from consult.core.db import db
from consult.core.errors import NotFound, Refusal
from consult.core.i18n import _
from consult.core.text import read_number
from consult.core.web.access import Allow
from consult.documents.formats import markdown_writer
from consult.documents.forms import DraftTextForm, ProvisionCorrectionForm, ProvisionOriginForm
from consult.documents.outline.reader import parse_outline
from consult.documents.service import DraftRefused

_PROVISION = f"{CONSULTATION_PATH}/next/map/<int(max=9223372036854775807):provision_id>"


@blueprint.route(f"{CONSULTATION_PATH}/draft", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def draft(number: int) -> ResponseReturnValue:
    """The text and how it is split. "Preview" shows that without saving; "save" saves it if nothing is wrong."""
    sheet = queries.get_sheet(db.session(), number=number, by=current_account(), deed=Deed.DRAFT)
    form = DraftTextForm(text=_read_text(number) or sheet.version.source, language=sheet.consultation.language)
    valid = form.validate_on_submit()
    if form.slow is not None:
        return _keep_slow_file(form, sheet, "draft")
    if valid and request.form.get("do") == "save":
        try:
            service.write_draft(db.session(), number=number, by=current_account(), text=form.text.data)
        except DraftRefused:
            db.session.rollback()
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash(_("The draft is saved. This is how people will see it."), "ok")
            return redirect_to("draft", number)
    return _text_page("consultations/draft.html", form, sheet)


@blueprint.route(f"{CONSULTATION_PATH}/next", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def next_draft(number: int) -> ResponseReturnValue:
    """The text of the version to come. "save" maps it to the published one."""
    sheet = queries.get_sheet(db.session(), number=number, by=current_account(), deed=Deed.DRAFT)
    form = DraftTextForm(
        text=_read_text(number) or (sheet.next or sheet.version).source, language=sheet.consultation.language
    )
    valid = form.validate_on_submit()
    if form.slow is not None:
        return _keep_slow_file(form, sheet, "next_draft")
    if valid and request.form.get("do") == "save":
        try:
            drafts.prepare_next(db.session(), number=number, by=current_account(), text=form.text.data)
        except DraftRefused:
            db.session.rollback()
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            return redirect_to("next_map", number)
    return _text_page("consultations/next.html", form, sheet)


@blueprint.route(f"{CONSULTATION_PATH}/next/map", allow=Allow.POLICYMAKER)
def next_map(number: int) -> ResponseReturnValue:
    row = queries.get_sheet(db.session(), number=number, by=current_account(), deed=Deed.DRAFT).consultation
    compared = drafts.compare_next(db.session(), number=number, by=current_account())
    return render_form("consultations/map.html", ConsultationButtonForm(), it=row, compared=compared)


@blueprint.route(_PROVISION, allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def origin(number: int, provision_id: int) -> ResponseReturnValue:
    row = queries.get_sheet(db.session(), number=number, by=current_account(), deed=Deed.DRAFT).consultation
    shown = drafts.compare_next(db.session(), number=number, by=current_account()).line_of(provision_id)
    form = ProvisionOriginForm(before=", ".join(shown.was))
    if form.validate_on_submit():
        try:
            drafts.correct_origin(
                db.session(), number=number, by=current_account(), after_id=provision_id, before=form.before.data or ""
            )
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash(_("The map is corrected."), "ok")
            return redirect(url_for("consultations.next_map", number=number, _anchor=f"n{provision_id}"), 303)
    place = shown.line.after.index(provision_id)
    return render_form("consultations/origin.html", form, it=row, row=shown.after[place], name=shown.now[place])


@blueprint.route(f"{CONSULTATION_PATH}/next/publish", allow=Allow.POLICYMAKER, methods=["POST"])
def publish_next(number: int) -> ResponseReturnValue:
    version = drafts.publish(db.session(), number=number, by=current_account())
    flash(_("Version %(number)s of the draft is published.", number=version.number), "ok")
    return redirect_to("overview", number)


@blueprint.route(f"{CONSULTATION_PATH}/next/discard", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def discard_next(number: int) -> ResponseReturnValue:
    """Asks first: what was prepared cannot be brought back."""
    if request.method == "GET":
        row = queries.get_sheet(db.session(), number=number, by=current_account(), deed=Deed.DRAFT).consultation
        compared = drafts.compare_next(db.session(), number=number, by=current_account())
        return render_form("consultations/discard.html", ConsultationButtonForm(), it=row, compared=compared)
    drafts.discard_next(db.session(), number=number, by=current_account())
    flash(_("The next version is dropped. The published one stays as it is."), "ok")
    return redirect_to("overview", number)


def _read_text(number: int) -> str:
    """What a worker read in a file, on the way back from the page that shows its progress."""
    import_id = request.args.get("read", "")
    if request.method != "GET" or not import_id.isdecimal() or len(import_id) > 18:
        return ""
    try:
        row = imports.get_import(db.session(), consultation_id=number, import_id=int(import_id), whole=True)
    except NotFound:
        return ""
    if row.text:
        flash(_("“%(name)s” was read. Check the text below, then save it: it is not saved yet.", name=row.name), "ok")
    return row.text or ""


def _keep_slow_file(form: DraftTextForm, sheet: queries.ConsultationSheet, page: str) -> ResponseReturnValue:
    number = sheet.consultation.id
    row = imports.keep(
        db.session(), consultation_id=number, page=page, data=form.slow or b"", name=form.file.data.filename
    )
    return redirect(url_for("consultations.draft_import", number=number, import_id=row.id), 303)


def _text_page(template: str, form: DraftTextForm, sheet: queries.ConsultationSheet) -> ResponseReturnValue:
    """The text beside how it is split, with one provision to correct where that was asked for."""
    language = sheet.consultation.language
    correction = _correction(form, language)
    split = parse_outline(form.text.data or "", language=language)
    if form.is_submitted() and split.problems and not form.problems:
        form.text.errors = [_("The text cannot be used as it is. What to mend is told below, line by line.")]
    return render_form(template, form, sheet=sheet, it=sheet.consultation, split=split, correction=correction)


def _correction(form: DraftTextForm, language: str) -> ProvisionCorrectionForm | None:
    """What was asked to be corrected. One that is complete is carried out in the text; then there is none left."""
    do, _dash, place = request.form.get("do", "").partition("-")
    if do not in ("correct", "apply") or (chosen := read_number(place)) is None or form.problems:
        return None
    split = parse_outline(form.text.data or "", language=language)
    if chosen >= len(split.pieces):
        return None
    correction = ProvisionCorrectionForm(split, chosen, typed=do == "apply")
    if do == "apply" and correction.validate():
        form.text.data = markdown_writer.write_markdown(correction.outline(), language=language)
        return None
    return correction
