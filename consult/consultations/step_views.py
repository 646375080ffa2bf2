"""The pages of the smaller steps of setting up, the preview, and the form on paper."""

from __future__ import annotations

from typing import Any

from flask import flash, render_template
from flask.typing import ResponseReturnValue

from consult.consultations import facilitators as helping
from consult.consultations import fields, queries, steps
from consult.consultations.answering import Given
from consult.consultations.desk import ONE, blueprint, me, page, refuse, to
from consult.consultations.forms import Button, Following
from consult.consultations.model import Consultation, Phase
from consult.consultations.step_forms import STEPS
from consult.core.access import Allow
from consult.core.clock import now
from consult.core.db import db
from consult.core.errors import NotFound, Refusal
from consult.core.forms import Form
from consult.core.i18n import _


@blueprint.route(f"{ONE}/steps/<step>", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def step(number: int, step: str) -> ResponseReturnValue:
    row = queries.sheet(db.session(), number=number, by=me()).consultation
    if step not in STEPS:
        raise NotFound(_("There is no such step."))
    form = STEPS[step](row)
    if form.validate_on_submit():
        try:
            steps.settle(db.session(), number=number, by=me(), step=step, values=form.values())
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            flash(_("Saved."), "ok")
            return to("overview", number)
    fixed = row.phase is not Phase.DRAFT and step in ("who", "names")
    return page("consultations/step.html", form, it=row, fixed=fixed)


@blueprint.route(f"{ONE}/duplicate", allow=Allow.POLICYMAKER, methods=["POST"])
def duplicate(number: int) -> ResponseReturnValue:
    made = steps.duplicate(db.session(), number=number, by=me())
    flash(_("This is a copy. Look at every step: it is as long as the earlier one and opens in two weeks."), "ok")
    return to("overview", made.id)


@blueprint.route(f"{ONE}/preview", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def make_preview(number: int) -> ResponseReturnValue:
    form = Button()
    if form.validate_on_submit():
        steps.renew_preview(db.session(), number=number, by=me())
        flash(_("The preview has a new address. An older one opens nothing any more."), "ok")
        return to("make_preview", number)
    row = queries.sheet(db.session(), number=number, by=me()).consultation
    return page("consultations/make_preview.html", form, it=row, secret=steps.preview_secret(row))


@blueprint.route("/c/<slug>/preview/<secret>", allow=Allow.ANYONE)
def preview(slug: str, secret: str) -> ResponseReturnValue:
    """Everything as those will see it who answer, and nothing to send. Nobody finds it without its address."""
    row = steps.previewed(db.session(), slug=slug, secret=secret)
    sheet = queries.printed(db.session(), row)
    made: dict[str, Any] = {}
    for question in sheet.questions:
        made |= fields.fields(question, Given(), row.language)
    form = type("Shown", (Form,), made)()
    shown = render_template("consultations/preview.html", it=row, sheet=sheet, form=form)
    return shown, 200, {"Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "X-Robots-Tag": "noindex"}


@blueprint.route("/c/<slug>/paper", allow=Allow.ANYONE)
def paper(slug: str) -> ResponseReturnValue:
    """The form on paper: everything with a code that is typed in later."""
    return _paper(queries.published(db.session(), slug))


@blueprint.route(f"{ONE}/paper", allow=Allow.POLICYMAKER)
def own_paper(number: int) -> ResponseReturnValue:
    """The same before it is published, for its owner."""
    return _paper(queries.sheet(db.session(), number=number, by=me()).consultation)


def _paper(row: Consultation) -> ResponseReturnValue:
    return render_template("consultations/paper.html", it=row, sheet=queries.printed(db.session(), row), at=now())


@blueprint.route(f"{ONE}/facilitators", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def facilitators(number: int) -> ResponseReturnValue:
    form = Following()
    if form.validate_on_submit():
        try:
            helping.allow(db.session(), number=number, by=me(), email=form.email.data)
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            flash(_("This person may file for groups now."), "ok")
            return to("facilitators", number)
    row = queries.sheet(db.session(), number=number, by=me()).consultation
    rows = helping.allowed(db.session(), consultation=row)
    return page("consultations/facilitators.html", form, it=row, rows=rows)


@blueprint.route(
    f"{ONE}/facilitators/<int(max=9223372036854775807):account_id>/remove", allow=Allow.POLICYMAKER, methods=["POST"]
)
def disallow_facilitator(number: int, account_id: int) -> ResponseReturnValue:
    helping.disallow(db.session(), number=number, by=me(), account_id=account_id)
    flash(_("This person may not file for groups any more."), "ok")
    return to("facilitators", number)
