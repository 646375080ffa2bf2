"""Workspace pages for countries: facts, tables of treaties, and memberships of bodies."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from consult.accounts.labels import country_name
from consult.accounts.views import current_account, render_form, show_refusal
from consult.bodies import service as bodies
from consult.bodies.model import PublicBody
from consult.core.clock import now
from consult.core.db import db
from consult.core.errors import Forbidden, Refusal
from consult.core.i18n import _, ngettext
from consult.core.text import read_number
from consult.core.web.access import Allow
from consult.core.web.requests import Blueprint
from consult.countries import queries, rights, service
from consult.countries.forms import CountryFactForm, EndMembershipForm, MembershipForm, TreatyTableForm, to_fact_data
from consult.countries.model import BodyMembership
from consult.countries.treaty_tables.reader import TreatyTable, load_table
from consult.files.table_rows import MAX_FILE

blueprint = Blueprint("country_work", __name__)
_NUMBER = "<int(max=9223372036854775807):number>"


@blueprint.route("/desk/countries/<code>/facts/new", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def new_fact(code: str) -> ResponseReturnValue:
    session, country = db.session(), service.get_country(code)
    rights.check_may_edit(session, current_account(), country)
    form = CountryFactForm(service.list_treaties(session))
    if form.validate_on_submit():
        try:
            service.keep_fact(session, country, by=current_account(), terms=form.terms)
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash(_("Saved."), "ok")
            return redirect(url_for("countries.country", code=country), 303)
    return render_form("countries/edit_fact.html", form, country=country, fact=None)


@blueprint.route(f"/desk/countries/facts/{_NUMBER}", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def replace_fact(number: int) -> ResponseReturnValue:
    """Correct a fact. The earlier one stays readable."""
    session = db.session()
    row = service.get_fact(session, number)
    rights.check_may_edit(session, current_account(), row.country)
    form = CountryFactForm(service.list_treaties(session), **to_fact_data(row))
    if form.validate_on_submit():
        try:
            fresh = service.replace_fact(session, row, by=current_account(), terms=form.terms)
        except Refusal as refusal:
            show_refusal(form, refusal)
            row = service.get_fact(session, number)
        else:
            flash(_("Saved."), "ok")
            return redirect(url_for("countries.fact", number=fresh.id), 303)
    return render_form("countries/edit_fact.html", form, country=row.country, fact=row)


@blueprint.route("/desk/countries/treaty", allow=Allow.ADMIN, methods=["GET", "POST"])
def treaty_table() -> ResponseReturnValue:
    """Preview a depositary's table of participants, then record what is new in it."""
    session, table = db.session(), None
    form = TreatyTableForm(service.list_treaties(session))
    if form.validate_on_submit():
        try:
            form.text.data, table = load_table(_read_data(form))
            if request.form.get("do") == "keep":
                kept = _keep(form, table)
                flash(ngettext("%(num)s fact recorded.", "%(num)s facts recorded.", kept), "ok")
                return redirect(url_for("countries.compare", treaty=form.treaty.data), 303)
        except Refusal as refusal:
            show_refusal(form, refusal)
    return render_form("countries/treaty_table.html", form, table=table, name=country_name)


def _keep(form: TreatyTableForm, table: TreatyTable) -> int:
    treaty = service.get_treaty(db.session(), form.treaty.data)
    source, looked_on = form.source.data or "", form.looked_on.data or now().date()
    by = current_account()
    return service.keep_treaty(db.session(), treaty, table.actions, by=by, source=source, looked_on=looked_on)


def _read_data(form: TreatyTableForm) -> bytes:
    sent: Any = form.file.data
    data: bytes = sent.read(MAX_FILE + 1) if sent and sent.filename else (form.text.data or "").encode()
    if not data.strip():
        raise Refusal(_("Choose a file, or paste a table."), field="file")
    return data


@blueprint.route("/desk/bodies/<slug>/memberships", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def memberships(slug: str) -> ResponseReturnValue:
    """List the members of a body, and record another."""
    session, body = db.session(), _get_body(slug)
    form = MembershipForm([each for each in bodies.list_bodies(session) if each.id != body.id])
    if form.validate_on_submit():
        try:
            _add(body, form)
        except Refusal as refusal:
            show_refusal(form, refusal)
            body = _get_body(slug)
        else:
            flash(_("Saved."), "ok")
            return redirect(url_for("country_work.memberships", slug=slug), 303)
    return render_form("countries/memberships.html", form, body=body, members=queries.list_members(session, body))


def _add(body: PublicBody, form: MembershipForm) -> None:
    member_id = read_number(form.member.data) if form.member.data else None
    service.add_membership(
        db.session(),
        body,
        by=current_account(),
        source=form.source.data or "",
        country=form.country.data or None,
        member=db.session().get(PublicBody, member_id) if member_id else None,
        since=form.since.data,
        until=form.until.data,
        looked_on=form.looked_on.data,
    )


@blueprint.route(f"/desk/bodies/<slug>/memberships/{_NUMBER}", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def end_membership(slug: str, number: int) -> ResponseReturnValue:
    """Set the last day of a membership."""
    session, body = db.session(), _get_body(slug)
    row = service.get_membership(session, body, number)
    form = EndMembershipForm(until=row.until)
    if form.validate_on_submit():
        try:
            service.end_membership(session, row, by=current_account(), until=form.until.data or now().date())
        except Refusal as refusal:
            show_refusal(form, refusal)
            body, row = _get_body(slug), service.get_membership(session, _get_body(slug), number)
        else:
            flash(_("Saved."), "ok")
            return redirect(url_for("country_work.memberships", slug=slug), 303)
    return render_form("countries/end_membership.html", form, body=body, who=_name_member(row))


def _get_body(slug: str) -> PublicBody:
    """Return a body whose members the signed-in account may record. Raises NotFound, Forbidden."""
    body = bodies.get(db.session(), slug)
    if not rights.may_edit_body(db.session(), current_account(), body):
        raise Forbidden(_("Only a lead or editor of this body or an administrator can do this."))
    return body


def _name_member(row: BodyMembership) -> str:
    member = db.session().get(PublicBody, row.member_id) if row.member_id else None
    return member.name if member else country_name(row.country)
