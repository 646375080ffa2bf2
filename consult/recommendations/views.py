"""Public pages of recommendations: of a country, a single one, and the report written from them."""

from __future__ import annotations

from typing import Any

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from consult.accounts.labels import country_name
from consult.core.db import db
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.core.text import csv_line
from consult.core.web.access import Allow
from consult.core.web.requests import Blueprint, principal
from consult.countries import rights
from consult.countries import service as countries
from consult.plans.reports import queries as reports
from consult.recommendations import national_report, queries, service
from consult.recommendations.forms import RecommendationButtonForm
from consult.recommendations.labels import AnswerStatus
from consult.recommendations.national_report import ReportSides

blueprint = Blueprint("recommendations", __name__)
NUMBER = "<int(max=9223372036854775807):number>"
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@blueprint.route("/countries/<code>/recommendations", allow=Allow.ANYONE)
def listed(code: str) -> ResponseReturnValue:
    """List the recommendations to a country. `show` selects one of the numbers."""
    country, show = countries.get_country(code), request.args.get("show", "")
    if show and show not in list(AnswerStatus):
        raise NotFound(_("We cannot find this list."))
    session = db.session()
    return render_template(
        "recommendations/list.html",
        page=queries.list_for_country(session, country, show),
        sets=queries.list_sets(session, country),
        show=show,
        name=country_name(country),
        statuses=list(AnswerStatus),
        edits=rights.may_edit(session, _find_account(), country),
    )


@blueprint.route(f"/recommendations/{NUMBER}", allow=Allow.ANYONE)
def recommendation(number: int) -> ResponseReturnValue:
    """Show a recommendation with its bodies, its actions and what both sides report on them."""
    session, person = db.session(), _find_account()
    row, of_set = service.get(session, number)
    item = queries.load_one(session, row)
    accounts = {linked.status.action.id: reports.list_reports(session, linked.status.action) for linked in item.actions}
    own = [body for _given, body in item.given if rights.may_edit_body(session, person, body)]
    return render_template(
        "recommendations/one.html",
        item=item,
        reports=accounts,
        topics=queries.list_terms(session, row),
        edits=rights.may_edit(session, person, of_set.country),
        own={body.id for body in own},
        form=RecommendationButtonForm(),
    )


@blueprint.route("/countries/<code>/report", allow=Allow.ANYONE)
def report(code: str) -> ResponseReturnValue:
    """Show the next report of a country: of the government, or of organisations, from the same rows."""
    country = countries.get_country(code)
    made = national_report.build(db.session(), country, _read_side())
    return render_template("recommendations/report.html", report=made, name=country_name(country))


@blueprint.route("/countries/<code>/report.docx", allow=Allow.ANYONE, whole=True)
def report_docx(code: str) -> ResponseReturnValue:
    country = countries.get_country(code)
    made = national_report.build(db.session(), country, _read_side())
    answer = Response(national_report.make_docx(made, country_name(country)), mimetype=_DOCX)
    answer.headers["Content-Disposition"] = f'attachment; filename="{country}-{made.by}.docx"'
    return answer


@blueprint.route("/countries/<code>/report.csv", allow=Allow.ANYONE)
def report_csv(code: str) -> ResponseReturnValue:
    country = countries.get_country(code)
    made = national_report.build(db.session(), country, _read_side())
    head = {"Content-Disposition": f"attachment; filename={country}-{made.by}.csv"}
    return Response("".join(map(csv_line, national_report.list_rows(made))), mimetype="text/csv", headers=head)


def _read_side() -> ReportSides:
    """Return the side whose report is asked for. Raises NotFound."""
    side = request.args.get("by", ReportSides.GOVERNMENT)
    if side not in list(ReportSides):
        raise NotFound(_("We cannot find this report."))
    return ReportSides(side)


def _find_account() -> Any:
    """Return the signed-in account, or None."""
    return principal()
