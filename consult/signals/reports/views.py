"""Filing a report: /signals/report, also in the name of an organisation, and one's own report: /signals/return."""

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
from consult.core.text import one_line
from consult.core.web.access import Allow
from consult.core.web.csrf import FormSender, form_sender
from consult.core.web.limits import filing_limit, limiter
from consult.core.web.requests import Blueprint, csrf, principal, settings
from consult.core.web.tokens import unseal_field
from consult.signals.assessment import assess_due
from consult.signals.inbound.letters import MAILED, get_address
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
    """Without an account: no session is read and none begins, so the page can be kept on a phone and sent later."""
    form = SightingReportForm(country=one_line(request.args.get("country", ""))[:2].upper())
    return answer(form, "signals/report.html", ReportChannel.WEB)


csrf.exempt(report)


@blueprint.route(
    "/signals/report/as/<int(max=9223372036854775807):organisation_id>", allow=Allow.SIGNED_IN, methods=["GET", "POST"]
)
@limiter.limit(filing_limit, methods=["POST"])
def report_as(organisation_id: int) -> ResponseReturnValue:
    """In the name of an organisation, by a member: reports of two organisations are independent of each other."""
    me = cast("Account", principal())
    row = organisations.get_for_member(db.session(), organisation_id, me).organisation
    form, mailed = OrganisationReportForm(country=row.country), request.args.get("mailed", "")
    if mailed and not form.is_submitted():
        said = parse_text(unseal_field(mailed, purpose=MAILED), row.country)
        form.fill(said, key=keyed_hash("mailed", mailed.encode()).hex())
    channel = ReportChannel.MAIL if mailed else ReportChannel.ORGANISATION
    return answer(form, "signals/report.html", channel, organisation=row)


def answer(
    form: Any, template: str, channel: ReportChannel, *, organisation: Any = None, words: str = ""
) -> ResponseReturnValue:
    """The form; what it may give away, to be looked at once more; or what was filed."""
    more = {"organisation": organisation, "channel": channel, "kinds": describe_hints()}
    more["mailbox"] = get_address(organisation.id, settings().signals_mailbox) if organisation else ""
    if not form.is_submitted():
        return render_template(template, form=form, hints=[], **more)
    if form_sender() is FormSender.ELSEWHERE:
        raise Forbidden(_("Another website sent this form, so nothing of it was used."))
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
                )
                return _render_sent(filed, **more)
            form.checked.data = "yes"
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
            if isinstance(refusal, SentBefore):
                form.renew()
    if channel is ReportChannel.NO_TRACE and (sent := service.find_filed(db.session(), form.key.data or "", words)):
        return _render_sent(sent, **more)  # sent again by going back: what was typed is not shown once more
    page = render_template(template, form=form, hints=hints, **more)
    return page, 409 if hints and not form.problems else form.problem_status


def _render_sent(filed: FiledReport, **more: Any) -> str:
    """What was filed with its seven words, and where photographs and files can be added."""
    return render_template(
        "signals/sent.html",
        filed=filed,
        due=assess_due(filed.report.received_at),
        adding=ReportFilesForm.build(filed.words, just_sent=True),
        **more,
    )


def describe_hints() -> dict[str, str]:
    """What the found words look like, by their kind."""
    return {"email": _("an e-mail address"), "phone": _("a telephone number"), "person": _("the name of a person")}
