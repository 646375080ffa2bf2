"""The page to report a public statement, without cookies."""

from __future__ import annotations

from flask import url_for
from flask.typing import ResponseReturnValue

from consult.core.db import db
from consult.core.i18n import _, current_language
from consult.core.web.access import Allow
from consult.core.web.limits import limiter
from consult.core.web.requests import Blueprint, csrf
from consult.decisions import reports
from consult.decisions.forms import ReportForm
from consult.decisions.model import ReportKind
from consult.decisions.process import get_process
from consult.decisions.view_helpers import answer_form

blueprint = Blueprint("reader_reports", __name__, traceless=True)
_KINDS = tuple(kind for kind in ReportKind if kind is not ReportKind.NOT_MINE)
"""Authors in a room have signed in, so nobody else can have sent a statement in their name."""


@blueprint.route("/report/<kind>/<int(max=9223372036854775807):number>", allow=Allow.ANYONE, methods=["GET", "POST"])
@limiter.limit("20 per hour", methods=["POST"])
def report(kind: str, number: int) -> ResponseReturnValue:
    session, process = db.session(), get_process(kind)
    item = reports.get_public(session, process, number)
    facts = process.describe(session, item)

    def file(form: ReportForm) -> None:
        reports.file(
            session,
            process,
            item_id=number,
            kind=ReportKind(form.kind.data),
            key=form.key.data,
            words=form.words.data or "",
            email=form.email.data or None,
            language=current_language(),
        )

    page = url_for(facts.endpoint, **facts.values)
    return answer_form(
        file, what=process.get_title(item), page=page, page_name=_("Back to the page you reported"), kinds=_KINDS
    )


csrf.exempt(report)
