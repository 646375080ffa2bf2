"""Text handling: cleaning, normal form, Markdown, CSV cells."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Protocol

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

from consult.core.scripts.confusables import fold_confusables

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

NORMAL_RULE = 4
"""The version of `normalise`, stored with derived data, so that data of different versions are not mixed.

2 keeps the marks of Hindi and vocalised Arabic with their letters, and drops joiners and soft hyphens. 3 drops all
invisible characters. 4 replaces look-alike letters.
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
"""Invisible characters, such as joiners, selectors and soft hyphens, and the tatweel.

They affect the look of a word at most. They are displayed as written and dropped in comparisons.
"""
SILENT_SQL = "[" + "".join(f"\\U{first:08X}-\\U{last:08X}" for first, last in _SILENT_RANGES) + "]"
"""The silent characters as a character class for PostgreSQL."""
DROP_SILENT_SQL = f"regexp_replace({{text}}, '{SILENT_SQL}', '', 'g')"
"""SQL equivalent of `drop_silent`."""
_SILENT_PATTERN = re.compile("[" + "".join(f"{chr(first)}-{chr(last)}" for first, last in _SILENT_RANGES) + "]+")
_UNSEEN_PATTERN = re.compile(r"[\s" + "".join(f"{chr(first)}-{chr(last)}" for first, last in _IGNORABLE) + "]*")

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
_OVERRIDES = re.compile("[\u202a-\u202e\u2066-\u2069]")
_LINE_ENDS = re.compile("\r\n?|\u2028|\u2029|\x85")
_UNCLEAN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff\u2028-\u202e\u2066-\u2069]")
"""Characters that cleaning changes. Few texts have any."""
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
    """Clean text for storage: unify line ends, remove control characters and direction overrides, strip spaces.

    A text without visible characters becomes empty. Overrides are removed because they display words in another order
    than they were filed.

    >>> clean_text(" one\\r\\ntwo\\x00 \\u202ethree ")
    'one\\ntwo three'
    """
    if _UNCLEAN.search(text) is not None:
        text = _OVERRIDES.sub("", _CONTROL.sub("", _LINE_ENDS.sub("\n", text)))
    return "" if _UNSEEN_PATTERN.fullmatch(text) else text.strip()


def one_line(text: str) -> str:
    """Clean text and put it on one line, for names, titles and anything that may be used in an e-mail header."""
    return " ".join(clean_text(text).split())


def read_number(text: object) -> int | None:
    """Return the number written in digits of any script. None for anything else, or too many digits for a column.

    >>> read_number("12"), read_number("٣"), read_number("²"), read_number("-1"), read_number("9" * 5000)
    (12, 3, None, None, None)
    """
    said = str(text)
    return int(said) if said.isdecimal() and len(said) < 19 else None


def normalise(text: str) -> str:
    """Return the form in which equal texts are compared: NFKC, case folded, words separated by one space.

    >>> normalise("“Sixty” per-cent,  IS low.")
    'sixty per cent is low'
    """
    # Before NFKC, because characters that silent ones separate may compose.
    folded = unicodedata.normalize("NFKC", fold_text(text)).casefold()
    if folded.isascii():
        return _NOT_WORD.sub(" ", folded).strip()
    folded = folded.replace(chr(_TATWEEL), "")  # NFKC can produce tatweels
    return " ".join(word_pattern(folded).findall(folded))


def fold_text(text: str) -> str:
    """Drop invisible characters and replace look-alike letters, for comparison.

    >>> fold_text("c\u200b\u0430mpaign")
    'campaign'
    """
    return text if text.isascii() else fold_confusables(drop_silent(text))


def fold_text_with_offsets(text: str) -> tuple[str, Sequence[int]]:
    """Return the folded text, and the original position of each of its characters."""
    sounded, places = drop_silent_with_offsets(text)
    return fold_confusables(sounded), places


def drop_silent(text: str) -> str:
    """Return the text without invisible characters.

    >>> drop_silent("cam\u200bpaign \u0645\u06cc\u200c\u062e") == "campaign \u0645\u06cc\u062e"
    True
    """
    return text if text.isascii() else _SILENT_PATTERN.sub("", text)


def drop_silent_with_offsets(text: str) -> tuple[str, Sequence[int]]:
    """Return the text without invisible characters, and the original position of each remaining character.

    >>> drop_silent_with_offsets("a\u200bb")
    ('ab', [0, 2])
    """
    sounded = drop_silent(text)
    if len(sounded) == len(text):
        return text, range(len(text))
    return sounded, [at for at, character in enumerate(text) if character not in SILENT_CHARACTERS]


def word_pattern(text: str) -> re.Pattern[str]:
    """Return the pattern of a word in this text: letters and digits, with their combining marks.

    >>> word_pattern("हिन्दी में").findall("हिन्दी में!")
    ['हिन्दी', 'में']
    """
    return _pattern("".join(sorted(one for one in set(text) if unicodedata.category(one) in ("Mn", "Mc"))))


@lru_cache(maxsize=512)
def _pattern(marks: str) -> re.Pattern[str]:
    return re.compile(rf"\w[\w{re.escape(marks)}]*")


def fingerprint(text: str) -> bytes:
    """Return 128 bits that are equal for texts with the same normal form."""
    return blake2b(normalise(text).encode(), digest_size=16).digest()


def render_markdown(text: str) -> Markup:
    """Render Markdown as safe HTML: raw HTML is escaped, only listed tags are kept, links send no referrer."""
    html = nh3.clean(_markdown.render(text), tags=_TAGS, attributes={"a": {"href"}}, link_rel="nofollow noreferrer")
    return Markup(html)  # noqa: S704 - cleaned by nh3 in the line above


# What a spreadsheet may run at the start of a cell. Source: OWASP, CSV Injection. Full-width signs are run by
# spreadsheets set to Chinese or Japanese.
_SIGN = r"""[^\S\t\r\n]*(?:["'][^\S\t\r\n]*)*[=+\-@\uff1d\uff0b\uff0d\uff20]"""
# If the list separator is a semicolon or a tab, a quotation mark after a comma does not protect: the cell may be
# split at these, and at line ends. Commas are safe, since every cell with one is quoted.
_CELL_END = r"[;\t\r\n]"
_RUNS = re.compile(rf"\A(?='*{_CELL_END.replace(';', '')})|(?:\A|(?<={_CELL_END}))(?={_SIGN})")
_GUARDED = re.compile(rf"\A'(?='*{_CELL_END.replace(';', '')})|(?:\A|(?<={_CELL_END}))'(?={_SIGN})")


def csv_cell(value: Any) -> str:
    """Return a value as a CSV cell, marked if a spreadsheet could run it as a formula. `read_csv_cell` reverses it.

    >>> csv_cell("=1+1"), csv_cell("plain"), csv_cell("one;=1+1"), csv_cell(-2)
    ("'=1+1", 'plain', "one;'=1+1", '-2')
    """
    if isinstance(value, int | float | Decimal):
        return f"{value:f}" if isinstance(value, Decimal) else str(value)
    return "" if value is None else _RUNS.sub("'", str(value))


def read_csv_cell(cell: str) -> str:
    """Return the text from which `csv_cell` made a cell.

    >>> read_csv_cell("'=1+1"), read_csv_cell("one;'=1+1"), read_csv_cell("'plain'")
    ('=1+1', 'one;=1+1', "'plain'")
    """
    return _GUARDED.sub("", cell)


class CsvWriter:
    """A CSV writer that escapes its cells with `csv_cell`."""

    def __init__(self, stream: SupportsWrite[str], *, line_end: str = "\r\n") -> None:
        self._rows = csv.writer(stream, lineterminator=line_end)

    def writerow(self, cells: Iterable[Any]) -> None:
        self._rows.writerow([csv_cell(cell) for cell in cells])

    def writerows(self, rows: Iterable[Iterable[Any]]) -> None:
        for row in rows:
            self.writerow(row)


def isolate_direction(text: str | None) -> str:
    """Isolate the direction of a text next to text in the other direction. An empty text stays empty.

    >>> isolate_direction("Ask."), isolate_direction(None)
    ('\u2068Ask.\u2069', '')
    """
    return f"\u2068{text}\u2069" if text else ""


def csv_line(cells: Iterable[Any]) -> str:
    """Return one line of CSV with cells escaped by `csv_cell`.

    >>> csv_line([1, None, "+1", "a, b"]) == "1,,'+1,\\"a, b\\"\\r\\n"
    True
    """
    out = io.StringIO()
    CsvWriter(out).writerow(cells)
    return out.getvalue()


def excerpt(text: str, length: int = 160) -> str:
    """Return the first words of a text, at most `length` characters, cut between words with an ellipsis.

    >>> excerpt("one two three four", 12)
    'one two…'
    """
    flat = " ".join(text[: 2 * length].split())  # usually sufficient for a long text
    if len(flat) <= length:
        flat = " ".join(text.split())
    if len(flat) <= length:
        return flat
    return flat[: length - 1].rsplit(" ", 1)[0] + "…"


_SPECIAL = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i", "þ": "th", "ð": "d"})
MAX_SLUG = 60


def make_slug(title: str) -> str:
    """Return the title as a slug in lower-case ASCII, cut between words. Empty if no letter has an ASCII form.

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


class MarkedWords(Protocol):
    """Words with a mark: “same”, “gone” or “new”."""

    @property
    def mark(self) -> str: ...

    @property
    def text(self) -> str: ...


def separate_changes(runs: Iterable[MarkedWords]) -> list[tuple[str, str]]:
    """Return marks and texts, with a space between a deletion and an insertion that touch.

    It is for documents and e-mails; pages have a margin there.

    >>> from types import SimpleNamespace as Words
    >>> separate_changes([Words(mark="gone", text="may"), Words(mark="new", text="shall")])
    [('gone', 'may'), ('same', ' '), ('new', 'shall')]
    """
    pairs: list[tuple[str, str]] = []
    for run in runs:
        if pairs and (pairs[-1][0], run.mark) == ("gone", "new") and not pairs[-1][1][-1:].isspace():
            pairs.append(("same", " "))
        pairs.append((str(run.mark), run.text))
    return pairs
