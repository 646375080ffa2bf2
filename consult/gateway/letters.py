"""Parsing of untrusted e-mails: bounded in size and parts, tolerant of malformed headers and charsets.

The policy is `compat32`: the structured headers of newer policies raise on malformed addresses and message ids. Source:
RFC 5322, RFC 2047, RFC 3834.
"""

from __future__ import annotations

import email
import email.header
import email.policy
import email.utils
import re
from email.message import Message
from itertools import islice

import authres

from consult.core.text import clean_text
from consult.gateway.service import MAX_READ, ItemRefused

MAX_PARTS = 50
MAX_TEXT = 20_000
"""Maximum number of characters read from a part."""
_MAX_HEADER = 10_000
"""Maximum number of characters read from a header, because decoding takes quadratic time."""
_CHARSETS = frozenset(
    [
        "utf-8",
        "us-ascii",
        "iso-8859-1",
        "iso-8859-2",
        "iso-8859-5",
        "iso-8859-6",
        "iso-8859-9",
        "iso-8859-15",
        "windows-1250",
        "windows-1251",
        "windows-1252",
        "windows-1256",
        "koi8-r",
        "gb18030",
    ]
)
"""Charsets that are decoded. Others are read as UTF-8, as Python's list also holds codecs such as `zip`."""
_LINE_END = re.compile(r"\r\n|\r|\n")
_ANNOUNCED_IN = 3
"""Maximum number of lines over which a mail program wraps "On …, … wrote:"."""
_BULK = frozenset({"bulk", "junk", "list"})


def parse(raw: bytes) -> Message:
    """Parse raw bytes into a message. Raise ItemRefused if it has too many nested parts."""
    read = raw[:MAX_READ]
    if read.lower().count(b"multipart/") > MAX_PARTS:
        raise ItemRefused(f"It has more than {MAX_PARTS} parts.")
    return email.message_from_bytes(read, policy=email.policy.compat32)


def list_parts(message: Message) -> list[Message]:
    """Return the message and its parts, at most `MAX_PARTS`."""
    return list(islice(message.walk(), MAX_PARTS))


def get_header(message: Message, name: str) -> str:
    """Return the first header of this name, decoded and on one line, or "" if there is none."""
    return next(iter(get_headers(message, name)), "")


def get_headers(message: Message, name: str) -> list[str]:
    """Return all headers of this name from top to bottom, each decoded and on one line."""
    return [_decode_header(str(value)[:_MAX_HEADER]) for value in message.get_all(name, [])]


def get_addresses(message: Message, *names: str) -> list[str]:
    """Return the e-mail addresses in these headers, without display names."""
    try:
        addresses = email.utils.getaddresses([value for name in names for value in get_headers(message, name)])
    except (ValueError, IndexError, AttributeError, RecursionError):
        return []
    return [address for _name, address in addresses if address]


def get_text(message: Message) -> str:
    """Return the first plain-text part that is not an attachment, at most `MAX_TEXT` characters."""
    for part in list_parts(message):
        if part.get_content_type() == "text/plain" and not get_header(part, "Content-Disposition").startswith("attach"):
            payload = part.get_payload(decode=True)
            content = payload[: MAX_TEXT * 4] if isinstance(payload, bytes) else b""
            return clean_text(_decode(content, _get_charset(part))[:MAX_TEXT])
    return ""


def cut_quoted(text: str) -> str:
    """Return the new text of an e-mail: everything before the quoted message or the signature.

    >>> cut_quoted("Two people.\\n\\nOn Monday, Ana wrote:\\n> M30")
    'Two people.'
    """
    lines = [line.rstrip() for line in _LINE_END.split(text[:MAX_TEXT])]
    for number, line in enumerate(lines):
        announces = line.startswith("On ") and any(
            near.endswith(" wrote:") for near in lines[number : number + _ANNOUNCED_IN]
        )
        if announces or line.startswith((">", "From: ")) or line == "--":
            return "\n".join(lines[:number]).strip()
    return "\n".join(lines).strip()


def is_automatic(message: Message) -> bool:
    """Return whether a message must not get a reply: automatic, from a mailing list, bulk or a bounce.

    Source: RFC 3834, section 2.
    """
    header = get_header(message, "Auto-Submitted").partition(";")[0].strip().lower()
    return (
        header not in ("", "no")
        or any(name in message for name in ("List-Id", "List-Unsubscribe"))
        or get_header(message, "Precedence").strip().lower() in _BULK
        or any(path.replace(" ", "") == "<>" for path in get_headers(message, "Return-Path"))
    )


def is_authenticated(message: Message, server: str) -> bool:
    """Return whether this mail server authenticated the domain in From (DMARC).

    Only the topmost Authentication-Results header counts, because a sender can forge those below it. Source: RFC 8601.
    """
    top = next(iter(get_headers(message, "Authentication-Results")), "")
    try:
        header = authres.AuthenticationResultsHeader.parse(f"Authentication-Results: {top}")
    except (authres.AuthResError, ValueError, IndexError, AttributeError):
        return False
    if (header.authserv_id or "").lower() != server.lower():
        return False
    verdicts = [result.result for result in header.results if result.method.lower() == "dmarc"]
    return bool(verdicts) and all(str(verdict).lower() == "pass" for verdict in verdicts)


def _decode_header(value: str) -> str:
    try:
        pieces = email.header.decode_header(value)
    except (ValueError, email.errors.HeaderParseError):
        pieces = [(value, None)]
    text = "".join(
        piece if isinstance(piece, str) else _decode(piece, (charset or "utf-8").lower()) for piece, charset in pieces
    )
    return " ".join(clean_text(_without_surrogates(text)).split())


def _get_charset(part: Message) -> str:
    try:
        return str(part.get_content_charset("utf-8"))
    except (LookupError, ValueError):
        return "utf-8"


def _decode(content: bytes, charset: str) -> str:
    return content.decode(charset if charset in _CHARSETS else "utf-8", "replace")


def _without_surrogates(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
