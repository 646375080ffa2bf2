"""Webhook for text messages: POST /in/sms. Enabled by CONSULT_SMS_SECRET."""

from __future__ import annotations

import hmac
from datetime import datetime

from flask import Response, abort, request
from flask.typing import ResponseReturnValue
from limits import parse

from consult.core.clock import now
from consult.core.crypto import keyed_hash
from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.i18n import _, current_language, force_locale
from consult.core.text import clean_text
from consult.core.web.access import Allow
from consult.core.web.limits import blind_key, count_today, is_spent, take
from consult.core.web.requests import Blueprint, csrf, settings
from consult.signals.inbound.texts import MOST, ShortReport, parse_text, tell_language
from consult.signals.model import Basis, ReportChannel
from consult.signals.reports import service
from consult.signals.reports.values import NewReport

blueprint = Blueprint("signal_inbound", __name__)
SENDER_LIMIT = parse("20 per day")
"""Limit of accepted messages from one number."""


@blueprint.route("/in/sms", allow=Allow.ANYONE, methods=["POST"])
def sms() -> ResponseReturnValue:
    """File a report from the form fields `sender` and `text`. Requires `Authorization: Bearer <secret>`.

    The response is the reply to send, in plain text and the language of the message. The number is only used as a keyed
    hash: to limit messages from one phone, and to file the same text of one sender once a day, however often a gateway
    delivers it. No report stores it. The secret is checked before counting, so that others cannot use up a number's
    limit.
    """
    secret = settings().sms_secret.reveal()
    if not secret:
        abort(404)
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    text, at = clean_text(request.form.get("text", "")[: 2 * MOST])[:MOST], now()
    said = parse_text(text, settings().sms_country)
    with force_locale(tell_language(text, said.country, current_language())):
        if not hmac.compare_digest(given.encode(), secret.encode()):
            return _reply(_("Not filed. The gateway sent the wrong secret."), 403)
        return _file(said, text, at)


csrf.exempt(sms)


def _file(said: ShortReport, text: str, at: datetime) -> Response:
    """File a parsed message and return the reply in the current language."""
    if not said.complete:
        return _reply(_("Not filed. Write: region, country; sold as; what happened."), 422)
    sender = request.form.get("sender", "")
    key, number = keyed_hash("sms", f"{sender} {at.date()} {text}".encode()).hex(), blind_key("sms", sender.strip())
    report = NewReport(
        country=said.country,
        region=said.region,
        happened_on=at.date(),
        product=said.product,
        body=said.body,
        basis=Basis.TOLD,
        language=current_language(),
    )
    again = service.is_filed(db.session(), key)  # the gateway may deliver it again
    if not again and is_spent(SENDER_LIMIT, number):
        return _reply(
            _("Not filed. One phone number can send 20 reports a day. You can send more on the website."), 429
        )
    try:
        arrival = count_today("signal report", number)
        filed = service.file(db.session(), report, key=key, channel=ReportChannel.SMS, arrival=arrival)
    except Refusal as refusal:
        db.session.rollback()
        return _reply(_("Not filed. %(why)s", why=refusal.message), refusal.status)
    if not filed.again:
        take(SENDER_LIMIT, number)
    return _reply(
        _("Received: %(reference)s. An assessor should read it within 24 hours.", reference=filed.report.reference), 200
    )


def _reply(words: str, status: int) -> Response:
    return Response(words, status, mimetype="text/plain")
