"""Text messages by one webhook: POST /in/sms. It is there only where CONSULT_SMS_SECRET is set."""

from __future__ import annotations

import hmac
from datetime import datetime

from flask import Response, abort, request
from flask.typing import ResponseReturnValue

from consult.core.clock import now
from consult.core.crypto import keyed_hash
from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.i18n import _, current_language, force_locale
from consult.core.text import clean_text
from consult.core.web.access import Allow
from consult.core.web.limits import form_field_key, limiter
from consult.core.web.requests import Blueprint, csrf, settings
from consult.signals.inbound.texts import MOST, ShortReport, parse_text, tell_language
from consult.signals.model import Basis, ReportChannel
from consult.signals.reports import service
from consult.signals.reports.values import NewReport

blueprint = Blueprint("signal_inbound", __name__)
SENDER_LIMIT = "20 per day"


@blueprint.route("/in/sms", allow=Allow.ANYONE, methods=["POST"])
@limiter.limit(SENDER_LIMIT, key_func=form_field_key("sender"))
def sms() -> ResponseReturnValue:
    """Form fields `sender` and `text`; header `Authorization: Bearer <secret>`. The answer is what to send back.

    The number is read as a keyed hash only: it limits how many messages one phone sends, and makes the same text of one
    sender on one day one report, however often a gateway delivers it. No report holds it. The answer is in the
    language of the text.
    """
    secret = settings().sms_secret.reveal()
    if not secret:
        abort(404)
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not hmac.compare_digest(given.encode(), secret.encode()):
        abort(403)
    text, at = clean_text(request.form.get("text", ""))[:MOST], now()
    said = parse_text(text, settings().sms_country)
    with force_locale(tell_language(text, said.country, current_language())):
        return _file(said, text, at)


csrf.exempt(sms)


def _file(said: ShortReport, text: str, at: datetime) -> Response:
    """Files what a message says; the answer is in the language being spoken."""
    if not said.complete:
        return _reply(_("Not filed. Write: place; sold as; what happened. Place: region, country."), 422)
    report = NewReport(
        country=said.country,
        region=said.region,
        happened_on=at.date(),
        product=said.product,
        body=said.body,
        basis=Basis.TOLD,
        language=current_language(),
    )
    try:
        key = keyed_hash("sms", f"{request.form.get('sender', '')} {at.date()} {text}".encode()).hex()
        filed = service.file(db.session(), report, key=key, channel=ReportChannel.SMS)
    except Refusal as refusal:
        db.session.rollback()
        return _reply(_("Not filed. %(why)s", why=refusal.message), refusal.status)
    return _reply(
        _("Received: %(reference)s. It is due to be read within 24 hours.", reference=filed.report.reference), 200
    )


def _reply(words: str, status: int) -> Response:
    return Response(words, status, mimetype="text/plain")
