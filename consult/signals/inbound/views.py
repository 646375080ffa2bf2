"""Webhook for text messages: POST /in/sms. Enabled by CONSULT_SMS_SECRET."""

from __future__ import annotations

import hmac

from flask import Response, abort, request
from flask.typing import ResponseReturnValue

from consult.core.clock import now
from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.i18n import _, force_locale
from consult.core.web.access import Allow
from consult.core.web.requests import Blueprint, csrf, settings
from consult.gateway.guard import receive
from consult.signals.inbound import messages

blueprint = Blueprint("signal_inbound", __name__)


@blueprint.route("/in/sms", allow=Allow.ANYONE, methods=["POST"])
def sms() -> ResponseReturnValue:
    """File a report from the form fields `sender`, `text` and `id`. Requires `Authorization: Bearer <secret>`.

    The response is the reply to send, in plain text and the language of the message. The number is only used as a keyed
    hash: to limit messages from one phone, and to file the same text of one sender once a day, however often a gateway
    delivers it. `id` is the gateway's own number of a message. If given, it is compared instead of the text. No report
    stores the phone number. The secret is checked before counting, so that others cannot use up a number's limit.
    """
    secrets = settings().sms_secrets
    if not secrets:
        abort(404)
    given = request.headers.get("Authorization", "").removeprefix("Bearer ").encode()
    sender, text, number = (request.form.get(name, "") for name in ("sender", "text", "id"))
    message = messages.read_fields(sender, text, number, now().date())
    with force_locale(messages.find_language(message)):
        if not any(hmac.compare_digest(given, secret.encode()) for secret in secrets):
            return _reply(_("Report not saved. The gateway sent the wrong secret."), 403)
        session = db.session()
        try:
            with receive(session, messages.wrap(message)):
                reference = messages.file_message(session, message)
        except Refusal as refusal:
            session.rollback()
            return _reply(refusal.message, refusal.status)
        return _reply(
            _("Received: %(reference)s. An assessor should read it within 24 hours.", reference=reference), 200
        )


csrf.exempt(sms)


def _reply(words: str, status: int) -> Response:
    return Response(words, status, mimetype="text/plain")
