"""Pages to report published content, without a cookie, and to confirm the address given with a report."""

from __future__ import annotations

import secrets

from flask import render_template, request
from flask.typing import ResponseReturnValue

from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.i18n import current_language
from consult.core.web.access import Allow
from consult.core.web.limits import limiter
from consult.core.web.requests import Blueprint, csrf
from consult.moderation.recourse import reports
from consult.moderation.recourse.forms import ReportCheckForm, ReportForm
from consult.moderation.recourse.model import ReportKind

blueprint = Blueprint("reporting", __name__, traceless=True)


@blueprint.route("/report/<reference>", allow=Allow.ANYONE, methods=["GET", "POST"])
@limiter.limit("20 per hour", methods=["POST"])
def report(reference: str) -> ResponseReturnValue:
    form = ReportForm(request.form if request.method == "POST" else None)
    row = reports.get_published(db.session(), reference)
    if request.method == "GET":
        form.key.data, form.on.data = secrets.token_urlsafe(16), request.args.get("on", "")[:30]
    elif form.validate():
        try:
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
            return render_template("moderation/reported.html", row=row, told=bool(form.email.data))
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    page = render_template("moderation/report.html", form=form, row=row)
    return page, 422 if form.problems else 200


@blueprint.route(
    "/report/check/<int(max=9223372036854775807):number>/<token>", allow=Allow.ANYONE, methods=["GET", "POST"]
)
@limiter.limit("60 per hour")
def check(number: int, token: str) -> ResponseReturnValue:
    """Whoever reads the address says whether they sent it."""
    form = ReportCheckForm(request.form if request.method == "POST" else None)
    reports.get_by_check_token(db.session(), report_id=number, token=token)
    if request.method == "POST" and form.validate() and form.do.data in ("mine", "not-mine"):
        mine = form.do.data == "mine"
        row = reports.record_check(db.session(), report_id=number, token=token, mine=mine)
        return render_template("moderation/report_checked.html", row=row, mine=mine)
    return render_template("moderation/report_check.html", form=form, number=number, token=token)


csrf.exempt(report)
csrf.exempt(check)
