"""Letters that strangers write: each is one that stopped a reader once, or a mutation of one."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

BOUNCE = b"""Return-Path: <>
From: MAILER-DAEMON@mx.example.org
To: consult@localhost
Subject: =?utf-8?q?Undelivered_Mail_Returned_to_Sender?=
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"
MIME-Version: 1.0

--b1
Content-Type: text/plain; charset=utf-8

Sorry.

--b1
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; gone@example.org
Original-Recipient: rfc822; away@example.org
Action: failed
Status: 5.1.1

--b1
Content-Type: message/rfc822

Message-ID: <1@localhost>
To: gone@example.org
Subject: Your digest

--b1--
"""
LETTER = b"""From: =?iso-8859-1?q?An=E1?= <ana@ngo.example.org>
To: signals+1-abcdefghijklmnopqrst@consult.example.org
Cc: "A, B" <x@example.org>, y@example.org
Subject: unsubscribe abcd-efgh-ijkl
Auto-Submitted: no
Precedence: normal
Authentication-Results: mx.example.org; dkim=pass header.d=ngo.example.org; dmarc=pass header.from=ngo.example.org
Content-Type: multipart/alternative; boundary=b2
MIME-Version: 1.0

--b2
Content-Type: text/plain; charset="utf-8"; format=flowed
Content-Transfer-Encoding: quoted-printable

Esmeraldas, Ecuador; M30 tablets; two people fell asleep
On Monday, somebody wrote:
> quoted =C3=A9

--b2
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: base64

PHA+eDwvcD4=

--b2--
"""
CHARSETS = ("nonsense", "idna", "zip", "rot13", "undefined", "utf-16", "punycode", "hex", "=?x?b?=?=", "\x00", "mbcs")
PIECES = (
    b"Message-ID: <", b"Message-ID: <>", b"Message-ID: <a@[", b"To: <", b"To: ,;:<>@", b"To: \"", b"From: =?x?q?=ff?=",
    b"From: <a@b> <", b"Cc: (((((", b"Status: 5.", b"Status: 5.1.1;", b"Final-Recipient: rfc822;",
    b"Final-Recipient: ;;",
    b"Subject: =?zip?b?eJw=?=", b"Subject: =?utf-8?b?A?=", b"Subject: =?idna?q?x?=", b"Content-Type: multipart/",
    b"Content-Type: message/rfc822", b"Content-Type: message/delivery-status",
    b"Content-Type: text/plain; charset*=zip''x",
    b"Content-Type: text/plain; charset=", b"Content-Transfer-Encoding: uuencode", b"Content-Transfer-Encoding: base64",
    b"Content-Disposition: attachment; filename*0*=x", b"Authentication-Results: ;;;=", b"Precedence: \xff",
    b"\r\n\r\n",
    b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b"=?", b"?=", b"<", b">", b"@", b":", b";", b"\"", b"\\", b"\n\n", b"--b1\n",
    b"--b2--\n", b"On a\n" * 50,
)  # fmt: skip


def list_named() -> list[bytes]:
    """The letters of the findings: one character in an id, an open address, charsets that are none."""
    letters = [
        BOUNCE.replace(b"<1@localhost>", b"<"),
        BOUNCE.replace(b"To: consult@localhost", b"To: <"),
        BOUNCE.replace(b"message/rfc822", b"text/rfc822-headers").replace(b"<1@localhost>", b"<"),
        LETTER.replace(b"To: signals", b"To: <signals"),
        b"To: <\n\n",
        b"",
    ]
    for charset in CHARSETS:
        letters.append(LETTER.replace(b'charset="utf-8"', f'charset="{charset}"'.encode()))
        letters.append(LETTER.replace(b"=?iso-8859-1?", f"=?{charset}?".encode()))
    return letters


def mutate(chance: Random, count: int) -> Iterator[bytes]:
    """Letters with a few places cut out, doubled, overwritten or filled with a piece."""
    for _number in range(count):
        raw = bytearray(chance.choice((BOUNCE, LETTER)))
        for _change in range(chance.randint(1, 8)):
            start = chance.randrange(len(raw) + 1)
            end = min(len(raw), start + chance.randint(0, 60))
            match chance.randrange(5):
                case 0:
                    del raw[start:end]
                case 1:
                    raw[start:start] = raw[start:end] * chance.randint(1, 5)
                case 2:
                    raw[start:end] = chance.randbytes(end - start)
                case 3:
                    raw[start:start] = chance.choice(PIECES)
                case _:  # at the start of a line, where headers are
                    start = raw.rfind(b"\n", 0, start) + 1
                    raw[start:start] = chance.choice(PIECES) + b"\n"
        yield bytes(raw)
