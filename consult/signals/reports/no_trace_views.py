"""Pages of anonymous reports and of one's own report, without cookie, script or cache."""

from __future__ import annotations

from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.i18n import current_language
from consult.core.settings import MAX_UPLOAD_BYTES
from consult.core.text import read_number
from consult.core.web.access import Allow
from consult.core.web.limits import filing_limit, limiter
from consult.core.web.requests import Blueprint, csrf
from consult.core.web.tokens import seal_field, unseal_field
from consult.signals.labels import STANDINGS
from consult.signals.model import PUBLIC_STATES, ReportChannel, ReportStanding
from consult.signals.places import regions
from consult.signals.queries import name_signals
from consult.signals.reports import files as report_files
from consult.signals.reports import service
from consult.signals.reports.files import UploadedFile
from consult.signals.reports.forms import NoTraceReportForm, OwnReportActForm, OwnReportForm, ReportFilesForm
from consult.signals.reports.service import OwnReport
from consult.signals.reports.views import answer
from consult.submissions import return_codes

blueprint = Blueprint("signal_no_trace", __name__, traceless=True)
_wrong = lambda response: response.status_code == 404  # noqa: E731 - what the limiter is given


@blueprint.route("/signals/report/no-trace", allow=Allow.ANYONE, methods=["GET", "POST"])
@limiter.limit(filing_limit, methods=["POST"])
def report() -> ResponseReturnValue:
    """File an anonymous report. Recovery words are drawn first, and only the form and the last page hold them."""
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
    """Withdraw or erase the report opened by the sealed recovery words, or erase one of its files."""
    form, session = OwnReportActForm(), db.session()
    if not form.validate():
        return _ask_for_words()
    words = unseal_field(form.code.data)
    own, do = service.find_own(session, words), request.form.get("do", "")
    if do == "withdraw":
        service.withdraw(session, own)
    elif do.startswith("remove:"):
        report_files.remove(session, own.report, read_number(do.removeprefix("remove:")) or 0)
    elif do == "erase-now":
        reference = own.report.reference
        service.erase(session, own)
        return render_template("signals/erased.html", reference=reference)
    return _open(own, words, just_sent=bool(form.just_sent.data), ask=do == "erase")


@blueprint.route("/signals/return/files", allow=Allow.ANYONE, methods=["POST"])
@limiter.limit(filing_limit)
def add_files() -> ResponseReturnValue:
    """Add files to the report opened by the sealed recovery words. Files that pass the checks are stored."""
    form, session = ReportFilesForm(), db.session()
    form.validate()
    if form.csrf_token.errors:
        return _ask_for_words()
    words, just_sent = unseal_field(form.code.data), bool(form.just_sent.data)
    own, sent = service.find_own(session, words), form.files.data or []
    try:
        refused = report_files.add(session, own.report, (UploadedFile(it.filename, it.stream.read()) for it in sent))
        form.refuse_files(refused)
    except Refusal as refusal:
        form.refuse(refusal)
        refused = [*sent]
    page = _open(own, words, just_sent=just_sent, adding=form)
    return page, form.problem_status if len(refused) == len(sent) else 200


@blueprint.url_value_preprocessor
def allow_large_request(endpoint: str | None, _values: Any) -> None:
    if endpoint == "signal_no_trace.add_files":
        request.max_content_length = MAX_UPLOAD_BYTES


def _ask_for_words() -> ResponseReturnValue:
    return render_template("signals/return.html", form=OwnReportForm(formdata=None)), 422


def _open(
    own: OwnReport, words: str, *, just_sent: bool = False, ask: bool = False, adding: ReportFilesForm | None = None
) -> str:
    """Render the page of one's own report. `adding` is the submitted files form with its errors."""
    report = own.report
    shown = own.signal if own.signal and own.signal.state in PUBLIC_STATES else None
    return render_template(
        "signals/own.html",
        own=own,
        place=regions.name_place(report.country, report.region, current_language(), report.place or None),
        form=OwnReportActForm.build(words, just_sent=just_sent),
        adding=adding or ReportFilesForm.build(words, just_sent=just_sent),
        files=report_files.list_by_report(db.session(), [report.id]).get(report.id, ()),
        words=words if just_sent else "",
        ask=ask,
        standing=STANDINGS[ReportStanding(own.link.standing)],
        shown=shown,
        title=name_signals(db.session(), [shown], current_language())[shown.id] if shown else "",
        ended=own.link.standing in (ReportStanding.WITHDRAWN, ReportStanding.ERASED),
        open=own.link.standing in report_files.TAKES_FILES,
    )


for _view in (report, come_back, act, add_files):
    csrf.exempt(_view)
