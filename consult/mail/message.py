"""Construction of message bytes: the shared part once, then the fields of each e-mail.

The placeholder of a field is `{{name.mark}}` with a random mark, so that submitted text quoted in a digest is never
taken for one. Pure: no database, no clock. Source: RFC 5322 (headers), RFC 2045 sections 6.7 and 6.8 (encodings), RFC
2046 section 5.1.4 (alternatives).
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.utils import format_datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from markupsafe import escape

from consult.core.lazy import LazyModule
from consult.mail.render import LetterText

_BREAK = re.compile(r"[\r\n\x00]")
_LOCAL_PART = "[0-9a-f]{32}"
_MESSAGE_ID = re.compile(rf"<({_LOCAL_PART})@[^<>@\s]+>")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,60}")
_STYLE = re.compile(r"<style>.*?</style>", re.DOTALL)
_css_inline: Any = LazyModule("css_inline")
SOFT_BREAK = b"=\r\n"
_LINE = 76


class HeaderRefused(ValueError):
    """A header name is invalid, or a value contains a line break."""


def check_header(name: str, value: str) -> None:
    """Raise HeaderRefused for a value that could start another header. Source: CWE-93."""
    if not _NAME.fullmatch(name) or _BREAK.search(value):
        raise HeaderRefused(f"The header {name[:60]!r} cannot be sent.")


def placeholder(name: str, mark: str) -> str:
    """Return the placeholder of a field.

    >>> placeholder("link", "3f2a")
    '{{link.3f2a}}'
    """
    return "{{" + name + "." + mark + "}}"


@dataclass(frozen=True)
class BodyPart:
    """A body of a message with gaps: the constant bytes before, between and after the fields.

    In quoted-printable the constant bytes are already encoded. Base64 is shorter for texts in scripts other than Latin.
    It encodes three bytes as four characters across field boundaries, so the whole part is encoded for each e-mail.
    """

    head: bytes
    base64: bool
    html: bool
    pieces: tuple[bytes, ...]
    names: tuple[str, ...]  # the field after each piece but the last

    def pour(self, fields: Mapping[str, str]) -> bytes:
        """Return the encoded part with these field values."""
        values = [str(escape(fields.get(name, ""))) if self.html else fields.get(name, "") for name in self.names]
        if self.base64:
            filled = [piece for pair in zip(self.pieces, values, strict=False) for piece in (pair[0], pair[1].encode())]
            return self.head + _in_base64(b"".join([*filled, self.pieces[-1]]))
        parts = [self.head, self.pieces[0]]
        for value, piece in zip(values, self.pieces[1:], strict=True):
            parts += [_with_soft_break(_quoted_printable(value)), piece]
        return b"".join(parts)


@dataclass(frozen=True)
class Attachment:
    """A file attached to an e-mail."""

    name: str
    kind: str  # its media type
    content: bytes


@dataclass(frozen=True)
class MessageTemplate:
    """A message with gaps for the fields of each recipient."""

    subject: tuple[str, ...]  # words, and at each second place the name of a field
    head: bytes
    parts: tuple[BodyPart, ...]
    boundary: bytes
    tail: bytes = b""  # what stands behind the alternatives, encoded: the file

    def pour(self, fields: Mapping[str, str]) -> bytes:
        """Return the subject, the shared headers, a blank line and the body with these field values."""
        poured = b"".join(b"--" + self.boundary + b"\r\n" + part.pour(fields) + b"\r\n" for part in self.parts)
        return _subject_line(self.subject, fields) + self.head + poured + b"--" + self.boundary + b"--\r\n" + self.tail


def inline_css(html: str) -> str:
    """Move the style sheet into the elements. Media queries stay in a style element at the end of the head.

    The inliner puts them first, but the charset must be within the first 1,024 bytes (HTML, 4.2.5.4).
    """
    made = str(_inliner().inline(html))
    style = _STYLE.search(made)
    if style is None:
        return made
    rest = made[: style.start()] + made[style.end() :]
    return rest.replace("</head>", f"{style.group()}</head>", 1)


@lru_cache(maxsize=1)
def _inliner() -> Any:
    return _css_inline.CSSInliner(load_remote_stylesheets=False, keep_at_rules=True)


def build_template(words: LetterText, mark: str, attached: Attachment | None = None) -> MessageTemplate:
    """Build the part that all recipients share: subject, plain text, inlined HTML and an attachment."""
    html = inline_css(words.html)
    boundary = "part-" + blake2b(f"{words.text}\0{html}".encode(), digest_size=10).hexdigest()
    subject, head = tuple(_split_at_fields(words.subject, mark)), "MIME-Version: 1.0\r\n"
    check_header("Subject", words.subject)
    alternative = f'Content-Type: multipart/alternative; boundary="{boundary}"\r\n\r\n'
    parts = (_build_part(words.text, mark, html=False), _build_part(html, mark, html=True))
    if attached is None:
        return MessageTemplate(subject, (head + alternative).encode(), parts, boundary.encode())
    outer = f"all-{boundary}"
    head += f'Content-Type: multipart/mixed; boundary="{outer}"\r\n\r\n--{outer}\r\n{alternative}'
    return MessageTemplate(subject, head.encode(), parts, boundary.encode(), _attachment_part(attached, outer))


def _attachment_part(attached: Attachment, outer: str) -> bytes:
    """Return the attachment as the last part of a message. Source: RFC 2183."""
    if not re.fullmatch(r"[\w.-]{1,100}", attached.name, re.ASCII):
        raise HeaderRefused("The name of a file that goes with a letter is of letters, digits, dots and dashes.")
    check_header("Content-Type", attached.kind)
    head = (
        f'--{outer}\r\nContent-Type: {attached.kind}; name="{attached.name}"\r\nContent-Transfer-Encoding: base64\r\n'
        f'Content-Disposition: attachment; filename="{attached.name}"\r\n\r\n'
    )
    return head.encode() + _in_base64(attached.content) + f"\r\n--{outer}--\r\n".encode()


def _build_part(content: str, mark: str, *, html: bool) -> BodyPart:
    """Split a body at its fields, in the shorter encoding."""
    split = _split_at_fields(content, mark)
    quoted = [_quoted_printable(text) for text in split[::2]]
    plain = [_with_crlf(text).encode() for text in split[::2]]
    base64 = sum(map(len, plain)) * 4 / 3 * 78 / 76 < sum(map(len, quoted))
    if not base64:
        quoted = [*map(_with_soft_break, quoted[:-1]), quoted[-1]]
    head = (
        f"Content-Type: text/{'html' if html else 'plain'}; charset=utf-8\r\n"
        f"Content-Transfer-Encoding: {'base64' if base64 else 'quoted-printable'}\r\n\r\n"
    )
    return BodyPart(head.encode(), base64, html, tuple(plain if base64 else quoted), tuple(split[1::2]))


def _split_at_fields(content: str, mark: str) -> list[str]:
    """Split content into text and field names, which alternate."""
    return re.split(r"\{\{(\w+)\." + re.escape(mark) + r"\}\}", content)


@lru_cache(maxsize=64)
def _encode_subject(subject: str) -> bytes:
    return f"Subject: {encode_header(subject)}\r\n".encode()


def _subject_line(subject: Sequence[str], fields: Mapping[str, str]) -> bytes:
    """Return the encoded subject line of one e-mail. Cached, because most e-mails of an edition share it."""
    names = subject[1::2]
    values = [*(fields.get(name, "") for name in names), ""]
    return _encode_subject("".join(text + value for text, value in zip(subject[::2], values, strict=True)).strip())


def _in_base64(content: bytes) -> bytes:
    letters = binascii.b2a_base64(content, newline=False)
    return b"\r\n".join([letters[at : at + _LINE] for at in range(0, len(letters), _LINE)])


def _with_crlf(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")


def _quoted_printable(text: str) -> bytes:
    r"""Encode text as quoted-printable with CRLF line ends. SMTP itself escapes a dot at the start of a line.

    >>> _quoted_printable("é = 1\nx ")
    b'=C3=A9 =3D 1\r\nx=20'
    """
    lines = _with_crlf(text).split("\r\n")
    return b"\r\n".join(binascii.b2a_qp(line.encode(), istext=True).replace(b"\n", b"\r\n") for line in lines)


def _with_soft_break(quoted: bytes) -> bytes:
    """Add a soft line break, splitting the last line first if it would become too long."""
    if len(quoted) - quoted.rfind(b"\n") - 1 < _LINE:
        return quoted + SOFT_BREAK
    last = 3 if quoted[-3:-2] == b"=" else 1
    return quoted[:-last] + SOFT_BREAK + quoted[-last:] + SOFT_BREAK


def encode_header(value: str) -> str:
    """Return a header value in ASCII, folded. Source: RFC 2047.

    >>> encode_header("Your receipt")
    'Your receipt'
    """
    check_header("Subject", value)
    charset = "us-ascii" if value.isascii() else "utf-8"
    return Header(value, charset, header_name="Subject").encode(linesep="\r\n")


def header_lines(pairs: Sequence[tuple[str, str]]) -> bytes:
    """Return header lines as bytes. Raises HeaderRefused for a line break in one of them."""
    for name, value in pairs:
        check_header(name, value)
    return "".join(f"{name}: {value}\r\n" for name, value in pairs).encode()


def date(at: datetime) -> str:
    """Return the Date header for a time."""
    return format_datetime(at)


def fill_header(value: str, fields: Mapping[str, str]) -> str:
    """Replace each `{{name}}` in a header. Headers are written by this program, so their placeholders need no mark."""
    return re.sub(r"\{\{(\w+)\}\}", lambda match: fields[match.group(1)], value)


def get_return_path(mailbox: str, message_id: str) -> str:
    """Return the envelope sender of an e-mail (VERP), or "" if there is no mailbox for bounces.

    Its token is the part of the Message-ID before the @, which nobody can guess. So a bounce in any format names it.

    >>> get_return_path("bounce@consult.example.org", "<" + "0a" * 16 + "@host>")
    'bounce+0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a@consult.example.org'
    """
    name, _at, host = mailbox.partition("@")
    token = _MESSAGE_ID.fullmatch(message_id)
    return f"{name}+{token[1]}@{host}" if host and token else ""


def find_token(mailbox: str, address: str) -> str:
    """Return the token if the address is an envelope sender of this mailbox, otherwise "".

    >>> find_token("bounce@consult.example.org", "Bounce+" + "0A" * 16 + "@consult.example.org")
    '0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a'
    >>> find_token("bounce@consult.example.org", "bounce@consult.example.org"), find_token("", "x")
    ('', '')
    """
    name, _at, host = mailbox.lower().partition("@")
    match = re.fullmatch(rf"{re.escape(name)}\+({_LOCAL_PART})@{re.escape(host)}", address.lower()) if host else None
    return match[1] if match else ""
