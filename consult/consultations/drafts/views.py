"""Pages for an owner to write a draft and its next version: text, map, publication."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from consult.consultations import queries, service
from consult.consultations.drafts import service as drafts
from consult.consultations.forms import ConsultationButtonForm
from consult.consultations.imports import service as imports
from consult.consultations.imports.model import ImportForm
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
from consult.documents import queries as documents_queries
from consult.documents.formats import markdown_writer
from consult.documents.forms import CORRECTIONS, DraftTextForm, ProvisionCorrectionForm, ProvisionOriginForm
from consult.documents.model import Version
from consult.documents.outline.doubts import list_doubts
from consult.documents.outline.outline_json import dump_outline
from consult.documents.outline.reader import Outline, is_quick, parse_outline
from consult.documents.outline_labels import summarise
from consult.documents.service import DraftRefused

_Save = Callable[[str, Outline], ResponseReturnValue]
_SAVE_AND_NAME = "titles"
"""The button that saves a draft and continues to the short titles of its paragraphs."""
_TEMPLATES = {"draft": "consultations/draft.html", "next_draft": "consultations/next.html"}
_PROVISION = f"{CONSULTATION_PATH}/next/map/<int(max=9223372036854775807):provision_id>"


@blueprint.route(f"{CONSULTATION_PATH}/draft", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def draft(number: int) -> ResponseReturnValue:
    """Edit the text and see how it is split. “Preview” does not save; “save” does if there are no errors."""
    sheet = queries.get_sheet(db.session(), number=number, by=current_account(), deed=Deed.DRAFT)

    def save(text: str, split: Outline) -> ResponseReturnValue:
        service.write_draft(db.session(), number=number, by=current_account(), text=text, split=split)
        if request.form.get("do") == _SAVE_AND_NAME:
            return redirect_to("titles", number)
        flash(_("Draft saved. This is how people will see it."), "ok")
        return redirect_to("draft", number)

    return _edit(sheet, sheet.version, "draft", save)


@blueprint.route(f"{CONSULTATION_PATH}/next", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def next_draft(number: int) -> ResponseReturnValue:
    """Edit the text of the next version. Saving maps it to the published one."""
    sheet = queries.get_sheet(db.session(), number=number, by=current_account(), deed=Deed.DRAFT)

    def save(text: str, split: Outline) -> ResponseReturnValue:
        drafts.prepare_next(db.session(), number=number, by=current_account(), text=text, split=split)
        return redirect_to("next_map", number)

    return _edit(sheet, sheet.next or sheet.version, "next_draft", save)


@blueprint.route(f"{CONSULTATION_PATH}/next/map", allow=Allow.POLICYMAKER)
def next_map(number: int) -> ResponseReturnValue:
    row = queries.get_sheet(db.session(), number=number, by=current_account(), deed=Deed.DRAFT).consultation
    compared = drafts.compare_next(db.session(), number=number, by=current_account())
    doubts = list_doubts(
        documents_queries.to_pieces(documents_queries.list_provisions(db.session(), compared.newer.id))
    )
    return render_form("consultations/map.html", ConsultationButtonForm(), it=row, compared=compared, doubts=doubts)


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
            flash(_("Source corrected."), "ok")
            return redirect(url_for("consultations.next_map", number=number, _anchor=f"n{provision_id}"), 303)
    place = shown.line.after.index(provision_id)
    return render_form("consultations/origin.html", form, it=row, row=shown.after[place], name=shown.now[place])


@blueprint.route(f"{CONSULTATION_PATH}/next/publish", allow=Allow.POLICYMAKER, methods=["POST"])
def publish_next(number: int) -> ResponseReturnValue:
    version = drafts.publish(db.session(), number=number, by=current_account())
    flash(_("Version %(number)s of the draft published.", number=version.number), "ok")
    return redirect_to("overview", number)


@blueprint.route(f"{CONSULTATION_PATH}/next/discard", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def discard_next(number: int) -> ResponseReturnValue:
    """Delete the next version after confirmation, since this cannot be undone."""
    if request.method == "GET":
        row = queries.get_sheet(db.session(), number=number, by=current_account(), deed=Deed.DRAFT).consultation
        compared = drafts.compare_next(db.session(), number=number, by=current_account())
        return render_form("consultations/discard.html", ConsultationButtonForm(), it=row, compared=compared)
    drafts.discard_next(db.session(), number=number, by=current_account())
    flash(_("Next version discarded. The published version is unchanged."), "ok")
    return redirect_to("overview", number)


def _edit(sheet: queries.ConsultationSheet, version: Version, page: str, save: _Save) -> ResponseReturnValue:
    """Show the text next to its provisions, with one provision to correct if requested.

    A long text is parsed by a worker, and is shown or saved afterwards.
    """
    it = sheet.consultation
    form = DraftTextForm(text=_read_text(it.id, version.source) or version.source, language=it.language)
    valid = form.validate_on_submit()
    if form.slow is not None:
        return _keep(sheet, page, ImportForm.FILE, form.slow, form.file.data.filename)
    split = _find_split(form, sheet, version)
    if split is None:
        return _keep(sheet, page, ImportForm.TEXT, (form.text.data or "").encode(), _("Text of the draft"))
    if valid and request.form.get("do") in ("save", _SAVE_AND_NAME):
        try:
            return save(form.text.data, split)
        except DraftRefused:
            db.session.rollback()
        except Refusal as refusal:
            show_refusal(form, refusal)
    correction = _ask_correction(form, split)
    corrected, touched = _correct(correction), None
    if correction is not None and corrected is not None:
        touched = correction.place - request.form.get("do", "").startswith("join")
        if not is_quick(form.text.data or ""):
            return _keep(sheet, page, ImportForm.OUTLINE, dump_outline(corrected).encode(), _("Corrected draft"))
        form.text.data = markdown_writer.write_markdown(corrected, language=it.language)
        split, correction = parse_outline(form.text.data, language=it.language), None
    if form.is_submitted() and split.problems and not form.problems:
        form.text.errors = [_("We cannot use this text yet. The lines to correct are listed below.")]
    more = {"correction": correction, "summary": summarise(split), "touched": touched}
    return render_form(_TEMPLATES[page], form, sheet=sheet, it=it, split=split, **more)


def _find_split(form: DraftTextForm, sheet: queries.ConsultationSheet, version: Version) -> Outline | None:
    """Return how the text is split, or None if it is too long to parse here and a worker must do it."""
    session, text, it = db.session(), form.text.data or "", sheet.consultation
    if form.problems and not is_quick(text):
        return Outline("", [], [])  # errors of the form must be corrected first
    if not form.is_submitted() and text == version.source and not is_quick(text):
        return Outline("", documents_queries.to_pieces(documents_queries.list_provisions(session, version.id)), [])
    return imports.find_outline(session, consultation_id=it.id, text=text, language=it.language)


def _read_text(number: int, saved: str) -> str:
    """Return the text that a worker read, after the redirect from the progress page."""
    import_id = request.args.get("read", "")
    if request.method != "GET" or not import_id.isdecimal() or len(import_id) > 18:
        return ""
    try:
        row = imports.get_import(db.session(), consultation_id=number, import_id=int(import_id), whole=True)
    except NotFound:
        return ""
    if row.text and row.text != saved:
        flash(_("We read “%(name)s”. Check the text below, then save it. It is not saved yet.", name=row.name), "ok")
    return row.text or ""


def _keep(sheet: queries.ConsultationSheet, page: str, form: ImportForm, data: bytes, name: str) -> ResponseReturnValue:
    """Store the file for a worker and redirect to the progress page."""
    number = sheet.consultation.id
    row = imports.keep(db.session(), consultation_id=number, page=page, form=form, data=data, name=name)
    return redirect(url_for("consultations.draft_import", number=number, import_id=row.id), 303)


def _ask_correction(form: DraftTextForm, split: Outline) -> ProvisionCorrectionForm | None:
    """Return the form for the provision to correct, or None."""
    do, _dash, place = request.form.get("do", "").partition("-")
    if do not in ("correct", *CORRECTIONS) or (chosen := read_number(place)) is None or form.problems:
        return None
    return (
        ProvisionCorrectionForm(split, chosen, typed=do in ("apply", "split")) if chosen < len(split.pieces) else None
    )


def _correct(correction: ProvisionCorrectionForm | None) -> Outline | None:
    """Return the draft with the requested correction, or None if there is none or it cannot be made."""
    do = request.form.get("do", "").partition("-")[0]
    if correction is None or do not in CORRECTIONS or (do == "apply" and not correction.validate()):
        return None
    try:
        return correction.apply(do)
    except Refusal as refusal:
        show_refusal(correction, refusal)
        return None
