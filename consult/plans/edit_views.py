"""Pages for editing a plan: terms, actions, import of a table, publication and review."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from consult.bodies import service as bodies
from consult.consultations.view_helpers import current_account, render_form, show_refusal
from consult.core.clock import now
from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.i18n import _, ngettext
from consult.core.text import read_number
from consult.core.web.access import Allow
from consult.core.web.requests import Blueprint
from consult.files.table_rows import MAX_FILE
from consult.plans import drafts, queries, reviews, rights, service
from consult.plans.action_tables.actions import load_actions
from consult.plans.doers import service as doers
from consult.plans.forms import (
    ActionTableForm,
    DoersForm,
    NewPlanForm,
    PlanActionForm,
    PlanButtonForm,
    PlanForm,
    read_milestones,
    to_action_data,
    to_plan_data,
)
from consult.plans.model import ActionPlan, PlanAction
from consult.plans.rights import PlanDeed
from consult.plans.topics import service as topic_service
from consult.taxonomy import queries as taxonomy

blueprint = Blueprint("plan_work", __name__)
_PLAN = "/desk/plans/<slug>"


def _get_own(slug: str, deed: PlanDeed = PlanDeed.EDIT) -> ActionPlan:
    """Return a plan that the signed-in account may edit. Raises NotFound, Forbidden."""
    plan = service.get_plan(db.session(), slug, current_account())
    rights.check_may(db.session(), current_account(), plan, deed)
    return plan


@blueprint.route("/desk/plans/new", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def new() -> ResponseReturnValue:
    session, person = db.session(), current_account()
    own, year = queries.list_own_bodies(session, person), now().year
    form = NewPlanForm(own, drafts.list_sources(session, person), period_from=year, period_to=year + 3)
    if form.validate_on_submit():
        body = next(own_body for own_body in own if str(own_body.id) == form.body.data)
        try:
            plan = drafts.make_from(
                session, by=person, body=body, terms=form.terms, consultation_id=read_number(form.consultation.data)
            )
            return redirect(url_for("plan_work.edit", slug=plan.slug), 303)
        except Refusal as refusal:
            show_refusal(form, refusal)
    return render_form("plans/new.html", form, own=own)


@blueprint.route(_PLAN, allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def edit(slug: str) -> ResponseReturnValue:
    """Edit the terms of a plan and list its actions."""
    plan = _get_own(slug)
    form = PlanForm(**to_plan_data(plan))
    if form.validate_on_submit():
        try:
            service.change_plan(
                db.session(),
                plan,
                by=current_account(),
                revision=read_number(form.revision.data) or 0,
                terms=form.terms,
            )
            flash(_("Saved."), "ok")
            return redirect(url_for("plan_work.edit", slug=slug), 303)
        except Refusal as refusal:
            show_refusal(form, refusal)
            plan = _get_own(slug)
    return _render_edit(plan, form)


def _render_edit(plan: ActionPlan, form: PlanForm) -> ResponseReturnValue:
    session = db.session()
    page = queries.get_plan_page(session, plan)
    publishes = rights.may(session, current_account(), plan, PlanDeed.PUBLISH)
    return render_form(
        "plans/edit.html",
        form,
        page=page,
        publishes=publishes,
        reviews=queries.list_reviews(session, plan),
        next_review=reviews.find_next_day(session, plan),
        today=now().date(),
    )


@blueprint.route(f"{_PLAN}/publish", allow=Allow.POLICYMAKER, methods=["POST"])
def publish(slug: str) -> ResponseReturnValue:
    plan, form = _get_own(slug, PlanDeed.PUBLISH), PlanButtonForm()
    if form.validate_on_submit():
        try:
            service.publish_plan(db.session(), plan, by=current_account())
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash(_("Plan published."), "ok")
            return redirect(url_for("plans.plan", slug=slug), 303)
    terms = PlanForm(formdata=None, **to_plan_data(_get_own(slug)))
    terms.form_errors = [message for _id, message in form.problems]
    return _render_edit(_get_own(slug), terms)


@blueprint.route(f"{_PLAN}/responsible", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def responsible(slug: str) -> ResponseReturnValue:
    """Choose the matching body of each responsible party of the plan. Its lead and editors can then report."""
    plan, session = _get_own(slug), db.session()
    rows = doers.list_doers(session, plan)
    form = DoersForm(rows, bodies.list_bodies(session))
    if form.validate_on_submit():
        changed = doers.link(session, plan, by=current_account(), chosen=form.chosen)
        flash(ngettext("%(num)s responsible party updated.", "%(num)s responsible parties updated.", changed), "ok")
        return redirect(url_for("plan_work.edit", slug=slug), 303)
    return render_form("plans/responsible.html", form, plan=plan, rows=rows)


@blueprint.route(f"{_PLAN}/topics", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def topics(slug: str) -> ResponseReturnValue:
    """Confirm the topics of all actions of the plan."""
    plan, session = _get_own(slug), db.session()
    rows, form = topic_service.list_actions(session, plan), PlanButtonForm()
    if form.validate_on_submit():
        chosen = {row.action.id: _read_topics(row.action.id) for row in rows}
        changed = topic_service.confirm(session, plan, by=current_account(), chosen=chosen)
        flash(ngettext("Topics of %(num)s action saved.", "Topics of %(num)s actions saved.", changed), "ok")
        return redirect(url_for("plan_work.topics", slug=slug), 303)
    schemes = [(scheme, taxonomy.list_terms(session, scheme.id)) for scheme in taxonomy.list_schemes(session)]
    return render_form("plans/topics.html", form, plan=plan, rows=rows, schemes=schemes)


def _read_topics(action_id: int) -> set[int]:
    """Return the ticked topics of an action, and the one chosen from the list."""
    sent = request.form.getlist(f"action-{action_id}")
    if request.form.get("to") == str(action_id):
        sent.append(request.form.get("topic", ""))
    return {number for value in sent if (number := read_number(value)) is not None}


@blueprint.route(f"{_PLAN}/review", allow=Allow.POLICYMAKER, methods=["POST"])
def review(slug: str) -> ResponseReturnValue:
    """Prepare a consultation on the plan, for its body to check and publish."""
    plan, form = _get_own(slug, PlanDeed.PUBLISH), PlanButtonForm()
    if form.validate_on_submit():
        row = reviews.open_review(db.session(), plan, by=current_account())
        flash(_("Review prepared. Check it, then publish it."), "ok")
        return redirect(url_for("consultations.overview", number=row.id), 303)
    return redirect(url_for("plan_work.edit", slug=slug), 303)


@blueprint.route(f"{_PLAN}/actions/new", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def new_action(slug: str) -> ResponseReturnValue:
    plan = _get_own(slug)
    form = PlanActionForm(drafts.list_paragraphs(db.session(), plan))
    return _edit_action(plan, None, form)


@blueprint.route(f"{_PLAN}/actions/<number>", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def change_action(slug: str, number: str) -> ResponseReturnValue:
    plan, session = _get_own(slug), db.session()
    row = queries.get_plan_action(session, plan, number)
    page = queries.get_action_page(session, row, None)
    form = PlanActionForm(drafts.list_paragraphs(session, plan), **to_action_data(row, page.milestones, page.dues))
    form.timetable_words = row.timetable_words or ""
    return _edit_action(plan, row, form)


def _edit_action(plan: ActionPlan, row: PlanAction | None, form: PlanActionForm) -> ResponseReturnValue:
    if form.validate_on_submit():
        try:
            _save_action(plan, row, form)
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash(_("Saved."), "ok")
            return redirect(url_for("plan_work.edit", slug=plan.slug), 303)
    return render_form("plans/edit_action.html", form, plan=plan, row=row)


def _save_action(plan: ActionPlan, row: PlanAction | None, form: PlanActionForm) -> None:
    steps, session, person = read_milestones(form.milestones.data or "", now().date()), db.session(), current_account()
    if steps is None:
        raise Refusal(_("Begin each milestone with its date, such as 2028-06-30."), field="milestones")
    if row is None:
        row = service.add_action(session, plan, by=person, terms=form.terms)
    else:
        revision = read_number(form.revision.data) or 0
        service.change_action(session, row, by=person, revision=revision, terms=form.terms)
    service.set_milestones(session, row, by=person, wanted=steps)


@blueprint.route(f"{_PLAN}/import", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def import_actions(slug: str) -> ResponseReturnValue:
    """Preview a table of actions with its problems, then add them."""
    plan, form, table = _get_own(slug), ActionTableForm(), None
    if form.validate_on_submit():
        try:
            years = plan.period_from, plan.period_to
            form.text.data, table = load_actions(_read_data(form), years, form.choices)
            form.offer(table)
            if request.form.get("do") == "keep":
                added = drafts.add_actions(db.session(), plan, by=current_account(), wanted=table.actions)
                flash(ngettext("%(num)s action added.", "%(num)s actions added.", added), "ok")
                return redirect(url_for("plan_work.edit", slug=slug), 303)
        except Refusal as refusal:
            show_refusal(form, refusal)
            plan = _get_own(slug)
    return render_form("plans/import.html", form, plan=plan, table=table)


def _read_data(form: ActionTableForm) -> bytes:
    sent: Any = form.file.data
    data: bytes = sent.read(MAX_FILE + 1) if sent and sent.filename else (form.text.data or "").encode()
    if not data.strip():
        raise Refusal(_("Choose a file, or paste a table."), field="file")
    return data
