"""The report that leaves no trace, and one's own report: pages without cookie, script or cache."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.i18n import current_language
from consult.core.web.access import Allow
from consult.core.web.limits import filing_limit, limiter
from consult.core.web.requests import Blueprint, csrf
from consult.core.web.tokens import seal_field, unseal_field
from consult.signals.labels import STANDINGS
from consult.signals.model import PUBLIC_STATES, ReportChannel, ReportStanding
from consult.signals.places import regions
from consult.signals.reports import service
from consult.signals.reports.forms import NoTraceReportForm, OwnReportActForm, OwnReportForm
from consult.signals.reports.service import OwnReport
from consult.signals.reports.views import answer
from consult.submissions.private import return_codes

blueprint = Blueprint("signal_no_trace", __name__, traceless=True)
_wrong = lambda response: response.status_code == 404  # noqa: E731 - what the limiter is given


@blueprint.route("/signals/report/no-trace", allow=Allow.ANYONE, methods=["GET", "POST"])
@limiter.limit(filing_limit, methods=["POST"])
def report() -> ResponseReturnValue:
    """The seven words are drawn before anything is sent, and are kept nowhere but in the form and on the last page."""
    form = NoTraceReportForm()
    form.code.data = form.code.data or seal_field(return_codes.new_code())
    return answer(form, "signals/report.html", ReportChannel.NO_TRACE, words=unseal_field(form.code.data))


@blueprint.route("/signals/return", allow=Allow.ANYONE, methods=["GET", "POST"])
@limiter.limit("10 per 5 minutes", methods=["POST"], deduct_when=_wrong)
def come_back() -> ResponseReturnValue:
    form = OwnReportForm()
    if form.validate_on_submit():
        try:
            return _open(service.find_own(db.session(), form.words.data), form.words.data)
        except Refusal as refusal:
            form.refuse(refusal)
    return render_template("signals/return.html", form=form), form.problem_status if form.problems else 200


@blueprint.route("/signals/return/do", allow=Allow.ANYONE, methods=["POST"])
@limiter.limit("60 per 5 minutes")
def act() -> ResponseReturnValue:
    """Withdraws or erases the report that the sealed words in the form open; each is asked once more."""
    form, session = OwnReportActForm(), db.session()
    if not form.validate():
        return render_template("signals/return.html", form=OwnReportForm(formdata=None)), 422
    words = unseal_field(form.code.data)
    own, do = service.find_own(session, words), request.form.get("do", "")
    if do == "withdraw":
        service.withdraw(session, own)
    elif do == "erase-now":
        reference = own.report.reference
        service.erase(session, own)
        return render_template("signals/erased.html", reference=reference)
    return _open(own, words, ask=do == "erase")


def _open(own: OwnReport, words: str, *, ask: bool = False) -> ResponseReturnValue:
    form = OwnReportActForm(formdata=None)
    form.code.data = seal_field(words)
    return render_template(
        "signals/own.html",
        own=own,
        place=regions.name_place(own.report.country, own.report.region, current_language(), own.report.place or None),
        form=form,
        ask=ask,
        standing=STANDINGS[ReportStanding(own.link.standing)],
        shown=own.signal if own.signal and own.signal.state in PUBLIC_STATES else None,
        ended=own.link.standing in (ReportStanding.WITHDRAWN, ReportStanding.ERASED),
    )


for _view in (report, come_back, act):
    csrf.exempt(_view)
