"""E-mails to `signals+<token>@…` from members of an organisation, answered with a link to check and file the report.

The link carries the text sealed. Sender addresses can be forged, so the link is sent to the member's own address, at
most one an hour. Texts of further e-mails wait, sealed, on the linked page. Enabled by CONSULT_SIGNALS_MAILBOX.
"""

from __future__ import annotations

from datetime import timedelta
from email.message import Message
from enum import StrEnum
from hashlib import sha256

from sqlalchemy.orm import Session

from consult.accounts import service as accounts
from consult.accounts.model import Account
from consult.accounts.organisations import service as organisations
from consult.core.clock import now
from consult.core.crypto import keyed_hash, unseal_address
from consult.core.db import advisory_lock
from consult.core.errors import NotFound
from consult.core.text import clean_text
from consult.core.web.requests import settings
from consult.core.web.tokens import seal_field
from consult.gateway import letters
from consult.gateway import service as gateway
from consult.gateway.readers import Reading
from consult.mail import service as mail
from consult.signals.inbound import addresses
from consult.signals.inbound.texts import MOST

MAILED = "mailed report"
"""Purpose of the seal of a text received by e-mail."""
ANSWERED_EVERY = timedelta(hours=1)
MAX_WAITING = 20
"""Maximum number of waiting texts of a member. Further ones are not stored."""


class MailedReport(StrEnum):
    """The outcome of an e-mail."""

    ASKED = "asked to confirm a report"
    WAITS = "kept for a member to open"
    TOO_MANY = "one of too many from a member"
    NO_MEMBER = "not from a member"
    NO_TEXT = "without text"
    AUTOMATIC = "from a machine or a list"
    UNPROVED = "with a sender that is not proved"
    OTHER = "left alone"


def read_letter(session: Session, raw: bytes) -> Reading | None:
    """Process an e-mail to a member's report address. Return None for others, and if there is no mailbox."""
    if not settings().signals_mailbox:
        return None
    answered = accept_letter(session, raw)
    return None if answered.outcome == MailedReport.OTHER else answered


def get_principal(organisation_id: int, account_id: int) -> bytes:
    """Return the keyed hash that identifies a member of an organisation in the gateway."""
    return keyed_hash("inbound member", f"{organisation_id}:{account_id}".encode())


def accept_letter(session: Session, raw: bytes) -> Reading:
    """Answer a member's e-mail with the link, once an hour, and store the text of further ones.

    Raises ItemRefused as `letters.parse` does.
    """
    message = letters.parse(raw)
    found = [
        match
        for to in letters.get_addresses(message, "To", "Delivered-To", "Cc")
        if (match := addresses.ADDRESS.fullmatch(to))
    ]
    if not found:
        return Reading(MailedReport.OTHER)
    if letters.is_automatic(message):
        return Reading(MailedReport.AUTOMATIC)
    number, token = int(found[0][1]), found[0][2]
    account = _find_member(session, message, number, token)
    if account is None:
        return Reading(MailedReport.NO_MEMBER)
    server = settings().mail_authserv
    if server and not letters.is_authenticated(message, server):
        return Reading(MailedReport.UNPROVED)
    text = clean_text(letters.cut_quoted(letters.get_text(message)))[:MOST]
    if not text:
        return Reading(MailedReport.NO_TEXT)
    return _answer(session, account, number, text, f"signals:mail:{sha256(raw).hexdigest()[:32]}", token)


def _find_member(session: Session, message: Message, number: int, token: str) -> Account | None:
    senders = letters.get_addresses(message, "From")
    if len(senders) != 1:
        return None
    account = accounts.find_by_email(session, senders[0])
    try:
        if account is not None and organisations.get_for_member(session, number, account):
            return account if addresses.is_address_of(session, number, account.id, token) else None
    except NotFound:
        pass
    return None


def _answer(session: Session, account: Account, number: int, text: str, key: str, token: str) -> Reading:
    principal = get_principal(number, account.id)
    advisory_lock(session, "signals.mailed", int.from_bytes(principal[:4]))
    if gateway.is_answered(session, principal, MailedReport.ASKED, since=now() - ANSWERED_EVERY):
        if len(gateway.list_waiting(session, principal)) >= MAX_WAITING:
            return Reading(MailedReport.TOO_MANY, principal)
        return Reading(MailedReport.WAITS, principal, waits=text)
    old = addresses.is_old(session, number, token)
    mail.post(
        session,
        key=key,
        to=unseal_address(account.email_sealed),
        template="signals/mail/check",
        language=account.language,
        organisation=organisations.get_for_member(session, number, account).organisation.name,
        organisation_id=number,
        text=seal_field(text, purpose=MAILED),
        address=addresses.get_address(session, number, account.id, settings().signals_mailbox) if old else "",
        old_until=addresses.OLD_UNTIL,
        urgent=True,
    )
    return Reading(MailedReport.ASKED, principal)
