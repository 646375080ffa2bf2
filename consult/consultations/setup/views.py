"""Pages of the optional setup steps, the preview and the paper form."""

from __future__ import annotations

from typing import Any

from flask import flash, render_template
from flask.typing import ResponseReturnValue

from consult.consultations import queries
from consult.consultations.forms import ConsultationButtonForm, EmailAddressForm
from consult.consultations.model import Consultation, Phase
from consult.consultations.participation import facilitators as participation_facilitators
from consult.consultations.questions import fields as questions_fields
from consult.consultations.questions.answers import GivenAnswer
from consult.consultations.rights import Deed
from consult.consultations.setup import service as setup
from consult.consultations.setup.forms import STEP_FORMS
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
from consult.core.errors import NotFound, Refusal
from consult.core.i18n import _
from consult.core.web.access import Allow
from consult.core.web.forms import Form


@blueprint.route(f"{CONSULTATION_PATH}/steps/<step>", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def step(number: int, step: str) -> ResponseReturnValue:
    row = queries.get_sheet(db.session(), number=number, by=current_account()).consultation
    if step not in STEP_FORMS:
        raise NotFound(_("We cannot find this step."))
    form = STEP_FORMS[step](row)
    if form.validate_on_submit():
        try:
            setup.save_step(db.session(), number=number, by=current_account(), step=step, values=form.values())
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash(_("Saved."), "ok")
            return redirect_to("overview", number)
    fixed = row.phase is not Phase.DRAFT and step in ("who", "names")
    return render_form("consultations/step.html", form, it=row, fixed=fixed)


@blueprint.route(f"{CONSULTATION_PATH}/duplicate", allow=Allow.POLICYMAKER, methods=["POST"])
def duplicate(number: int) -> ResponseReturnValue:
    made = setup.duplicate(db.session(), number=number, by=current_account())
    flash(_("This is a copy. It runs for as long as the original and opens in two weeks. Check every step."), "ok")
    return redirect_to("overview", made.id)


@blueprint.route(f"{CONSULTATION_PATH}/preview", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def make_preview(number: int) -> ResponseReturnValue:
    form = ConsultationButtonForm()
    if form.validate_on_submit():
        setup.renew_preview(db.session(), number=number, by=current_account())
        flash(_("The preview has a new link. Earlier links no longer work."), "ok")
        return redirect_to("make_preview", number)
    row = queries.get_sheet(db.session(), number=number, by=current_account()).consultation
    return render_form("consultations/make_preview.html", form, it=row, secret=setup.preview_secret(row))


@blueprint.route("/c/<slug>/preview/<secret>", allow=Allow.ANYONE)
def preview(slug: str, secret: str) -> ResponseReturnValue:
    """Show the consultation and its form as participants will see them, without sending. Requires the secret link."""
    row = setup.get_previewed(db.session(), slug=slug, secret=secret)
    sheet = queries.get_printed(db.session(), row)
    made: dict[str, Any] = {}
    for question in sheet.questions:
        made |= questions_fields.build_fields(question, GivenAnswer(), row.language)
    form = type("Shown", (Form,), made)()
    shown = render_template("consultations/preview.html", it=row, sheet=sheet, form=form)
    return shown, 200, {"Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "X-Robots-Tag": "noindex"}


@blueprint.route("/c/<slug>/paper", allow=Allow.ANYONE)
def paper(slug: str) -> ResponseReturnValue:
    """Show the paper form, whose codes are typed in later."""
    return _render_paper(queries.get_published(db.session(), slug))


@blueprint.route(f"{CONSULTATION_PATH}/paper", allow=Allow.POLICYMAKER)
def own_paper(number: int) -> ResponseReturnValue:
    """Show the paper form before publication, to the owner."""
    sheet = queries.get_sheet(db.session(), number=number, by=current_account(), deed=Deed.SEE)
    return _render_paper(sheet.consultation)


def _render_paper(row: Consultation) -> ResponseReturnValue:
    return render_template("consultations/paper.html", it=row, sheet=queries.get_printed(db.session(), row), at=now())


@blueprint.route(f"{CONSULTATION_PATH}/facilitators", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def facilitators(number: int) -> ResponseReturnValue:
    form = EmailAddressForm()
    if form.validate_on_submit():
        try:
            participation_facilitators.allow(db.session(), number=number, by=current_account(), email=form.email.data)
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash(_("This person can now submit for groups."), "ok")
            return redirect_to("facilitators", number)
    row = queries.get_sheet(db.session(), number=number, by=current_account()).consultation
    rows = participation_facilitators.list_allowed(db.session(), consultation=row)
    return render_form("consultations/facilitators.html", form, it=row, rows=rows)


@blueprint.route(
    f"{CONSULTATION_PATH}/facilitators/<int(max=9223372036854775807):account_id>/remove",
    allow=Allow.POLICYMAKER,
    methods=["POST"],
)
def disallow_facilitator(number: int, account_id: int) -> ResponseReturnValue:
    participation_facilitators.disallow(db.session(), number=number, by=current_account(), account_id=account_id)
    flash(_("This person can no longer submit for groups."), "ok")
    return redirect_to("facilitators", number)
