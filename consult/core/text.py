"""Text handling: cleaning, the normal form, Markdown, CSV cells."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

from consult.core.scripts.confusables import fold_confusables

NORMAL_RULE = 4
"""The version of `normalise`: stored beside what is derived from it, so that a change of rule is made anew, not mixed.

2 keeps the marks of Hindi and vocalised Arabic with their letters, and drops joiners and soft hyphens. 3 drops every
character that is not seen. 4 takes letters for those they look like.
"""
_IGNORABLE = (
    (0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F),
    (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
)  # fmt: skip
"""Default_Ignorable_Code_Point. Source: Unicode Character Database, DerivedCoreProperties.txt."""
_TATWEEL = 0x640
_SILENT_RANGES = (*_IGNORABLE, (_TATWEEL, _TATWEEL))
SILENT_CHARACTERS = frozenset(chr(code) for first, last in _SILENT_RANGES for code in range(first, last + 1))
"""Characters that are not seen, such as joiners, selectors and soft hyphens, and the tatweel: they change how a word
looks at most, not which word it is. People see them as they were written; whatever compares texts drops them."""
SILENT_SQL = "[" + "".join(f"\\U{first:08X}-\\U{last:08X}" for first, last in _SILENT_RANGES) + "]"
"""The same as a class of PostgreSQL's regular expressions."""
DROP_SILENT_SQL = f"regexp_replace({{text}}, '{SILENT_SQL}', '', 'g')"
"""SQL: what `drop_silent` gives of a text."""
_SILENT_PATTERN = re.compile("[" + "".join(f"{chr(first)}-{chr(last)}" for first, last in _SILENT_RANGES) + "]+")
_UNSEEN_PATTERN = re.compile(r"[\s" + "".join(f"{chr(first)}-{chr(last)}" for first, last in _IGNORABLE) + "]*")

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
_OVERRIDES = re.compile("[\u202a-\u202e\u2066-\u2069]")
_LINE_ENDS = re.compile("\r\n?|\u2028|\u2029|\x85")
_UNCLEAN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff\u2028-\u202e\u2066-\u2069]")
"""Whatever the three above change; few texts have any."""
_NOT_WORD = re.compile(r"[^\w]+")
_markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
_TAGS = {"p", "br", "em", "strong", "a", "ul", "ol", "li", "blockquote", "h2", "h3", "h4", "code", "hr"} | {
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
}


def clean_text(text: str) -> str:
    """Text as it is stored: line ends unified, control characters and direction overrides removed, outer space cut.

    Nothing is left of a text in which nothing is seen. Overrides are dropped because they make a page show words in
    another order than they were filed.

    >>> clean_text(" one\\r\\ntwo\\x00 \\u202ethree ")
    'one\\ntwo three'
    """
    if _UNCLEAN.search(text) is not None:
        text = _OVERRIDES.sub("", _CONTROL.sub("", _LINE_ENDS.sub("\n", text)))
    return "" if _UNSEEN_PATTERN.fullmatch(text) else text.strip()


def one_line(text: str) -> str:
    """Cleaned text on a single line: for names, titles and everything that may reach a mail header."""
    return " ".join(clean_text(text).split())


def read_number(text: object) -> int | None:
    """The number that digits of any script say; None for all else, and for more digits than a column holds.

    >>> read_number("12"), read_number("٣"), read_number("²"), read_number("-1"), read_number("9" * 5000)
    (12, 3, None, None, None)
    """
    said = str(text)
    return int(said) if said.isdecimal() and len(said) < 19 else None


def normalise(text: str) -> str:
    """The form under which two texts count as the same: NFKC, case folded, words separated by one space.

    >>> normalise("“Sixty” per-cent,  IS low.")
    'sixty per cent is low'
    """
    folded = unicodedata.normalize("NFKC", fold_text(text)).casefold()  # first, for what they keep apart may compose
    if folded.isascii():
        return _NOT_WORD.sub(" ", folded).strip()
    folded = folded.replace(chr(_TATWEEL), "")  # compatibility form makes some
    return " ".join(word_pattern(folded).findall(folded))


def fold_text(text: str) -> str:
    """The text as people see it, to be compared: without the characters that are not seen, and with the letters that
    its letters are taken for.

    >>> fold_text("c\u200b\u0430mpaign")
    'campaign'
    """
    return text if text.isascii() else fold_confusables(drop_silent(text))


def fold_text_with_offsets(text: str) -> tuple[str, Sequence[int]]:
    """The folded text, and where each of its characters stands in the original."""
    sounded, places = drop_silent_with_offsets(text)
    return fold_confusables(sounded), places


def drop_silent(text: str) -> str:
    """The text without the characters that are not seen.

    >>> drop_silent("cam\u200bpaign \u0645\u06cc\u200c\u062e") == "campaign \u0645\u06cc\u062e"
    True
    """
    return text if text.isascii() else _SILENT_PATTERN.sub("", text)


def drop_silent_with_offsets(text: str) -> tuple[str, Sequence[int]]:
    """The text without silent characters, and where each character that is left stands in the original.

    >>> drop_silent_with_offsets("a\u200bb")
    ('ab', [0, 2])
    """
    sounded = drop_silent(text)
    if len(sounded) == len(text):
        return text, range(len(text))
    return sounded, [at for at, character in enumerate(text) if character not in SILENT_CHARACTERS]


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


def render_markdown(text: str) -> Markup:
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


def isolate_direction(text: str | None) -> str:
    """The text so that it keeps its own direction beside words that run in the other; nothing stays nothing.

    >>> isolate_direction("Ask."), isolate_direction(None)
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


_SPECIAL = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i", "þ": "th", "ð": "d"})
MAX_SLUG = 60


def make_slug(title: str) -> str:
    """The title in small ASCII letters, cut at a word; empty where no letter of it has an ASCII form.

    >>> make_slug("Plan de Acción sobre Drogas 2027–2030"), make_slug("خطة")
    ('plan-de-accion-sobre-drogas-2027-2030', '')
    """
    decomposed = unicodedata.normalize("NFKD", title.casefold().translate(_SPECIAL))
    words = re.findall("[a-z0-9]+", "".join(c for c in decomposed if not unicodedata.combining(c)))
    made = ""
    for word in words:
        if len(made) + len(word) >= MAX_SLUG:
            break
        made = f"{made}-{word}" if made else word
    return made or "".join(words)[:MAX_SLUG]
