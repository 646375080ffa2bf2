"""Letters are parsed within bounds, whatever is in them."""

from __future__ import annotations

import pytest

from consult.gateway import letters
from consult.gateway.service import ItemRefused
from consult.mail import bounces
from tests.gateway.hostile import BOUNCE, LETTER, list_named


def read_all(raw: bytes) -> None:
    """Everything that a reader of letters asks of one."""
    message = letters.parse(raw)
    bounces.parse_report(raw)
    letters.get_addresses(message, "To", "Delivered-To", "Cc", "From")
    letters.get_header(message, "Subject")
    letters.cut_quoted(letters.get_text(message))
    letters.is_automatic(message)
    letters.is_authenticated(message, "mx.example.org")


@pytest.mark.parametrize("raw", list_named())
def test_no_letter_that_stopped_a_reader_stops_it_again(raw: bytes) -> None:
    read_all(raw)


def test_a_letter_is_read_as_it_was_written() -> None:
    message = letters.parse(LETTER)
    assert letters.get_header(message, "From") == "Aná <ana@ngo.example.org>"
    assert letters.get_addresses(message, "From", "Cc") == ["ana@ngo.example.org", "x@example.org", "y@example.org"]
    assert letters.cut_quoted(letters.get_text(message)) == "Esmeraldas, Ecuador; M30 tablets; two people fell asleep"
    report = bounces.parse_report(BOUNCE)
    assert report is not None
    assert [failure.address for failure in report.failures] == ["gone@example.org", "away@example.org"]
    assert report.message_ids == ("<1@localhost>",)


def test_a_text_in_an_unknown_charset_is_read_as_utf_8() -> None:
    raw = LETTER.replace(b'charset="utf-8"', b'charset="rot13"').replace(b"two people", b"deux =C3=A9t=C3=A9s")
    assert "deux étés" in letters.get_text(letters.parse(raw))


def test_a_letter_with_very_many_parts_inside_each_other_is_refused() -> None:
    nested = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(400))
    with pytest.raises(ItemRefused, match="more than 50 parts"):
        letters.parse(nested)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Two.\n> old", "Two."),
        ("Two.\n\nOn 1 December 2026 at 10:00,\nAna <ana@example.org> wrote:\n\n> old", "Two."),
        ("Two.\nOn the street\nthey say three.", "Two.\nOn the street\nthey say three."),
        ("Two.\r\n-- \r\nAna", "Two."),
        ("Two.\nFrom: Ana\nx", "Two."),
        ("--\nAna", ""),
        ("Two. From: the market", "Two. From: the market"),
    ],
)
def test_what_is_quoted_and_signed_is_cut(text: str, kept: str) -> None:
    assert letters.cut_quoted(text) == kept


def test_cutting_a_text_looks_at_each_line_a_few_times_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pattern before looked from each "On" to the end of the text."""
    looks = 0

    class Line(str):
        def endswith(self, *given: object) -> bool:
            nonlocal looks
            looks += 1
            return super().endswith(*given)  # type: ignore[arg-type]

        def rstrip(self, *_given: object) -> Line:
            return self

    class Lines:
        def split(self, text: str) -> list[Line]:
            return [Line(line) for line in text.split("\n")]

    monkeypatch.setattr(letters, "_LINE_END", Lines())
    text = "On a\n" * 100_000
    assert letters.cut_quoted(text)
    assert looks <= letters._ANNOUNCED_IN * letters.MAX_TEXT / len("On a\n") + 3


@pytest.mark.parametrize(
    ("header", "automatic"),
    [
        (b"Auto-Submitted: auto-replied", True),
        (b"Auto-Submitted: auto-generated; owner-email=x", True),
        (b"Auto-Submitted: no", False),
        (b"Precedence: bulk", True),
        (b"Precedence: Junk", True),
        (b"Precedence: list", True),
        (b"Precedence: first-class", False),
        (b"List-Id: <a.example.org>", True),
        (b"Return-Path: <>", True),
        (b"Return-Path: <ana@ngo.example.org>", False),
    ],
)
def test_machines_lists_and_returned_letters_are_told_apart_from_people(header: bytes, automatic: bool) -> None:
    assert letters.is_automatic(letters.parse(header + b"\nSubject: x\n\nx")) is automatic


@pytest.mark.parametrize(
    ("headers", "proved"),
    [
        (b"Authentication-Results: mx.example.org; spf=fail; dmarc=pass header.from=ngo.example.org", True),
        (b"Authentication-Results: MX.example.org 1; dmarc=pass", True),
        (b"Authentication-Results: mx.example.org; dmarc=fail header.from=ngo.example.org", False),
        (b"Authentication-Results: mx.example.org; dkim=pass; spf=pass", False),
        (
            b"Authentication-Results: mx.example.org; dmarc=fail\nAuthentication-Results: mx.example.org; dmarc=pass",
            False,
        ),
        (b"Authentication-Results: other.example.org; dmarc=pass", False),
        (b"Authentication-Results: mx.example.org; dmarc=pass; dmarc=fail", False),
        (b"Authentication-Results: ;;;", False),
        (b"X: y", False),
    ],
)
def test_only_the_topmost_verdict_of_the_own_server_proves_a_sender(headers: bytes, proved: bool) -> None:
    assert letters.is_authenticated(letters.parse(headers + b"\n\nx"), "mx.example.org") == proved
