"""Workspace pages of recommendations: import, bodies, actions and topics."""

from __future__ import annotations

from collections import Counter
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from consult.accounts.labels import country_name
from consult.accounts.views import current_account, render_form, show_refusal
from consult.bodies.model import PublicBody
from consult.core.db import db
from consult.core.errors import Forbidden, NotFound, Refusal
from consult.core.i18n import _, ngettext
from consult.core.text import read_number
from consult.core.web.access import Allow
from consult.core.web.requests import Blueprint
from consult.countries import rights
from consult.countries import service as countries
from consult.files.table_rows import MAX_FILE
from consult.plans.model import PlanAction
from consult.recommendations import queries, service, suggestions
from consult.recommendations.forms import DeclineForm, GiveForm, LinkActionForm, RecommendationTableForm
from consult.recommendations.matrices import relevance
from consult.recommendations.matrices.reader import RecommendationTable, load_recommendations
from consult.recommendations.model import CountryRecommendation, RecommendationSet

blueprint = Blueprint("recommendation_work", __name__)
_NUMBER = "<int(max=9223372036854775807):number>"
_ONE = f"/desk/recommendations/{_NUMBER}"


@blueprint.route("/desk/countries/<code>/recommendations/import", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def import_table(code: str) -> ResponseReturnValue:
    """Preview a file of recommendations with what was not understood, then keep the chosen ones."""
    session, country = db.session(), countries.get_country(code)
    rights.check_may_edit(session, current_account(), country)
    form, table = RecommendationTableForm(), None
    if form.validate_on_submit():
        try:
            data = _read_data(form)
            form.text.data, table = load_recommendations(data)
            service.check_country(table.countries, country)
            if request.form.get("do") == "keep":
                return _keep(form, table, country)
        except Refusal as refusal:
            show_refusal(form, refusal)
    counts = Counter(map(relevance.judge, table.rows)) if table else None
    name = country_name(country)
    return render_form("recommendations/import.html", form, country=country, table=table, counts=counts, name=name)


def _keep(form: RecommendationTableForm, table: RecommendationTable, country: str) -> ResponseReturnValue:
    rows = relevance.choose(table.rows, every=form.which.data == "all")
    data = (form.text.data or "").encode()
    _set, kept = service.keep(db.session(), country, rows, by=current_account(), terms=form.terms, data=data)
    flash(ngettext("%(num)s recommendation imported.", "%(num)s recommendations imported.", kept), "ok")
    return redirect(url_for("recommendations.listed", code=country), 303)


def _read_data(form: RecommendationTableForm) -> bytes:
    sent: Any = form.file.data
    data: bytes = sent.read(MAX_FILE + 1) if sent and sent.filename else (form.text.data or "").encode()
    if not data.strip():
        raise Refusal(_("Choose a file, or paste a table."), field="file")
    return data


def _get_own(number: int) -> tuple[CountryRecommendation, RecommendationSet]:
    """Return a recommendation whose country the signed-in account may edit. Raises NotFound, Forbidden."""
    row, of_set = service.get(db.session(), number)
    rights.check_may_edit(db.session(), current_account(), of_set.country)
    return row, of_set


@blueprint.route(f"{_ONE}/give", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def give(number: int) -> ResponseReturnValue:
    """Give the recommendation to bodies of the country."""
    session, (row, of_set) = db.session(), _get_own(number)
    form = GiveForm(service.list_bodies(session, of_set.country))
    if form.validate_on_submit():
        given = service.give(session, row, of_set.country, form.chosen, by=current_account())
        flash(ngettext("Assigned to %(num)s body.", "Assigned to %(num)s bodies.", given), "ok")
        return redirect(url_for("recommendations.recommendation", number=number), 303)
    return render_form("recommendations/give.html", form, row=row, of_set=of_set)


@blueprint.route(f"{_ONE}/link", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def link(number: int) -> ResponseReturnValue:
    """Link an action that answers the recommendation."""
    session, (row, of_set) = db.session(), _get_own(number)
    form = LinkActionForm(queries.list_linkable(session, of_set.country))
    if form.validate_on_submit():
        try:
            service.link(session, row, of_set.country, _get_action(form.action.data), by=current_account())
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash(_("Saved."), "ok")
            return redirect(url_for("recommendations.recommendation", number=number), 303)
    return render_form("recommendations/link.html", form, row=row, of_set=of_set)


@blueprint.route(f"{_ONE}/unlink/<int(max=9223372036854775807):action_id>", allow=Allow.POLICYMAKER, methods=["POST"])
def unlink(number: int, action_id: int) -> ResponseReturnValue:
    row, of_set = _get_own(number)
    action = _get_action(str(action_id))
    service.unlink(db.session(), row, of_set.country, action, by=current_account())
    flash(_("Saved."), "ok")
    return redirect(url_for("recommendations.recommendation", number=number), 303)


def _get_action(text: str) -> PlanAction:
    action = db.session().get(PlanAction, read_number(text) or 0)
    if action is None:
        raise NotFound(_("We cannot find this action."))
    return action


@blueprint.route(f"{_ONE}/topics", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def topics(number: int) -> ResponseReturnValue:
    """Confirm the topics of the recommendation. Software suggests some by its words and themes."""
    session, (row, of_set) = db.session(), _get_own(number)
    form = suggestions.TopicsForm(session, row, of_set)
    if form.validate_on_submit():
        service.confirm_terms(session, row, of_set.country, form.chosen, by=current_account())
        flash(_("Saved."), "ok")
        return redirect(url_for("recommendations.recommendation", number=number), 303)
    return render_form("recommendations/topics.html", form, row=row, of_set=of_set)


@blueprint.route(f"{_ONE}/decline/<slug>", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def decline(number: int, slug: str) -> ResponseReturnValue:
    """Decline the recommendation for a body, with a reason."""
    session, form = db.session(), DeclineForm()
    row, of_set = service.get(session, number)
    body = next((body for _given, body in queries.load_one(session, row).given if body.slug == slug), None)
    if body is None:
        raise NotFound(_("This recommendation is not assigned to this body."))
    _check_works_for(body)
    if form.validate_on_submit():
        try:
            service.decline(session, row, body, by=current_account(), reason=form.reason.data or "")
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash(_("Saved."), "ok")
            return redirect(url_for("recommendations.recommendation", number=number), 303)
    return render_form("recommendations/decline.html", form, row=row, of_set=of_set, body=body)


def _check_works_for(body: PublicBody) -> None:
    if not rights.may_edit_body(db.session(), current_account(), body):
        raise Forbidden(_("Only a lead or editor of this body or an administrator can do this."))
