"""Pages for reporting content without a cookie, and for confirming a submission's address."""

from __future__ import annotations

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.core.db import db
from consult.core.i18n import _, current_language
from consult.core.web.access import Allow
from consult.core.web.limits import limiter
from consult.core.web.requests import Blueprint, csrf
from consult.decisions.forms import ReportForm
from consult.decisions.model import ReportKind
from consult.decisions.view_helpers import answer_form
from consult.moderation.recourse import reports
from consult.moderation.recourse.forms import ReportCheckForm

blueprint = Blueprint("reporting", __name__, traceless=True)


@blueprint.route("/report/<reference>", allow=Allow.ANYONE, methods=["GET", "POST"])
@limiter.limit("20 per hour", methods=["POST"])
def report(reference: str) -> ResponseReturnValue:
    row = reports.get_published(db.session(), reference)

    def file(form: ReportForm) -> None:
        reports.file(
            db.session(),
            reference=reference,
            kind=ReportKind(form.kind.data),
            key=form.key.data,
            words=form.words.data or "",
            email=form.email.data or None,
            language=current_language(),
            comment_id=form.part_of("c"),
            evidence_id=form.part_of("e"),
        )

    page = url_for("trace.public", reference=row.reference)
    return answer_form(file, what=row.reference, page=page, page_name=_("Status of this submission"))


@blueprint.route(
    "/report/check/<int(max=9223372036854775807):number>/<token>", allow=Allow.ANYONE, methods=["GET", "POST"]
)
@limiter.limit("60 per hour")
def check(number: int, token: str) -> ResponseReturnValue:
    """Record whether the owner of the address sent the submission."""
    form = ReportCheckForm(request.form if request.method == "POST" else None)
    reports.get_by_check_token(db.session(), report_id=number, token=token)
    if request.method == "POST" and form.validate() and form.do.data in ("mine", "not-mine"):
        mine = form.do.data == "mine"
        row = reports.record_check(db.session(), report_id=number, token=token, mine=mine)
        return render_template("moderation/report_checked.html", row=row, mine=mine)
    return render_template("moderation/report_check.html", form=form, number=number, token=token)


csrf.exempt(report)
csrf.exempt(check)
