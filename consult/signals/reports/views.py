"""Pages for filing a report (/signals/report), also for an organisation, and for one's own (/signals/return)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from flask import render_template, request
from flask.typing import ResponseReturnValue

from consult.accounts.model import Account
from consult.accounts.organisations import service as organisations
from consult.core.crypto import keyed_hash
from consult.core.db import db
from consult.core.errors import Forbidden, Refusal
from consult.core.i18n import _
from consult.core.text import one_line, read_number
from consult.core.web.access import Allow
from consult.core.web.csrf import FormSender, form_sender
from consult.core.web.limits import count_today, filing_limit, limiter, network_key
from consult.core.web.requests import Blueprint, csrf, principal, settings
from consult.core.web.tokens import unseal_field
from consult.gateway import service as gateway
from consult.signals.assessment import assess_due
from consult.signals.inbound.addresses import get_address
from consult.signals.inbound.letters import MAILED, get_principal
from consult.signals.inbound.texts import parse_text
from consult.signals.model import ReportChannel
from consult.signals.reports import service
from consult.signals.reports.forms import OrganisationReportForm, ReportFilesForm, SightingReportForm
from consult.signals.reports.service import FiledReport, SentBefore
from consult.signals.reports.values import find_personal_data
from consult.submissions.drafts.personal_data_hints import PersonalDataHint

blueprint = Blueprint("signal_reports", __name__)


@blueprint.route("/signals/report", allow=Allow.ANYONE, methods=["GET", "POST"])
@limiter.limit(filing_limit, methods=["POST"])
def report() -> ResponseReturnValue:
    """File a report without an account. No session is used, so the page can be kept on a phone and sent later."""
    form = SightingReportForm(country=one_line(request.args.get("country", ""))[:2].upper())
    return answer(form, "signals/report.html", ReportChannel.WEB)


csrf.exempt(report)


@blueprint.route(
    "/signals/report/as/<int(max=9223372036854775807):organisation_id>", allow=Allow.SIGNED_IN, methods=["GET", "POST"]
)
@limiter.limit(filing_limit, methods=["POST"])
def report_as(organisation_id: int) -> ResponseReturnValue:
    """File a report for an organisation as its member. Reports of different organisations are independent."""
    me = cast("Account", principal())
    row = organisations.get_for_member(db.session(), organisation_id, me).organisation
    form, mailed = OrganisationReportForm(country=row.country), request.args.get("mailed", "")
    sender, number = get_principal(row.id, me.id), read_number(request.args.get("letter", ""))
    waiting = gateway.list_waiting(db.session(), sender)
    opened = next((item for item in waiting if item.id == number), None)
    if not form.is_submitted() and (mailed or opened):
        text = gateway.get_waiting_text(opened) if opened else unseal_field(mailed, purpose=MAILED)
        key = keyed_hash("mailed", bytes(opened.key) if opened else mailed.encode()).hex()
        form.fill(parse_text(text, row.country), key=key)
    mailbox = get_address(db.session(), row.id, me.id, settings().signals_mailbox)
    channel = ReportChannel.MAIL if mailed or number else ReportChannel.ORGANISATION
    page = answer(
        form,
        "signals/report.html",
        channel,
        organisation=row,
        mailbox=mailbox,
        waiting=[item for item in waiting if item is not opened],
    )
    if opened and isinstance(page, str) and form.is_submitted():
        gateway.end_waiting(db.session(), sender, opened.id)
    return page


def answer(
    form: Any, template: str, channel: ReportChannel, *, organisation: Any = None, words: str = "", **shown: Any
) -> ResponseReturnValue:
    """Show the form, then hints of personal data, then the filed report. `shown` is for the template."""
    wait = settings().private_wait if channel is ReportChannel.NO_TRACE else 0
    more = {"organisation": organisation, "channel": channel, "kinds": describe_hints(), "wait": wait, **shown}
    if not form.is_submitted():
        return render_template(template, form=form, hints=[], **more)
    if form_sender() is FormSender.ELSEWHERE:
        raise Forbidden(_("Another website sent this form, so we did not use it."))
    hints: Sequence[PersonalDataHint] = []
    if form.validate():
        try:
            given = form.report()
            hints = find_personal_data(given) if form.checked.data != "yes" else []
            if not hints:
                filed = service.file(
                    db.session(),
                    given,
                    key=form.key.data,
                    channel=channel,
                    organisation_id=organisation.id if organisation else None,
                    words=words,
                    wait=wait,
                    arrival=count_today("signal report", network_key()),
                )
                return _render_sent(filed, **more)
            form.checked.data = "yes"
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
            if isinstance(refusal, SentBefore):
                form.renew()
    if channel is ReportChannel.NO_TRACE and (sent := service.find_filed(db.session(), form.key.data or "", words)):
        return _render_sent(sent, **more)  # sent again after going back, so the typed text is not shown once more
    page = render_template(template, form=form, hints=hints, **more)
    return page, 409 if hints and not form.problems else form.problem_status


def _render_sent(filed: FiledReport, **more: Any) -> str:
    """Render the filed report with its recovery words and a form for files."""
    return render_template(
        "signals/sent.html",
        filed=filed,
        due=assess_due(filed.report.received_at),
        adding=ReportFilesForm.build(filed.words, just_sent=True),
        **more,
    )


def describe_hints() -> dict[str, str]:
    """Return labels of kinds of personal data."""
    return {"email": _("an e-mail address"), "phone": _("a phone number"), "person": _("the name of a person")}
