"""Parser for numbers, missing markers and flags as statistical offices write them. Pure.

Source of the markers: SDMX code list CL_OBS_STATUS, Eurostat and GSS symbols, and spreadsheet errors.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class DecimalMark(StrEnum):
    POINT = "."
    COMMA = ","


@dataclass(frozen=True)
class NumberCell:
    """The content of a cell: a value, or a missing marker as flag. `readable` is False if it is neither."""

    value: Decimal | None
    flag: str = ""
    readable: bool = True
    percent: bool = False


MISSING = frozenset(
    {
        "",
        ":",
        "..",
        "...",
        ".",
        "-",
        "--",
        "–",
        "—",
        "*",
        "**",
        "n/a",
        "na",
        "#n/a",
        "#na",
        "n.a.",
        "n.a",
        "nan",
        "-nan",
        "null",
        "none",
        "x",
        "[x]",
        "c",
        "[c]",
        "z",
        "[z]",
        "u",
        "[u]",
        "[low]",
        "low",
        "s",
        "m",
        "missing",
        "not available",
        "not applicable",
        "suppressed",
        "nd",
        "n.d.",
        "s.d.",
        "s/d",
        "k.a.",
        "…",
        "?",
        "<na>",
        "1.#ind",
        "1.#qnan",
        "#value!",
        "#div/0!",
        "#ref!",
        ": c",
        ":c",
        ":u",
        ": u",
        "//",
        "/",
        "غير متاح",
    }
)
FLAG_NAMES = {
    "e": "estimated",
    "p": "provisional",
    "b": "break",
    "r": "revised",
    "u": "low reliability",
    "f": "forecast",
    "i": "imputed",
    "c": "confidential",
    "m": "missing",
    "d": "definition differs",
    "s": "estimated",
    "n": "not significant",
    "l": "missing",
    "o": "missing",
    "q": "missing",
    "h": "missing",
    "estimate": "estimated",
    "estimated value": "estimated",
    "provisional value": "provisional",
    "time series break": "break",
    "forecast value": "forecast",
    "imputed value": "imputed",
    "missing value": "missing",
    "estimated": "estimated",
    "provisional": "provisional",
    "revised": "revised",
    "forecast": "forecast",
    "confidential": "confidential",
    "estimado": "estimated",
    "estimé": "estimated",
    "provisoire": "provisional",
    "revisado": "revised",
    "révisé": "revised",
    "break in series": "break",
    "low reliability": "low reliability",
    "unreliable": "low reliability",
    "missing": "missing",
    "missing value; data cannot exist": "missing",
    "missing value; suppressed": "missing",
}
PLAIN_FLAGS = frozenset(
    {
        "",
        "a",
        "normal",
        "normal value",
        "undefined",
        "none",
        "final",
        "definitive",
        "définitif",
        "definitivo",
        "_z",
        "v",
    }
)
_SPACES = dict.fromkeys(map(ord, "\u00a0\u202f\u2009\u2007 '’`"), None)
_MINUS = dict.fromkeys(map(ord, "−‐‑‒–—﹣－"), "-")
_SHAPE = re.compile(
    r"(?P<open>\()?(?P<less>[<>≤≥~≈]=?)?\s*(?P<money>[£$€¥])?(?P<sign>[-+])?(?P<more>[£$€¥])?"
    r"(?P<body>[\d.,]*\d[\d.,]*?[.,]?)(?P<power>[eE][-+]?\d+)?\s*(?P<share>[%٪‰])?(?P<close>\))?"
    r"(?P<note>\s*(?:\[\w{1,12}\]|\(\w{1,12}\)|[*†‡#]{1,4}|[A-Za-z]{1,3})?(?:\s[a-z]{1,2})?)"
)
_LONGEST = 64
"""Maximum length of a cell that can hold a number."""
_GROUPED = re.compile(r"[1-9]\d{0,2}(,\d{3})+|[1-9]\d?(,\d{2})+,\d{3}")


def plain(text: str) -> str:
    """Convert digits, spaces and signs of a cell to ASCII."""
    if text.isascii():
        return text.strip()
    digits = "".join(str(unicodedata.decimal(c, c)) for c in text)
    return digits.replace("٫", ".").replace("٬", "").strip(" \t\u00a0\ufeff\u200b\u200e\u200f")


def read_number(text: str, mark: DecimalMark = DecimalMark.POINT) -> NumberCell:
    """Read a cell exactly as written. A limit such as `<5` has no value and is kept as the flag.

    >>> str(read_number("1,234.50").value), str(read_number("1 234,5", DecimalMark.COMMA).value)
    ('1234.50', '1234.5')
    >>> read_number("12.3 (p)").flag, read_number("..").value, read_number("<5").flag, read_number("about 5").readable
    ('provisional', None, '<5', False)
    >>> str(read_number("(1,200)").value), str(read_number("-9.5e-05").value), str(read_number("12%").value)
    ('-1200', '-0.000095', '12')
    """
    number = plain(text)
    if number.casefold() in MISSING:
        return NumberCell(None, _missing_flag(number))
    shape = _SHAPE.fullmatch(_join(number)) if len(number) <= _LONGEST else None
    if shape is None or (shape["open"] is None) != (shape["close"] is None):
        return NumberCell(None, "", readable=False)
    body = _digits(shape["body"], mark)
    if body is None:
        return NumberCell(None, "", readable=False)
    if shape["less"]:
        return NumberCell(None, number)
    value = Decimal(body + (shape["power"] or ""))
    if (shape["sign"] == "-") != (shape["open"] is not None):
        value = value.copy_negate()
    return NumberCell(value, _note_flag(shape["note"]), percent=shape["share"] is not None)


def _join(digits: str) -> str:
    """Remove separators between thousands. A space before a letter stays."""
    signs = digits.translate(_MINUS)
    return re.sub(r"(?<=[\d<>≤≥~≈£$€¥+-])[\u00a0\u202f\u2009\u2007 '’`]+(?=[\d£$€¥])", "", signs).strip()


def _digits(body: str, mark: DecimalMark) -> str | None:
    """Return the digits with a decimal point, or None if the thousands separators are misplaced."""
    thousands = "," if mark is DecimalMark.POINT else "."
    if body.count(mark) > 1:
        return None
    whole, _mark, rest = body.partition(mark)
    if thousands in rest:
        return None
    if thousands in whole and not _GROUPED.fullmatch(whole.replace(thousands, ",")):
        return None
    digits = whole.replace(thousands, "")
    return f"{digits or '0'}.{rest}" if rest else digits or None


def _missing_flag(marker: str) -> str:
    bare = marker.casefold().strip("[]: ")
    return "confidential" if bare == "c" else "missing"


def _note_flag(note: str) -> str:
    marks = re.findall(r"\w+", note.casefold())
    return ", ".join(dict.fromkeys(FLAG_NAMES.get(mark, mark) for mark in marks)) or note.strip()


def read_flag(text: str) -> str:
    """Return the flag in a column of observation status, or "" for a normal value.

    >>> read_flag("A: Normal value"), read_flag("E"), read_flag("A; F"), read_flag("from a survey")
    ('', 'estimated', 'forecast', 'from a survey')
    """
    words = " ".join(text.split())
    if re.fullmatch(r"[A-Z](; [A-Z])+", words):
        return ", ".join(dict.fromkeys(flag for code in words.split("; ") if (flag := read_flag(code))))
    words = re.sub(r"^[A-Z]\s*:\s+(?=\w)", "", words)
    return "" if words.casefold() in PLAIN_FLAGS else FLAG_NAMES.get(words.casefold(), words)


def are_flags(column: Iterable[str]) -> bool:
    """Return whether all values of a column are words for the reliability of a value.

    One-letter codes alone are not enough, because they could mean anything.

    >>> are_flags(["définitif", "provisoire", ""]), are_flags(["E", "P"]), are_flags(["final", "married"])
    (True, False, False)
    """
    contents = {cell.casefold() for cell in column if cell}
    long = {name for name in FLAG_NAMES if len(name) > 2}
    return bool(contents & long) and contents <= long | PLAIN_FLAGS


@dataclass(frozen=True)
class MarkGuess:
    """The decimal mark of a column, and whether the other mark would fit every cell too."""

    mark: DecimalMark
    doubtful: bool = False


def guess_mark(cells: Iterable[str], *, prefer: DecimalMark = DecimalMark.POINT) -> MarkGuess:
    """Guess the decimal mark of a column. If doubtful, both readings are shown and a person chooses.

    >>> guess_mark(["1,5", "2,25"]).mark, guess_mark(["1,234", "5,678"]).doubtful, guess_mark(["1.5", "3"]).doubtful
    (<DecimalMark.COMMA: ','>, True, False)
    """
    marked = [
        number for cell in cells if ("," in cell or "." in cell) and (number := plain(cell)).casefold() not in MISSING
    ]
    fits = {mark: sum(read_number(cell, mark).readable for cell in marked) for mark in DecimalMark}
    point, comma = fits[DecimalMark.POINT], fits[DecimalMark.COMMA]
    if point != comma:
        return MarkGuess(DecimalMark.POINT if point > comma else DecimalMark.COMMA)
    if not marked or point < len(marked):
        return MarkGuess(prefer)
    doubtful = prefer is DecimalMark.COMMA or any("," in cell for cell in marked)
    return MarkGuess(prefer, doubtful)
