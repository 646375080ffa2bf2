"""Text messages: read once under the guard of the gateway, and filed as reports."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import msgspec
from limits import parse
from sqlalchemy.orm import Session

from consult.core.crypto import keyed_hash
from consult.core.errors import Refusal, TooMany
from consult.core.i18n import _, current_language, force_locale
from consult.core.text import clean_text
from consult.core.web.limits import blind_key, count_today, is_spent, take
from consult.core.web.requests import settings
from consult.gateway.model import InboundChannel
from consult.gateway.readers import Reading
from consult.gateway.service import Envelope
from consult.signals.inbound.texts import MOST, parse_text, tell_language
from consult.signals.model import Basis, ReportChannel
from consult.signals.reports import service
from consult.signals.reports.values import NewReport

SENDER_LIMIT = parse("20 per day")
"""Limit of accepted messages from one number."""
_FILED = "filed"


@dataclass(frozen=True)
class TextMessage:
    """A text message as the gateway keeps it. `number` and `key` are keyed hashes, and no phone number is kept.

    `key` is the same for repeated deliveries. `number` is another one each day.
    """

    text: str
    day: date
    key: str
    number: str


class MessageUnclear(Refusal):
    """A message does not say where, what or what happened."""


def read_fields(sender: str, text: str, number: str, day: date) -> TextMessage:
    """Return the message of a delivery. `number` is the delivery's own id at the phone company, or empty."""
    text = clean_text(text[: 2 * MOST])[:MOST]
    named = f"id {number[:200]}" if number else f"{sender} {day} {text}"
    return TextMessage(text, day, keyed_hash("sms", named.encode()).hex(), blind_key("sms", sender.strip()))


def wrap(message: TextMessage) -> Envelope:
    """Return the envelope of a message."""
    content = msgspec.json.encode(message)
    return Envelope(InboundChannel.MESSAGE, content, len(content), bytes.fromhex(message.number))


def find_language(message: TextMessage) -> str:
    """Return the language for replying to a message."""
    country = parse_text(message.text, settings().sms_country).country
    return tell_language(message.text, country, current_language())


def file_message(session: Session, message: TextMessage) -> str:
    """File a message as a report and return the reference. A repeated delivery returns the same one.

    Raises MessageUnclear, TooMany beyond the limit of the number, or another Refusal.
    """
    said = parse_text(message.text, settings().sms_country)
    if not said.complete:
        raise MessageUnclear(_("Report not saved. Write: region, country; sold as; what happened."))
    report = NewReport(
        country=said.country,
        region=said.region,
        happened_on=message.day,
        product=said.product,
        body=said.body,
        basis=Basis.TOLD,
        language=current_language(),
    )
    again = service.is_filed(session, message.key)  # the gateway may deliver it again
    if not again and is_spent(SENDER_LIMIT, message.number):
        raise TooMany(
            _("Report not saved. One phone number can send 20 reports a day. You can send more on the website.")
        )
    arrival = count_today("signal report", message.number)
    try:
        filed = service.file(session, report, key=message.key, channel=ReportChannel.SMS, arrival=arrival)
    except Refusal as refusal:
        raise type(refusal)(_("Report not saved. %(why)s", why=refusal.message)) from refusal
    if not filed.again:
        take(SENDER_LIMIT, message.number)
    return filed.report.reference


def read_message(session: Session, raw: bytes) -> Reading:
    """File a message that was put aside, when an administrator has it read again. Its sender gets no answer."""
    message = msgspec.json.decode(raw, type=TextMessage)
    with force_locale(find_language(message)):
        file_message(session, message)
    return Reading(_FILED, bytes.fromhex(message.number))
