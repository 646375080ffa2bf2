"""The owner's desk: set up a consultation, write its draft, ask, publish, extend. /desk/consultations…"""

from __future__ import annotations

from typing import Any

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue

from consult.accounts.countries import countries
from consult.consultations import draft_views, follow_views, queries, question_views, readiness, service, step_views
from consult.consultations.desk import ONE, blueprint, me, page, refuse, to
from consult.consultations.forms import Button, Extension, New, SetUp, Words
from consult.consultations.model import Consultation, Phase
from consult.consultations.moments import wall_clock
from consult.core.access import Allow
from consult.core.clock import now
from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.i18n import _, language

__all__ = ["blueprint", "draft_views", "follow_views", "question_views", "step_views"]


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
            refuse(form, refusal)
        else:
            flash(_("The consultation is set up. Only you and the administrators see it."), "ok")
            return to("overview", row.id)
    return page("consultations/new.html", form)


@blueprint.route(ONE, allow=Allow.POLICYMAKER)
def overview(number: int) -> ResponseReturnValue:
    sheet = queries.sheet(db.session(), number=number, by=me())
    tasks = sheet.tasks(now())
    more = {"tasks": tasks, "missing": readiness.missing(tasks), "form": Button()}
    return render_template("consultations/overview.html", sheet=sheet, it=sheet.consultation, at=now(), **more)


@blueprint.route(f"{ONE}/about", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def about(number: int) -> ResponseReturnValue:
    row = queries.sheet(db.session(), number=number, by=me()).consultation
    form = SetUp(**_filled(row)) if row.phase is Phase.DRAFT else Words(**_filled(row))
    if form.validate_on_submit():
        try:
            service.edit(
                db.session(), number=number, by=me(), revision=form.read_revision, terms=form.terms(row)
            )  # fmt: skip
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            flash(_("Saved."), "ok")
            return to("overview", number)
    return page("consultations/about.html", form, it=row)


@blueprint.route(f"{ONE}/publish", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def publish(number: int) -> ResponseReturnValue:
    form = Button()
    if form.validate_on_submit():
        try:
            service.publish(db.session(), number=number, by=me())
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            flash(_("The consultation is published."), "ok")
            return to("overview", number)
    sheet = queries.sheet(db.session(), number=number, by=me())
    tasks = sheet.tasks(now())
    more = {"missing": readiness.missing(tasks), "open_tasks": readiness.open_tasks(tasks)}
    return page("consultations/publish.html", form, sheet=sheet, it=sheet.consultation, at=now(), **more)


@blueprint.route(f"{ONE}/extend", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def extend(number: int) -> ResponseReturnValue:
    row = queries.sheet(db.session(), number=number, by=me()).consultation
    form = Extension(closes_at=wall_clock(row.closes_at, row.timezone), answer_by=row.answer_by)
    if form.validate_on_submit():
        try:
            service.extend(db.session(), number=number, by=me(), **form.dates(row.timezone))
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            flash(_("The consultation stays open for longer."), "ok")
            return to("overview", number)
    return page("consultations/extend.html", form, it=row)


def _filled(row: Consultation) -> dict[str, Any]:
    """The form's fields as the consultation has them; times as the clocks of its place show them."""
    known = vars(service.terms_of(row)) | {"revision": row.revision, "tags": ", ".join(row.tags)}
    known["countries"] = ", ".join(name for code, name in countries(language()) if code in row.countries)
    times = ("opens_at", "closes_at", "late_until")
    return known | {name: wall_clock(known[name], row.timezone) for name in times if known[name]}
