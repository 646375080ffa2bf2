"""References to publications. Type and format are checked, but nothing is looked up."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.text import one_line

MAX_REFERENCE_LENGTH = 500
_DOI = re.compile(r"(?:doi:\s*|https?://(?:dx\.)?doi\.org/)?(10\.\d{4,9}/[^\s\"<>]+)", re.IGNORECASE)
_ISBN = re.compile(r"(?:ISBN(?:-1[03])?:?\s*)?([\dX][\dX -]{8,16}[\dX])", re.IGNORECASE)


class NotAReference(Refusal):
    """The input is neither a DOI, a web address nor an ISBN."""


def recognise_reference(typed: str) -> tuple[str, str]:
    """Return scheme and normal form of a reference. Raises NotAReference. Source: DOI Handbook 2.2, ISO 2108.

    >>> recognise_reference("https://doi.org/10.1000/182"), recognise_reference("ISBN 978-92-1-148352-9")
    (('doi', '10.1000/182'), ('isbn', '9789211483529'))
    >>> recognise_reference("www.unodc.org/wdr")
    ('url', 'https://www.unodc.org/wdr')
    """
    text = one_line(typed)
    if len(text) > MAX_REFERENCE_LENGTH:
        raise NotAReference(_("This reference is too long. Enter only the DOI, the web address or the ISBN."))
    if match := _DOI.fullmatch(text):
        return "doi", match[1].rstrip(".,;")
    if match := _ISBN.fullmatch(text):
        return "isbn", _isbn(match[1])
    return "url", _url(text)


def _isbn(typed: str) -> str:
    digits = re.sub(r"[ -]", "", typed).upper()
    if len(digits) == 10 and "X" not in digits[:9]:
        good = sum((10 - n) * (10 if digit == "X" else int(digit)) for n, digit in enumerate(digits)) % 11 == 0
    else:
        plain = len(digits) == 13 and digits.isdigit()
        good = plain and sum(int(digit) * (3 if n % 2 else 1) for n, digit in enumerate(digits)) % 10 == 0
    if not good:
        raise NotAReference(_("This ISBN has a wrong or missing digit. Compare it with the book."))
    return digits


def _url(text: str) -> str:
    address = text if "://" in text else f"https://{text}"
    try:
        parts = urlsplit(address)
        host, port_fits = parts.hostname or "", parts.port is None or parts.port > 0
    except ValueError:
        host, port_fits = "", False
    named = re.fullmatch(r"(?:[\w-]{1,63}\.)+[^\W\d_][\w-]{1,62}", host)
    if _unsafe(address) or not named or not port_fits or " " in text:
        raise NotAReference(
            _("Enter a DOI such as 10.1000/182, a web address such as https://example.org/report, or an ISBN.")
        )
    return address


def _unsafe(address: str) -> bool:
    """Return True if an address is not http(s) or contains user information."""
    return not address.startswith(("https://", "http://")) or "@" in address.split("/")[2]


def reference_url(scheme: str, reference: str) -> str:
    """Return the URL of a reference, or "" for an ISBN.

    >>> reference_url("doi", "10.1000/182"), reference_url("isbn", "9789211483529")
    ('https://doi.org/10.1000/182', '')
    """
    return {"doi": f"https://doi.org/{reference}", "url": reference}.get(scheme, "")
