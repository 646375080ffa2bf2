"""Pages of the summary report: HTML, PDF, DOCX and CSV tables."""

from __future__ import annotations

from flask import Response, render_template
from flask.typing import ResponseReturnValue

from consult.core.db import db
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.core.web.access import Allow
from consult.core.web.limits import limiter
from consult.core.web.requests import Blueprint
from consult.digests import jobs
from consult.digests.letters import print_pdf
from consult.digests.results.views import csv_file
from consult.responses.synopsis import queries, report

blueprint = Blueprint("synopsis", __name__)
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@blueprint.route("/c/<slug>/synopsis", allow=Allow.ANYONE)
def page(slug: str) -> ResponseReturnValue:
    made = queries.get_synopsis(db.session(), slug)
    return render_template("responses/synopsis.html", made=made, it=made.consultation, sections=report.build(made))


@blueprint.route("/c/<slug>/synopsis/<name>", allow=Allow.ANYONE)
@limiter.limit("60 per hour")
def printed(slug: str, name: str) -> ResponseReturnValue:
    """Return the report as a file, in the current language."""
    if name not in ("report.pdf", "report.docx"):
        raise NotFound(_("You can get the summary report as report.pdf or report.docx."))
    document = report.to_paper(queries.get_synopsis(db.session(), slug))
    kind = name.rpartition(".")[2]
    file = jobs.make_docx(document) if kind == "docx" else print_pdf(document, "synopsis")
    answer = Response(file, mimetype=_DOCX if kind == "docx" else "application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{slug}-synopsis.{kind}"'
    return answer


@blueprint.route("/c/<slug>/synopsis/arguments.csv", allow=Allow.ANYONE)
@limiter.limit("60 per hour")
def arguments_csv(slug: str) -> ResponseReturnValue:
    """Return arguments by contributor kind with answers, as CSV."""
    return csv_file(f"{slug}-arguments-by-category.csv", list(queries.build_argument_rows(db.session(), slug)))


@blueprint.route("/c/<slug>/synopsis/submissions.csv", allow=Allow.ANYONE)
@limiter.limit("60 per hour")
def submissions_csv(slug: str) -> ResponseReturnValue:
    """Return pairs of argument and submission as CSV, from which the table can be recounted."""
    return csv_file(f"{slug}-arguments-of-submissions.csv", list(queries.build_submission_rows(db.session(), slug)))
