"""Numbers, missing markers and flags as statistical offices write them. Pure.

Source of the markers: SDMX code list CL_OBS_STATUS, Eurostat and GSS symbols, and what spreadsheets leave behind.
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
    """What a cell says: a value, or that it is missing and how that is marked; or neither, as `readable` says."""

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
"""Characters of a cell that may hold a number."""
_GROUPED = re.compile(r"[1-9]\d{0,2}(,\d{3})+|[1-9]\d?(,\d{2})+,\d{3}")


def plain(text: str) -> str:
    """A cell with the digits, spaces and signs of ASCII."""
    if text.isascii():
        return text.strip()
    digits = "".join(str(unicodedata.decimal(c, c)) for c in text)
    return digits.replace("٫", ".").replace("٬", "").strip(" \t\u00a0\ufeff\u200b\u200e\u200f")


def read_number(text: str, mark: DecimalMark = DecimalMark.POINT) -> NumberCell:
    """The value of a cell, exact as written. A limit such as `<5` is no value: it is kept as the flag.

    >>> str(read_number("1,234.50").value), str(read_number("1 234,5", DecimalMark.COMMA).value)
    ('1234.50', '1234.5')
    >>> read_number("12.3 (p)").flag, read_number("..").value, read_number("<5").flag, read_number("about 5").readable
    ('provisional', None, '<5', False)
    >>> str(read_number("(1,200)").value), str(read_number("-9.5e-05").value), str(read_number("12%").value)
    ('-1200', '-0.000095', '12')
    """
    said = plain(text)
    if said.casefold() in MISSING:
        return NumberCell(None, _missing_flag(said))
    shape = _SHAPE.fullmatch(_join(said)) if len(said) <= _LONGEST else None
    if shape is None or (shape["open"] is None) != (shape["close"] is None):
        return NumberCell(None, "", readable=False)
    body = _digits(shape["body"], mark)
    if body is None:
        return NumberCell(None, "", readable=False)
    if shape["less"]:
        return NumberCell(None, said)
    value = Decimal(body + (shape["power"] or ""))
    if (shape["sign"] == "-") != (shape["open"] is not None):
        value = value.copy_negate()
    return NumberCell(value, _note_flag(shape["note"]), percent=shape["share"] is not None)


def _join(said: str) -> str:
    """Without what stands between thousands; a space before a letter stays."""
    signs = said.translate(_MINUS)
    return re.sub(r"(?<=[\d<>≤≥~≈£$€¥+-])[\u00a0\u202f\u2009\u2007 '’`]+(?=[\d£$€¥])", "", signs).strip()


def _digits(body: str, mark: DecimalMark) -> str | None:
    """The digits with a decimal point; None where the marks are not in places of thousands."""
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


def _missing_flag(said: str) -> str:
    bare = said.casefold().strip("[]: ")
    return "confidential" if bare == "c" else "missing"


def _note_flag(note: str) -> str:
    marks = re.findall(r"\w+", note.casefold())
    return ", ".join(dict.fromkeys(FLAG_NAMES.get(mark, mark) for mark in marks)) or note.strip()


def read_flag(text: str) -> str:
    """What a column of observation status says; empty for what is normal.

    >>> read_flag("A: Normal value"), read_flag("E"), read_flag("A; F"), read_flag("from a survey")
    ('', 'estimated', 'forecast', 'from a survey')
    """
    said = " ".join(text.split())
    if re.fullmatch(r"[A-Z](; [A-Z])+", said):
        return ", ".join(dict.fromkeys(flag for code in said.split("; ") if (flag := read_flag(code))))
    said = re.sub(r"^[A-Z]\s*:\s+(?=\w)", "", said)
    return "" if said.casefold() in PLAIN_FLAGS else FLAG_NAMES.get(said.casefold(), said)


def are_flags(column: Iterable[str]) -> bool:
    """Whether all that a column says are words for how sure a value is; codes of a letter could be anything.

    >>> are_flags(["définitif", "provisoire", ""]), are_flags(["E", "P"]), are_flags(["final", "married"])
    (True, False, False)
    """
    said = {cell.casefold() for cell in column if cell}
    long = {name for name in FLAG_NAMES if len(name) > 2}
    return bool(said & long) and said <= long | PLAIN_FLAGS


@dataclass(frozen=True)
class MarkGuess:
    """The decimal mark of a column, and whether every cell could be read with the other as well."""

    mark: DecimalMark
    doubtful: bool = False


def guess_mark(cells: Iterable[str], *, prefer: DecimalMark = DecimalMark.POINT) -> MarkGuess:
    """Which decimal mark reads the cells of a column. In doubt both readings are shown, and a person chooses one.

    >>> guess_mark(["1,5", "2,25"]).mark, guess_mark(["1,234", "5,678"]).doubtful, guess_mark(["1.5", "3"]).doubtful
    (<DecimalMark.COMMA: ','>, True, False)
    """
    marked = [
        said for cell in cells if ("," in cell or "." in cell) and (said := plain(cell)).casefold() not in MISSING
    ]
    fits = {mark: sum(read_number(cell, mark).readable for cell in marked) for mark in DecimalMark}
    point, comma = fits[DecimalMark.POINT], fits[DecimalMark.COMMA]
    if point != comma:
        return MarkGuess(DecimalMark.POINT if point > comma else DecimalMark.COMMA)
    if not marked or point < len(marked):
        return MarkGuess(prefer)
    doubtful = prefer is DecimalMark.COMMA or any("," in cell for cell in marked)
    return MarkGuess(prefer, doubtful)
