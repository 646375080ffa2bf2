"""Reports of letters that did not arrive (RFC 3464)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from consult.core.clock import now
from consult.core.crypto import blind_index
from consult.mail import bounces, drain, reconciliation
from consult.mail.bounces import BounceOutcome
from consult.mail.folder import MailFolder
from consult.mail.message import get_return_path
from consult.mail.model import AddressFailure, Letter, State, Suppression
from consult.mail.service import post
from consult.mail.wire import DeliveryOutcome

REPORT = """From: MAILER-DAEMON@mx.example.org
To: consult@localhost
Subject: Undelivered Mail Returned to Sender
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"
MIME-Version: 1.0

--b1
Content-Type: text/plain

I am sorry to inform you that your message could not be delivered.

--b1
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org
Arrival-Date: Wed, 25 Nov 2026 04:00:00 +0000

Final-Recipient: rfc822; {address}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 no such user

--b1
Content-Type: {inner}

Message-ID: {message_id}
To: {address}
Subject: Your digest

--b1--
"""


@pytest.fixture
def letter(session: Session) -> Letter:
    return sent(session, "receipt:1")


def sent(session: Session, key: str) -> Letter:
    row = post(session, key=key, to="gone@example.org", template="test/note", language="en", who="Ada")
    session.commit()
    drain.drain(budget=2)
    session.refresh(row)
    assert row.state is State.SENT
    return row


def told(letter: Letter, **values: str) -> bytes:
    given = {"address": "gone@example.org", "action": "failed", "status": "5.1.1", "inner": "text/rfc822-headers",
             "message_id": letter.message_id} | values  # fmt: skip
    return REPORT.format(**given).encode()


def suppressed(session: Session) -> list[str]:
    index = blind_index("gone@example.org")
    return list(session.scalars(select(Suppression.reason).where(Suppression.index == index)))


@pytest.mark.parametrize("inner", ["text/rfc822-headers", "message/rfc822"])
def test_one_report_closes_no_address_however_often_it_is_read_and_the_letter_says_why(
    session: Session, letter: Letter, inner: str
) -> None:
    assert bounces.accept_report(session, told(letter, inner=inner)) is BounceOutcome.NOTED
    assert bounces.accept_report(session, told(letter, inner=inner)) is BounceOutcome.KNOWN
    session.refresh(letter)
    assert (letter.state, letter.reason) == (State.FAILED, "bounced: 5.1.1")
    assert suppressed(session) == []
    assert reconciliation.reconcile(session).balanced


@pytest.mark.parametrize(("hours", "closed"), [(1, False), (23, False), (24, True), (24 * 100, True)])
def test_a_second_report_closes_the_address_only_on_another_day(
    session: Session, letter: Letter, hours: int, closed: bool
) -> None:
    bounces.accept_report(session, told(letter))
    session.execute(update(AddressFailure).values(at=now() - timedelta(hours=hours)))
    second = sent(session, "receipt:2")
    assert bounces.accept_report(session, told(second)) is (BounceOutcome.SUPPRESSED if closed else BounceOutcome.NOTED)
    assert suppressed(session) == (["bounced: 5.1.1"] if closed else [])


def test_a_report_of_a_letter_that_is_in_doubt_ends_its_repeats(session: Session, letter: Letter) -> None:
    doubtful = post(session, key="r2", to="gone@example.org", template="test/note", language="en", who="Ada")
    doubtful.state, doubtful.cuts = State.UNCERTAIN, 1
    session.commit()
    assert bounces.accept_report(session, told(doubtful)) is BounceOutcome.NOTED
    session.commit()
    session.refresh(doubtful)
    assert (doubtful.state, doubtful.to_sealed, doubtful.content_id) == (State.FAILED, None, None)


@pytest.mark.parametrize(
    ("values", "outcome"),
    [
        ({"action": "delayed", "status": "4.4.1"}, BounceOutcome.LATER),
        ({"action": "delivered", "status": "2.0.0"}, BounceOutcome.LATER),
        ({"status": "5.2.2"}, BounceOutcome.FAILED),
        ({"status": "5.7.1"}, BounceOutcome.FAILED),
        ({"address": "somebody.else@example.org"}, BounceOutcome.UNKNOWN),
        ({"message_id": "<guessed@localhost>"}, BounceOutcome.UNKNOWN),
    ],
)
def test_an_address_stays_where_the_report_says_less(
    session: Session, letter: Letter, values: dict[str, str], outcome: BounceOutcome
) -> None:
    assert bounces.accept_report(session, told(letter, **values)) is outcome
    assert suppressed(session) == []
    session.refresh(letter)
    assert letter.state is (State.FAILED if outcome is BounceOutcome.FAILED else State.SENT)


@pytest.mark.parametrize(
    "raw", [b"", b"Subject: hello\n\nHow are you?", b"\xff\xfe\x00", b"Content-Type: message/delivery-status\n\nx"]
)
def test_what_is_no_report_is_left_alone(session: Session, raw: bytes) -> None:
    assert bounces.accept_report(session, raw) in (BounceOutcome.NO_REPORT, BounceOutcome.UNKNOWN)


PLAIN = """Return-Path: <>
Delivered-To: {to}
From: {sender}
To: {to}
Subject: {subject}

{text}
"""
_EXIM = "This message was created automatically.\n\n  gone@example.org\n    host mx said: 550 no such user"


@pytest.fixture
def bounce_mailbox(app: Flask) -> Iterator[str]:
    before = app.config["SETTINGS"]
    app.config["SETTINGS"] = replace(before, bounce_mailbox="bounce@consult.example.org")
    yield "bounce@consult.example.org"
    app.config["SETTINGS"] = before


def plain(letter: Letter, mailbox: str, **values: str) -> bytes:
    given = {"to": get_return_path(mailbox, letter.message_id), "sender": "Mailer-Daemon@mx.example.org",
             "subject": "Mail delivery failed", "text": _EXIM} | values  # fmt: skip
    return PLAIN.format(**given).encode()


@pytest.mark.parametrize(
    ("values", "outcome"),
    [
        ({}, BounceOutcome.NOTED),
        ({"text": "Delivery failed: 5.1.1 unknown mailbox"}, BounceOutcome.NOTED),
        ({"text": "Delivery failed: 5.2.2 mailbox full"}, BounceOutcome.FAILED),
        ({"text": "The message is delayed. No action is required.\n451 try later"}, BounceOutcome.LATER),
        ({"text": "x" * 2_000 + "\nParagraph 5.1.1 of the draft"}, BounceOutcome.LATER),
        ({"text": "Relayed by 5.1.1.7"}, BounceOutcome.LATER),
        ({"sender": "ana@example.org", "text": "I am away until 5.1.1, call 550."}, BounceOutcome.LATER),
        ({"to": "bounce+" + "0" * 32 + "@consult.example.org"}, BounceOutcome.NO_REPORT),
    ],
)
def test_a_bounce_in_any_format_names_its_letter_by_the_address_it_is_sent_to(
    session: Session, letter: Letter, bounce_mailbox: str, values: dict[str, str], outcome: BounceOutcome
) -> None:
    assert bounces.accept_report(session, plain(letter, bounce_mailbox, **values)) is outcome
    session.refresh(letter)
    assert letter.state is (State.FAILED if outcome in (BounceOutcome.NOTED, BounceOutcome.FAILED) else State.SENT)


def test_a_report_to_the_envelope_sender_needs_no_message_id_and_no_address_of_the_letter(
    session: Session, letter: Letter, bounce_mailbox: str
) -> None:
    raw = told(letter, message_id="<lost@example.org>", address="forwarded@elsewhere.example")
    assert bounces.accept_report(session, raw) is BounceOutcome.UNKNOWN
    to = get_return_path(bounce_mailbox, letter.message_id)
    raw = raw.replace(b"To: consult@localhost", f"To: {to}".encode())
    assert bounces.accept_report(session, raw) is BounceOutcome.NOTED
    index = session.scalars(select(AddressFailure.index)).one()
    assert bytes(index) == blind_index("gone@example.org")


def test_each_letter_goes_out_with_an_envelope_sender_of_its_own(
    session: Session, bounce_mailbox: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    senders: list[str] = []
    send = MailFolder.send

    def note(self: MailFolder, sender: str, to: str, name: str, message: bytes) -> DeliveryOutcome:
        senders.append(sender)
        return send(self, sender, to, name, message)

    monkeypatch.setattr(MailFolder, "send", note)
    rows = [sent(session, f"receipt:{n}") for n in range(2)]
    assert senders == [get_return_path(bounce_mailbox, row.message_id) for row in rows]
    assert len(set(senders)) == 2
