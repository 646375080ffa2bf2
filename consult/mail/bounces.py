"""Bounce reports: parse, match with the letter, and record the failure of its address.

A report counts only if it names a Message-ID of this site, which nobody can guess, and the address of that letter.
`parse_report` is pure; `accept_report` writes.
Source: RFC 3464 (delivery status), RFC 3463 (status codes), RFC 6522 (reports).
"""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage, Message
from enum import StrEnum

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from consult.core.clock import now
from consult.core.crypto import blind_index
from consult.mail import dead_letters, suppression
from consult.mail.model import Letter, State

_MESSAGE_ID = re.compile(r"<[^<>\s@]{1,200}@[^<>\s@]{1,200}>")
_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_LETTER_STATUS = re.compile(r"5\.(2\.[23]|3\.4|6\.\d+|7\.\d+)$")
"""Never again for this letter, but the address may be good: box full, too large, content, policy."""


class BounceOutcome(StrEnum):
    """The result of handling a bounce report."""

    SUPPRESSED = "suppressed"  # the address is written to no more
    NOTED = "noted"  # the address was called none for the first time: a second time, on another day, closes it
    FAILED = "failed"  # this letter did not arrive; the address may be good
    KNOWN = "known"  # this report was read before
    LATER = "later"  # the mail server still tries, or it arrived
    UNKNOWN = "unknown"  # no letter of this site, or not to this address
    NO_REPORT = "no report"


@dataclass(frozen=True)
class BounceFailure:
    """One recipient of a report."""

    address: str
    action: str
    status: str

    @property
    def permanent(self) -> bool:
        return self.action == "failed" and self.status.startswith("5")

    @property
    def of_the_address(self) -> bool:
        """Whether the address, not the letter, is why."""
        return self.permanent and not _LETTER_STATUS.match(self.status)


@dataclass(frozen=True)
class BounceReport:
    message_ids: tuple[str, ...]
    failures: tuple[BounceFailure, ...]


def parse_report(raw: bytes) -> BounceReport | None:
    """The report in a message; None where the message is none."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    parts = list(message.walk())
    statuses = [part for part in parts if part.get_content_type() == "message/delivery-status"]
    if not statuses:
        return None
    failures = tuple(failure for part in statuses for failure in _failures(part))
    return BounceReport(tuple(dict.fromkeys(_message_ids(message, parts))), failures)


def _failures(part: Message) -> Iterator[BounceFailure]:
    groups = part.get_payload()
    for group in groups if isinstance(groups, list) else ():
        if not isinstance(group, Message):
            continue
        recipient = group.get("Final-Recipient") or group.get("Original-Recipient")
        found = _STATUS.search(str(group.get("Status", "")))
        if recipient and found:
            address = str(recipient).partition(";")[2].strip().strip("<>")
            yield BounceFailure(address, str(group.get("Action", "")).strip().lower(), found.group(0))
        original = group.get("Original-Recipient")
        if recipient and found and original and original != recipient:
            address = str(original).partition(";")[2].strip().strip("<>")
            yield BounceFailure(address, str(group.get("Action", "")).strip().lower(), found.group(0))


def _message_ids(message: EmailMessage, parts: list[EmailMessage]) -> Iterator[str]:
    """Ids of the letter that a report is about: from the letter or its headers inside it, else from what it answers."""
    for part in parts:
        if part.get_content_type() == "message/rfc822":
            inside = part.get_payload()
            for inner in inside if isinstance(inside, list) else ():
                yield from _MESSAGE_ID.findall(str(inner.get("Message-ID", "")) if isinstance(inner, Message) else "")
        elif part.get_content_type() == "text/rfc822-headers":
            headers = email.message_from_string(str(part.get_payload()))
            yield from _MESSAGE_ID.findall(str(headers.get("Message-ID", "")))
    for name in ("In-Reply-To", "References"):
        yield from _MESSAGE_ID.findall(str(message.get(name, "")))


def accept_report(session: Session, raw: bytes) -> BounceOutcome:
    """Takes a report in: the letter's row says why it did not arrive, and a bad address is noted. Repeatable."""
    found = parse_report(raw)
    if found is None:
        return BounceOutcome.NO_REPORT
    worst = BounceOutcome.UNKNOWN
    for letter in session.scalars(select(Letter).where(Letter.message_id.in_(found.message_ids))).all():
        for failure in found.failures:
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
    )  # it did arrive, as this shows
    if not failure.of_the_address:
        return BounceOutcome.FAILED
    if not new:
        return BounceOutcome.KNOWN
    closed = suppression.note_failure(session, blind_index(failure.address), reason, at=now())
    return BounceOutcome.SUPPRESSED if closed else BounceOutcome.NOTED
