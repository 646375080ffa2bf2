"""Public pages of countries: the list, one country, and a comparison by treaty."""

from __future__ import annotations

from typing import Any

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from consult.accounts.countries import parse_countries
from consult.accounts.labels import country_name
from consult.core.db import db
from consult.core.i18n import current_language
from consult.core.text import csv_line
from consult.core.web.access import Allow
from consult.core.web.requests import Blueprint, principal
from consult.countries import queries, rights, service

blueprint = Blueprint("countries", __name__)
_COLUMNS = (
    "country",
    "kind",
    "treaty",
    "title",
    "words",
    "language",
    "date",
    "precision",
    "source",
    "checked_on",
    "recorded_at",
)


@blueprint.route("/countries", allow=Allow.ANYONE)
def listed() -> ResponseReturnValue:
    session = db.session()
    treaties = service.list_treaties(session)
    return render_template("countries/list.html", rows=queries.list_lines(session), treaties=treaties)


@blueprint.route("/countries/compare", allow=Allow.ANYONE)
def compare() -> ResponseReturnValue:
    """Compare countries on one treaty. `country` names the countries, separated by commas."""
    session, asked = db.session(), request.args.get("country", "")
    treaties = service.list_treaties(session)
    wanted = request.args.get("treaty", "") or (treaties[0].notation if treaties else "")
    treaty = service.get_treaty(session, wanted)
    codes, unknown = parse_countries(asked[:500])
    return render_template(
        "countries/compare.html",
        treaty=treaty,
        treaties=treaties,
        rows=queries.compare(session, treaty, codes),
        asked=asked,
        unknown=unknown,
    )


@blueprint.route("/countries/<code>", allow=Allow.ANYONE)
def country(code: str) -> ResponseReturnValue:
    page = queries.get_country_page(db.session(), code)
    edits = rights.may_edit(db.session(), _find_account(), page.code)
    return render_template("countries/one.html", page=page, name=country_name(page.code), edits=edits)


@blueprint.route("/countries/<code>.csv", allow=Allow.ANYONE)
def country_csv(code: str) -> ResponseReturnValue:
    """Return the current facts about a country as CSV."""
    owner, session = service.get_country(code), db.session()
    named = {term.id: term.label(current_language()) for term in service.list_treaties(session)}
    lines = [csv_line(_COLUMNS)]
    for it in queries.list_facts(session, owner):
        treaty, checked = named.get(it.term_id or 0, ""), it.looked_on or ""
        about = (owner, str(it.kind), treaty, it.title, it.words, it.language)
        lines.append(csv_line((*about, it.day, str(it.precision), it.source, checked, f"{it.kept_at:%Y-%m-%d}")))
    head = {"Content-Disposition": f"attachment; filename={owner}.csv"}
    return Response("".join(lines), mimetype="text/csv", headers=head)


@blueprint.route("/countries/facts/<int(max=9223372036854775807):number>", allow=Allow.ANYONE)
def fact(number: int) -> ResponseReturnValue:
    """Show a fact with its source and the facts that it replaced."""
    session = db.session()
    row = service.get_fact(session, number)
    treaty = next((term for term in service.list_treaties(session) if term.id == row.term_id), None)
    return render_template(
        "countries/fact.html",
        fact=row,
        treaty=treaty,
        former=queries.list_former(session, row),
        edits=row.replaced_by is None and rights.may_edit(session, _find_account(), row.country),
    )


def _find_account() -> Any:
    """Return the signed-in account, or None."""
    return principal()
