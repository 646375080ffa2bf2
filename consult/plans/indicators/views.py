"""Pages of indicators: the series as plot and table, its files, and the import of a new one."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, cast

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.accounts.model import Account
from consult.consultations.view_helpers import current_account, render_form, show_refusal
from consult.core.db import db
from consult.core.errors import NotFound, Refusal
from consult.core.i18n import _
from consult.core.web.access import Allow
from consult.core.web.requests import Blueprint, principal
from consult.digests.results.views import csv_file
from consult.plans import queries as plan_queries
from consult.plans import rights
from consult.plans import service as plans
from consult.plans.indicators import queries, service, tables
from consult.plans.indicators.forms import (
    IndicatorForm,
    ReadingForm,
    SeriesFileForm,
    list_role_choices,
    read_choices,
    to_indicator_data,
)
from consult.plans.indicators.headlines import read_key
from consult.plans.indicators.metadata import MAX_METADATA
from consult.plans.indicators.model import IndicatorImport, PlanIndicator
from consult.plans.indicators.tables import TableReading
from consult.plans.model import ActionPlan
from consult.plans.rights import PlanDeed

blueprint = Blueprint("indicators", __name__)
_PUBLIC = "/plans/<slug>/indicators/<code>"
_WORK = "/desk/plans/<slug>/indicators"
_NUMBER = "<int(max=9223372036854775807):number>"
_PREVIEW_ROWS = 12


def _get_public(slug: str, code: str) -> tuple[ActionPlan, PlanIndicator]:
    plan = plans.get_plan(db.session(), slug, cast("Account | None", principal()))
    return plan, service.get_indicator(db.session(), plan, code)


def _get_own(slug: str) -> ActionPlan:
    plan = plans.get_plan(db.session(), slug, current_account())
    rights.check_may(db.session(), current_account(), plan, PlanDeed.EDIT)
    return plan


@blueprint.route(_PUBLIC, allow=Allow.ANYONE)
def indicator(slug: str, code: str) -> ResponseReturnValue:
    """Show the current series, or an earlier one with `file`. `by` breaks it down by a column."""
    plan, row = _get_public(slug, code)
    page = queries.get_page(
        db.session(), plan, row, by=request.args.get("by", ""), file=request.args.get("file", type=int)
    )
    person = cast("Account | None", principal())
    edits = person is not None and rights.may(db.session(), person, plan, PlanDeed.EDIT)
    return render_template("plans/indicator.html", page=page, edits=edits)


@blueprint.route(f"{_PUBLIC}.csv", allow=Allow.ANYONE)
def series_csv(slug: str, code: str) -> ResponseReturnValue:
    """Return the current values as CSV, with a Link header to the metadata."""
    plan, row = _get_public(slug, code)
    rows = queries.list_rows(db.session(), row)
    answer = csv_file(f"{plan.slug}-{row.code}.csv", rows)
    beside = url_for("indicators.series_metadata", slug=slug, code=code)
    answer.headers["Link"] = f'<{beside}>; rel="describedby"; type="application/csvm+json"'
    return answer


@blueprint.route(f"{_PUBLIC}.csv-metadata.json", allow=Allow.ANYONE)
def series_metadata(slug: str, code: str) -> ResponseReturnValue:
    """Return CSV on the Web metadata of the series. Source: W3C, Model for Tabular Data, section 5.2 (link header)."""
    _plan, row = _get_public(slug, code)
    metadata = queries.build_metadata(db.session(), row, url_for("indicators.series_csv", slug=slug, code=code))
    return Response(json.dumps(metadata, ensure_ascii=False, indent=1), mimetype="application/csvm+json")


@blueprint.route(f"{_WORK}/new", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def new(slug: str) -> ResponseReturnValue:
    plan = _get_own(slug)
    form = IndicatorForm(plan_queries.list_actions(db.session(), plan.id))
    if form.validate_on_submit():
        try:
            row = service.make_indicator(db.session(), plan, by=current_account(), terms=form.to_terms(plan.language))
            return redirect(url_for("indicators.upload", slug=slug, code=row.code), 303)
        except Refusal as refusal:
            show_refusal(form, refusal)
            plan = _get_own(slug)
    return render_form("plans/edit_indicator.html", form, plan=plan, row=None)


@blueprint.route(f"{_WORK}/<code>", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def change(slug: str, code: str) -> ResponseReturnValue:
    plan, session = _get_own(slug), db.session()
    row = service.get_indicator(session, plan, code)
    given = to_indicator_data(row, plan.language, service.list_measured(session, row.id))
    form = IndicatorForm(plan_queries.list_actions(session, plan.id), **given)
    if form.validate_on_submit():
        try:
            service.change_indicator(session, plan, row, by=current_account(), terms=form.to_terms(plan.language))
            flash(_("Saved."), "ok")
            return redirect(url_for("indicators.indicator", slug=slug, code=row.code), 303)
        except Refusal as refusal:
            show_refusal(form, refusal)
            plan, row = _get_own(slug), None  # type: ignore[assignment]
    return render_form("plans/edit_indicator.html", form, plan=plan, row=row)


@blueprint.route(f"{_WORK}/<code>/import", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def upload(slug: str, code: str) -> ResponseReturnValue:
    """Upload a file and redirect to its preview."""
    plan = _get_own(slug)
    row, form = service.get_indicator(db.session(), plan, code), SeriesFileForm()
    if form.validate_on_submit():
        try:
            made = _propose(plan, row, form)
            return redirect(url_for("indicators.preview", slug=slug, code=code, number=made.id), 303)
        except Refusal as refusal:
            show_refusal(form, refusal)
            plan = _get_own(slug)
            row = service.get_indicator(db.session(), plan, code)
    return render_form("plans/upload.html", form, plan=plan, row=row)


def _propose(plan: ActionPlan, row: PlanIndicator, form: SeriesFileForm) -> IndicatorImport:
    sent: Any = form.file.data
    if not sent or not sent.filename:
        raise Refusal(_("Choose a file."), field="file")
    beside: Any = form.metadata.data
    metadata = beside.read(MAX_METADATA + 1) if beside and beside.filename else None
    data = sent.read(tables.MAX_BYTES + 1)
    return service.propose_import(
        db.session(), plan, row, by=current_account(), name=sent.filename, data=data, metadata=metadata or None
    )


@blueprint.route(f"{_WORK}/<code>/imports/{_NUMBER}", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def preview(slug: str, code: str, number: int) -> ResponseReturnValue:
    """Preview the reading of a file before it is accepted: columns, first values and problems."""
    session, plan = db.session(), _get_own(slug)
    row = service.get_indicator(session, plan, code)
    made = service.get_import(session, row, number)
    if made.kept_at is not None:
        raise NotFound(_("This file is already saved."))
    read = service.read_import(made)
    form = ReadingForm(read, mark=read.mark if not read.doubtful_mark else None)
    if form.validate_on_submit():
        try:
            kept = _decide(plan, row, made, read, form)
        except Refusal as refusal:
            show_refusal(form, refusal)
            plan = _get_own(slug)
            row = service.get_indicator(session, plan, code)
            made = service.get_import(session, row, number)
        else:
            if kept:
                flash(_("Saved. The values are public if the plan is public."), "ok")
                return redirect(url_for("indicators.indicator", slug=slug, code=code), 303)
            return redirect(url_for("indicators.preview", slug=slug, code=code, number=number), 303)
    return _render_preview(plan, row, made, form)


def _decide(plan: ActionPlan, row: PlanIndicator, made: IndicatorImport, read: TableReading, form: ReadingForm) -> bool:
    """Apply the choices for reading, and accept the file if requested. Return whether it was accepted."""
    headline = read_key(request.form.get("headline", ""))
    chosen = replace(read_choices(request.form, len(read.headers), form.chosen_mark), headline=headline)
    service.choose(db.session(), made, chosen)
    if request.form.get("do") != "keep":
        return False
    service.keep_import(db.session(), plan, row, made, by=current_account(), note=form.note.data or "")
    return True


def _render_preview(
    plan: ActionPlan, row: PlanIndicator, made: IndicatorImport, form: ReadingForm
) -> ResponseReturnValue:
    read, former = service.read_import(made), service.find_current(db.session(), row.id)
    return render_form(
        "plans/preview.html",
        form,
        plan=plan,
        row=row,
        made=made,
        read=read,
        roles=list_role_choices(),
        shown=queries.show_reading(row, read),
        lines=queries.list_headline_choices(read),
        chosen=json.dumps(made.choices.get("headline"), ensure_ascii=False, sort_keys=True),
        most=_PREVIEW_ROWS,
        replaces=former,
        lost=service.list_lost_periods(db.session(), former, read) if former else [],
        changed=service.list_changed_values(db.session(), former, read) if former else [],
    )
