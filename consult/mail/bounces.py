"""Bounce reports: parse a report, match it with the e-mail, and record the failure of the address.

A report counts only if it was sent to the envelope sender of an e-mail, or names its Message-ID and address. Both hold
the same random token.
`parse_report` is pure; `accept_report` writes. Source: RFC 3464 (delivery status), RFC 3463 (status codes), RFC 6522
(reports).
"""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.message import Message
from enum import StrEnum

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from consult.core.clock import now
from consult.core.crypto import blind_index
from consult.core.web.requests import settings
from consult.gateway import letters
from consult.gateway.readers import Reading
from consult.mail import dead_letters, suppression
from consult.mail.message import find_token
from consult.mail.model import Letter, State

_MESSAGE_ID = re.compile(r"<[^<>\s@]{1,200}@[^<>\s@]{1,200}>")
_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_LETTER_STATUS = re.compile(r"5\.(2\.[23]|3\.4|6\.\d+|7\.\d+)$")
"""Status codes that fail this e-mail but say nothing about the address: box full, too large, content, policy."""

_MAIL_SERVERS = frozenset({"mailer-daemon", "postmaster", "mdaemon"})
_PERMANENT = re.compile(r"(?<![\d.])(?:(5\.[0-7]\.\d{1,3})|55[0-4])(?![\d.])")
_PLAIN_HEAD = 2_000
"""Number of characters in which an error is looked for. A copy of the e-mail may follow, with numbers of its own."""


class BounceOutcome(StrEnum):
    """The result of handling a bounce report."""

    SUPPRESSED = "suppressed"  # nothing is sent to the address any more
    NOTED = "noted"  # first failure of the address. A second one on another day closes it
    FAILED = "failed"  # this e-mail was not delivered, but the address may be valid
    KNOWN = "known"  # the report was processed before
    LATER = "later"  # delayed, relayed or delivered
    UNKNOWN = "unknown"  # not an e-mail of this site, or not to this address
    NO_REPORT = "no report"


@dataclass(frozen=True)
class BounceFailure:
    """The failure of one recipient in a report."""

    address: str
    action: str
    status: str

    @property
    def permanent(self) -> bool:
        return self.action == "failed" and self.status.startswith("5")

    @property
    def of_the_address(self) -> bool:
        """Return whether the failure is caused by the address rather than the e-mail."""
        return self.permanent and not _LETTER_STATUS.match(self.status)


@dataclass(frozen=True)
class BounceReport:
    message_ids: tuple[str, ...]
    failures: tuple[BounceFailure, ...]


def parse_report(raw: bytes) -> BounceReport | None:
    """Return the bounce report in a message, or None if there is none. Raises ItemRefused as `letters.parse` does."""
    message = letters.parse(raw)
    parts = letters.list_parts(message)
    statuses = [part for part in parts if part.get_content_type() == "message/delivery-status"]
    if not statuses:
        return None
    failures = tuple(failure for part in statuses for failure in _failures(part))
    return BounceReport(tuple(dict.fromkeys(_message_ids(message, parts))), failures)


def _failures(part: Message) -> Iterator[BounceFailure]:
    groups = part.get_payload()
    for group in groups[: letters.MAX_PARTS] if isinstance(groups, list) else ():
        if not isinstance(group, Message):
            continue
        action, status = (
            letters.get_header(group, "Action").lower(),
            _STATUS.search(letters.get_header(group, "Status")),
        )
        named = [letters.get_header(group, name) for name in ("Final-Recipient", "Original-Recipient")]
        for recipient in dict.fromkeys(filter(None, named)):
            if status:
                address = recipient.partition(";")[2].strip().strip("<>")
                yield BounceFailure(address, action, status.group(0))


def _message_ids(message: Message, parts: Sequence[Message]) -> Iterator[str]:
    """Yield the Message-IDs that a report is about: from the returned e-mail or its headers, else from In-Reply-To."""
    for part in parts:
        if part.get_content_type() == "message/rfc822":
            inside = part.get_payload()
            for inner in inside if isinstance(inside, list) else ():
                if isinstance(inner, Message):
                    yield from _MESSAGE_ID.findall(letters.get_header(inner, "Message-ID"))
        elif part.get_content_type() == "text/rfc822-headers":
            headers = email.message_from_string(str(part.get_payload()), policy=email.policy.compat32)
            yield from _MESSAGE_ID.findall(letters.get_header(headers, "Message-ID"))
    for name in ("In-Reply-To", "References"):
        yield from _MESSAGE_ID.findall(letters.get_header(message, name))


def _find_returned(session: Session, message: Message) -> Letter | None:
    """Return the e-mail whose envelope sender a message was sent to, or None."""
    mailbox, host = settings().bounce_mailbox, settings().host
    for address in letters.get_addresses(message, "Delivered-To", "X-Original-To", "Envelope-To", "To"):
        if token := find_token(mailbox, address):
            return session.scalar(select(Letter).where(Letter.message_id == f"<{token}@{host}>"))
    return None


def find_plain_failures(message: Message) -> Sequence[BounceFailure]:
    """Return the failure in a report without a machine-readable part, if its first lines name a permanent error.

    Only reports of mail servers count, because an automatic reply of a person goes to the same address.
    """
    senders = {address.partition("@")[0].lower() for address in letters.get_addresses(message, "From")}
    if not senders & _MAIL_SERVERS and not letters.get_header(message, "X-Failed-Recipients"):
        return ()
    match = _PERMANENT.search(letters.get_text(message)[:_PLAIN_HEAD])
    return (BounceFailure("", "failed", match[1] or "5.0.0"),) if match else ()


def accept_report(session: Session, raw: bytes) -> BounceOutcome:
    """Record a bounce report: the reason on the e-mail's row, and the failure of the address. Safe to repeat.

    A report sent to the envelope sender of an e-mail needs no Message-ID and may have any format. Raises ItemRefused as
    `letters.parse` does.
    """
    report = parse_report(raw)
    if (named := _find_returned(session, letters.parse(raw))) is not None:
        failures = report.failures if report else find_plain_failures(letters.parse(raw))
        worst = BounceOutcome.LATER
        for failure in failures if named.to_index else ():
            worst = _apply_failure(session, named, failure)
            if worst is not BounceOutcome.LATER:
                break
        return worst
    if report is None:
        return BounceOutcome.NO_REPORT
    worst = BounceOutcome.UNKNOWN
    for letter in session.scalars(select(Letter).where(Letter.message_id.in_(report.message_ids))).all():
        for failure in report.failures:
            if blind_index(failure.address) == bytes(letter.to_index):
                worst = _apply_failure(session, letter, failure)
                if worst is not BounceOutcome.LATER:
                    return worst
    return worst


def _apply_failure(session: Session, letter: Letter, failure: BounceFailure) -> BounceOutcome:
    if not failure.permanent:
        return BounceOutcome.LATER
    reason = f"bounced: {failure.status}"
    sent = update(Letter).where(Letter.id == letter.id, Letter.state == State.SENT)
    new = session.execute(sent.values(state=State.FAILED, reason=reason)).rowcount  # type: ignore[attr-defined]
    new = new or dead_letters.end_letters(
        session, letter_ids=[letter.id], reason=reason
    )  # The bounce shows that a failed e-mail was sent after all
    if not failure.of_the_address:
        return BounceOutcome.FAILED
    if not new:
        return BounceOutcome.KNOWN
    closed = suppression.note_failure(session, bytes(letter.to_index), reason, at=now())
    return BounceOutcome.SUPPRESSED if closed else BounceOutcome.NOTED


def read_bounce(session: Session, raw: bytes) -> Reading | None:
    """Process an e-mail as a bounce report. Return None if it is none."""
    outcome = accept_report(session, raw)
    return None if outcome is BounceOutcome.NO_REPORT else Reading(str(outcome))
