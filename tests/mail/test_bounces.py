"""Reports of letters that did not arrive (RFC 3464)."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.core.crypto import blind_index
from consult.mail import bounces, draining, reconciling
from consult.mail.bounces import Outcome
from consult.mail.model import Letter, State, Suppression
from consult.mail.service import post

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
    row = post(session, key="receipt:1", to="gone@example.org", template="test/note", language="en", who="Ada")
    session.commit()
    draining.drain(budget=2)
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
def test_an_address_that_is_none_is_written_to_no_more_and_the_letter_says_why(
    session: Session, letter: Letter, inner: str
) -> None:
    for _twice in range(2):
        assert bounces.accept(session, told(letter, inner=inner)) is Outcome.SUPPRESSED
    session.refresh(letter)
    assert (letter.state, letter.reason) == (State.FAILED, "bounced: 5.1.1")
    assert suppressed(session) == ["bounced: 5.1.1"]
    assert reconciling.reconcile(session).balanced


@pytest.mark.parametrize(
    ("values", "outcome"),
    [
        ({"action": "delayed", "status": "4.4.1"}, Outcome.LATER),
        ({"action": "delivered", "status": "2.0.0"}, Outcome.LATER),
        ({"status": "5.2.2"}, Outcome.FAILED),
        ({"status": "5.7.1"}, Outcome.FAILED),
        ({"address": "somebody.else@example.org"}, Outcome.UNKNOWN),
        ({"message_id": "<guessed@localhost>"}, Outcome.UNKNOWN),
    ],
)
def test_an_address_stays_where_the_report_says_less(
    session: Session, letter: Letter, values: dict[str, str], outcome: Outcome
) -> None:
    assert bounces.accept(session, told(letter, **values)) is outcome
    assert suppressed(session) == []
    session.refresh(letter)
    assert letter.state is (State.FAILED if outcome is Outcome.FAILED else State.SENT)


@pytest.mark.parametrize(
    "raw", [b"", b"Subject: hello\n\nHow are you?", b"\xff\xfe\x00", b"Content-Type: message/delivery-status\n\nx"]
)
def test_what_is_no_report_is_left_alone(session: Session, raw: bytes) -> None:
    assert bounces.accept(session, raw) in (Outcome.NO_REPORT, Outcome.UNKNOWN)
