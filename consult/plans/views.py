"""Public pages of plans and actions, and reports on actions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.accounts.model import Account
from consult.consultations.view_helpers import current_account
from consult.core import slots
from consult.core.clock import now
from consult.core.db import db
from consult.core.errors import Forbidden, NotFound, Refusal
from consult.core.i18n import _, current_language
from consult.core.settings import MAX_UPLOAD_BYTES
from consult.core.web import page_cache
from consult.core.web.access import Allow, Role, is_allowed
from consult.core.web.csrf import is_reread
from consult.core.web.limits import limiter
from consult.core.web.requests import Blueprint, principal
from consult.digests.results.views import csv_file
from consult.plans import export, queries, rights, service, watches
from consult.plans.forms import ActionReportForm, PlanButtonForm
from consult.plans.model import MAX_FILES, ActionPlan, PlanAction
from consult.plans.movement import service as movements
from consult.plans.movement.content import load_movement
from consult.plans.promises import queries as promises
from consult.plans.reports import queries as report_queries
from consult.plans.reports import removal, uploads
from consult.plans.reports import service as reports
from consult.plans.rights import PlanDeed
from consult.plans.slots import ActionLinks, ActionOrigin
from consult.plans.state import ActionState

blueprint = Blueprint("plans", __name__)
_FIRST_PROMISES = 5
"""Number of promised actions shown below the plans."""
NUMBER = "<int(max=9223372036854775807):number>"


def find_account() -> Account | None:
    """Return the signed-in account, or None."""
    return cast("Account | None", principal())


@blueprint.route("/plans", allow=Allow.ANYONE)
def listed() -> ResponseReturnValue:
    if page_cache.is_plain_visitor():
        return page_cache.cached_response(page_cache.page_tag(*queries.get_list_stamp(db.session())), _render_list)
    return _render_list()


def _render_list() -> str:
    plans, person = queries.list_plans(db.session(), find_account()), find_account()
    own = queries.list_own_bodies(db.session(), person) if person else []
    drafts = queries.list_drafts(db.session(), own) if own else []
    promised = promises.get_promises(db.session(), most=_FIRST_PROMISES)
    return render_template("plans/list.html", found=plans, drafts=drafts, makes=bool(own), promised=promised)


@blueprint.route("/actions", allow=Allow.ANYONE)
def promised() -> ResponseReturnValue:
    """List promised actions. `show` selects the list behind one of the numbers."""
    if page_cache.is_plain_visitor():
        return page_cache.cached_response(page_cache.page_tag(*queries.get_list_stamp(db.session())), _render_promises)
    return _render_promises()


def _render_promises() -> str:
    page = promises.get_promises(db.session(), show=request.args.get("show", ""), after=request.args.get("after"))
    return render_template("plans/promised.html", page=page)


@blueprint.route("/plans/<slug>", allow=Allow.ANYONE)
def plan(slug: str) -> ResponseReturnValue:
    """Show a plan with its actions. `show` selects the list behind one of the numbers."""
    person = find_account()
    row = service.get_plan(db.session(), slug, person)
    if page_cache.is_plain_visitor():
        tag = page_cache.page_tag(*queries.get_stamp(db.session(), row))
        return page_cache.cached_response(tag, lambda: _render_plan(row, edits=False))
    edits = person is not None and rights.may(db.session(), person, row, PlanDeed.EDIT)
    return _render_plan(row, edits=edits)


def _render_plan(row: ActionPlan, *, edits: bool) -> str:
    page = queries.get_plan_page(db.session(), row, request.args.get("show", ""), whole=False)
    return render_template(
        "plans/plan.html",
        page=page,
        edits=edits,
        states=list(ActionState),
        once=_render_once(),
        kept=page_cache.kept_lines(),
    )


def _render_once() -> Callable[..., str]:
    """Return a function that caches macro calls by their values, since most cells of a long list repeat."""
    kept: dict[tuple[Any, ...], str] = {}

    def once(macro: Any, *given: Any) -> str:
        key = (macro.name, *given)
        if key not in kept:
            kept[key] = macro(*given)
        return kept[key]

    return once


@blueprint.route("/plans/<slug>.csv", allow=Allow.ANYONE)
def plan_csv(slug: str) -> ResponseReturnValue:
    row = service.get_plan(db.session(), slug, find_account())
    return csv_file(f"{row.slug}.csv", export.list_rows(queries.get_plan_page(db.session(), row)))


@blueprint.route("/plans/<slug>.json", allow=Allow.ANYONE)
def plan_json(slug: str) -> ResponseReturnValue:
    """Return the plan with its actions, both sides' reports and indicators as JSON."""
    row = service.get_plan(db.session(), slug, find_account())
    return jsonify(export.build_plan(queries.get_plan_page(db.session(), row)))


@blueprint.route("/plans/<slug>/movement/<int(max=9999):year>", allow=Allow.ANYONE)
def movement(slug: str, year: int) -> ResponseReturnValue:
    row = service.get_plan(db.session(), slug, find_account())
    made = movements.get_movement(db.session(), row, year)
    return render_template(
        "plans/movement.html",
        plan=row,
        year=year,
        moved=load_movement(made.content, row.language),
        made=made,
        titles=queries.list_titles(db.session(), row),
    )


@blueprint.route("/plans/<slug>/actions/<number>", allow=Allow.ANYONE)
def plan_action(slug: str, number: str) -> ResponseReturnValue:
    row = service.get_plan(db.session(), slug, find_account())
    return _render_action(queries.get_plan_action(db.session(), row, number))


@blueprint.route(f"/actions/{NUMBER}", allow=Allow.ANYONE)
def action(number: int) -> ResponseReturnValue:
    """Show an action promised in an answer. Redirect to the plan's page for an action of a plan."""
    row = reports.get_action(db.session(), number)
    if row.plan_id is not None:
        slug = queries.get_slug(db.session(), row.plan_id)
        return redirect(url_for("plans.plan_action", slug=slug, number=row.number))
    return _render_action(row)


def _render_action(row: PlanAction) -> ResponseReturnValue:
    person = find_account()
    page = queries.get_action_page(db.session(), row, person)
    signed = removal.list_signed(db.session(), person)
    edits = page.plan is not None and person is not None and rights.may(db.session(), person, page.plan, PlanDeed.EDIT)
    return render_template(
        "plans/action.html",
        page=page,
        form=PlanButtonForm(),
        edits=edits,
        person=person,
        own=report_queries.list_own(db.session(), row, person, signed),
        mine=removal.list_sides(db.session(), row, person, signed),
        moderates=person is not None and is_allowed(Allow.MODERATOR, person.role),
        slot=slots.collect(db.session(), ActionLinks(row), *([] if row.plan_id else [ActionOrigin(row)])),
        at=now(),
    )


def _to_action(row: PlanAction) -> ResponseReturnValue:
    return redirect(url_for("plans.action", number=row.id), 303)


@blueprint.url_value_preprocessor
def allow_large_request(endpoint: str | None, _values: Any) -> None:
    if endpoint == "plans.report":
        request.max_content_length = MAX_UPLOAD_BYTES


@blueprint.route(f"/actions/{NUMBER}/report", allow=Allow.SIGNED_IN, methods=["GET", "POST"])
@limiter.limit("120 per hour", methods=["POST"])
def report(number: int) -> ResponseReturnValue:
    """Report on an action for the government or an organisation."""
    session, person = db.session(), current_account()
    row = reports.get_action(session, number)
    government = row.owner_name if rights.may_report(session, person, row) else ""
    speaking = [] if government and person.role is not Role.ADMIN else reports.list_speaking(session, person)
    kept = uploads.read_kept(request.form.getlist("kept"), row, by=person)
    dues = queries.list_open_dues(session, row)
    form, arrived = ActionReportForm(speaking, government=government, kept=kept, dues=dues), False
    if form.is_submitted():
        valid = form.validate()
        arrived = _receive(row, form, person)
        if valid and not form.problems and _is_filed(row, form, person):
            return _to_action(row)
    page = queries.get_action_page(session, row, person)
    shown = render_template("plans/report.html", page=page, form=form, offered=form.speaker.choices)
    # An error page would lose the uploaded file.
    return shown, form.problem_status if form.problems and not arrived else 200


def _receive(row: PlanAction, form: ActionReportForm, person: Account) -> bool:
    """Store the uploaded files of a person who may report, and return whether there were any."""
    if is_reread() or not form.speaker.choices:
        return False
    before = len(form.kept_files)
    for sent in form.file.data or ():
        try:
            if len(form.kept.data or ()) >= MAX_FILES:
                raise Refusal(_("Choose at most %(most)s files.", most=MAX_FILES), field="file")
            data, name = sent.stream.read(), sent.filename or ""
            form.keep(uploads.receive(db.session(), row, data=data, name=name, by=person))
        except Refusal as refusal:
            form.refuse(refusal)
    return len(form.kept_files) > before


def _is_filed(row: PlanAction, form: ActionReportForm, person: Account) -> bool:
    """File the report and return whether it was accepted. After a refusal only the uploaded files are kept."""
    try:
        with db.session().begin_nested():
            _file(row, form, person)
    except (Forbidden, NotFound):
        raise
    except Refusal as refusal:
        form.refuse(refusal)
        return False
    return True


def _file(row: PlanAction, form: ActionReportForm, person: Account) -> None:
    given = form.to_report(current_language())
    if form.organisation_id is None:
        reports.report_for_government(db.session(), row, by=person, given=given)
        flash(_("Report published."), "ok")
    else:
        reports.report_for_organisation(db.session(), row, by=person, organisation_id=form.organisation_id, given=given)
        flash(_("Report sent. A moderator with no conflict of interest will review it before we publish it."), "ok")


@blueprint.route(f"/actions/{NUMBER}/watch", allow=Allow.SIGNED_IN, methods=["POST"])
def watch(number: int) -> ResponseReturnValue:
    row = reports.get_action(db.session(), number)
    if request.form.get("do") == "end":
        watches.end(db.session(), row, by=current_account())
        flash(_("You no longer follow this action."), "ok")
    else:
        watches.begin(db.session(), row, by=current_account())
        flash(_("You follow this action. We will e-mail you when it is done, dropped or overdue."), "ok")
    return _to_action(row)
