"""What happens to words on their way in and out: cleaning, one normal form, Markdown, CSV cells."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

NORMAL_RULE = 2
"""The version of `normalise`: stored beside what is derived from it, so that a change of rule is made anew, not mixed.

2 keeps the marks of Hindi and vocalised Arabic with their letters, and drops joiners and soft hyphens.
"""
SILENT = "\u00ad\u0640\u200c\u200d\u2060\ufeff" + "".join(map(chr, range(0xFE00, 0xFE10)))
"""Soft hyphen, tatweel, joiners, selectors of a variant: they change how a word looks, not which word it is."""

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
_OVERRIDES = re.compile("[\u202a-\u202e\u2066-\u2069]")
_LINE_ENDS = re.compile("\r\n?|\u2028|\u2029|\x85")
_UNCLEAN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff\u2028-\u202e\u2066-\u2069]")
"""Whatever the three above change; few texts have any."""
_NOT_WORD = re.compile(r"[^\w]+")
_DROP = str.maketrans(dict.fromkeys(SILENT))
_markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
_TAGS = {"p", "br", "em", "strong", "a", "ul", "ol", "li", "blockquote", "h2", "h3", "h4", "code", "hr"} | {
    "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip


def clean(text: str) -> str:
    """Text as it is kept: line ends unified, control characters and direction overrides gone, outer space cut.

    Overrides are dropped because they make a page show words in another order than they were filed.

    >>> clean(" one\\r\\ntwo\\x00 \\u202ethree ")
    'one\\ntwo three'
    """
    if _UNCLEAN.search(text) is None:
        return text.strip()
    return _OVERRIDES.sub("", _CONTROL.sub("", _LINE_ENDS.sub("\n", text))).strip()


def one_line(text: str) -> str:
    """Cleaned text on a single line: for names, titles and everything that may reach a mail header."""
    return " ".join(clean(text).split())


def normalise(text: str) -> str:
    """The form under which two texts count as the same: NFKC, case folded, words separated by one space.

    >>> normalise("“Sixty” per-cent,  IS low.")
    'sixty per cent is low'
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    if folded.isascii():
        return _NOT_WORD.sub(" ", folded).strip()
    folded = folded.translate(_DROP)
    return " ".join(word_pattern(folded).findall(folded))


def word_pattern(text: str) -> re.Pattern[str]:
    """What a word of this text looks like: letters and digits, with the marks that are written on them.

    >>> word_pattern("हिन्दी में").findall("हिन्दी में!")
    ['हिन्दी', 'में']
    """
    return _pattern("".join(sorted(one for one in set(text) if unicodedata.category(one) in ("Mn", "Mc"))))


@lru_cache(maxsize=512)
def _pattern(marks: str) -> re.Pattern[str]:
    return re.compile(rf"\w[\w{re.escape(marks)}]*")


def fingerprint(text: str) -> bytes:
    """128 bits that are equal for texts with the same normal form."""
    return blake2b(normalise(text).encode(), digest_size=16).digest()


def markdown(text: str) -> Markup:
    """Markdown as safe HTML: no raw HTML in, an allow-list of tags out, links without referrer."""
    html = nh3.clean(_markdown.render(text), tags=_TAGS, attributes={"a": {"href"}}, link_rel="nofollow noreferrer")
    return Markup(html)  # noqa: S704 - cleaned by nh3 in the line above


def csv_cell(value: Any) -> str:
    """A cell that a spreadsheet will not run as a formula. Source: OWASP, CSV Injection.

    >>> csv_cell("=1+1"), csv_cell("plain")
    ("'=1+1", 'plain')
    """
    text = "" if value is None else str(value)
    return "'" + text if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def isolated(text: str | None) -> str:
    """The text so that it keeps its own direction beside words that run in the other; nothing stays nothing.

    >>> isolated("Ask."), isolated(None)
    ('\u2068Ask.\u2069', '')
    """
    return f"\u2068{text}\u2069" if text else ""


def csv_line(cells: Iterable[Any]) -> str:
    """One line of a CSV file, safe in a spreadsheet.

    >>> csv_line([1, None, "+1", "a, b"]) == "1,,'+1,\\"a, b\\"\\r\\n"
    True
    """
    out = io.StringIO()
    csv.writer(out).writerow([csv_cell(cell) for cell in cells])
    return out.getvalue()


def excerpt(text: str, length: int = 160) -> str:
    """The first words of a text, at most `length` characters, cut at a word with an ellipsis.

    >>> excerpt("one two three four", 12)
    'one two…'
    """
    flat = " ".join(text[: 2 * length].split())  # mostly enough of a long one
    if len(flat) <= length:
        flat = " ".join(text.split())
    if len(flat) <= length:
        return flat
    return flat[: length - 1].rsplit(" ", 1)[0] + "…"
