"""Letters to `signals+<token>@…` from members of an organisation: answered with a link, and nothing is kept.

The text travels sealed in the link, so what nobody confirms is nowhere here. A sender's address can be forged; the
link goes to the member's own. It is on only where CONSULT_SIGNALS_MAILBOX is set.
"""

from __future__ import annotations

import email
import email.policy
import re
from email.utils import getaddresses, parseaddr
from enum import StrEnum
from hashlib import sha256

from sqlalchemy.orm import Session

from consult.accounts import service as accounts
from consult.accounts.organisations import service as organisations
from consult.core.crypto import derive_token, unseal_address
from consult.core.errors import NotFound
from consult.core.text import clean_text
from consult.core.web.tokens import seal_field
from consult.mail import service as mail
from consult.signals.inbound.texts import MOST

_ADDRESS = re.compile(r"signals\+(\d{1,18})-([a-z0-9-]{8,80})@.+", re.I)
MAILED = "mailed report"
"""The purpose of the seal of a text that somebody has mailed."""
_QUOTED = re.compile(r"^(?:>|On .+ wrote:$|-- ?$|From: ).*", re.M | re.S)


class MailedReport(StrEnum):
    """What became of a letter."""

    ASKED = "asked to confirm a report"
    NO_MEMBER = "not from a member"
    NO_TEXT = "without text"
    OTHER = "left alone"


def organisation_token(organisation_id: int) -> str:
    """What stands after the plus: number and word of an organisation, `signals+12-word@…`."""
    return f"{organisation_id}-{derive_token('signals mail', str(organisation_id), b'organisation')[:20].lower()}"


def get_address(organisation_id: int, mailbox: str) -> str:
    """The address of an organisation, of a mailbox such as `signals@consult.example.org`; empty where it is off."""
    name, _at, host = mailbox.partition("@")
    return f"{name}+{organisation_token(organisation_id)}@{host}" if host else ""


def accept_letter(session: Session, raw: bytes) -> MailedReport:
    """Answers a letter of a member with the link to check and send it. The same letter is answered once."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    found = [
        match
        for _name, to in getaddresses([str(message.get(header, "")) for header in ("To", "Delivered-To", "Cc")])
        if (match := _ADDRESS.fullmatch(to))
    ]
    if not found or message.get("Auto-Submitted", "no") != "no":
        return MailedReport.OTHER
    number = int(found[0][1])
    account = accounts.find_by_email(session, parseaddr(str(message.get("From", "")))[1])
    if account is None or f"{number}-{found[0][2]}".lower() != organisation_token(number):
        return MailedReport.NO_MEMBER
    try:
        organisation = organisations.get_for_member(session, number, account).organisation
    except NotFound:
        return MailedReport.NO_MEMBER
    body = message.get_body(("plain",))
    text = clean_text(_QUOTED.sub("", str(body.get_content()) if body else ""))[:MOST]
    if not text:
        return MailedReport.NO_TEXT
    mail.post(
        session,
        key=f"signals:mail:{sha256(raw).hexdigest()[:32]}",
        to=unseal_address(account.email_sealed),
        template="signals/mail/check",
        language=account.language,
        organisation=organisation.name,
        organisation_id=number,
        text=seal_field(text, purpose=MAILED),
        urgent=True,
    )
    return MailedReport.ASKED
