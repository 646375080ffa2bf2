"""Dates in tables of treaties, each with the mark of its action. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from consult.countries.model import Precision

_MONTHS = (
    *("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),
    *("janv", "févr", "mars", "avr", "mai", "juin", "juil", "août", "sept", "octo", "nove", "déce"),
    *("ener", "febr", "marz", "abri", "mayo", "juni", "juli", "agos", "sept", "octu", "novi", "dici"),
)
"""First letters of months: English by three, French and Spanish by four."""
_DATE = re.compile(
    r"(?<!\d)(?:"
    r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})(?:T[\d:.]{4,15}Z?|[ ][\d:.]{4,15})?"
    r"|(?:(?P<day>\d{1,2})(?:st|nd|rd|th|er|º)?[ \-]{1,2}(?:de[ ])?)?(?P<name>[^\W\d_]{3,10})\.?,?[ \-]{1,2}(?:de[ ])?"
    r"(?P<year>\d{4})"
    r"|(?P<month>[^\W\d_]{3,10})[ ](?P<first>\d{1,2}),[ ](?P<last>\d{4})"
    r"|(?P<slash>\d{1,2}/\d{1,2}/\d{4})"
    r"|(?P<only>[12]\d{3})"
    r")(?!\d)(?:[ ]?\[[^\]]{0,40}\])?[ ]?\(?(?P<mark>AA|[aAcdns])?\b"
)
FIRST_YEAR, LAST_YEAR = 1800, 2200


@dataclass(frozen=True)
class MarkedDate:
    """A date with the letter that follows it in a table, such as `a` for accession."""

    day: date
    precision: Precision
    mark: str = ""


def find_dates(cell: str) -> list[MarkedDate]:
    """Return the dates of a cell in order. Text that is no date is left out.

    >>> [(str(one.day), one.precision.value, one.mark) for one in find_dates("14 Apr 1989 a, 1 January 2013")]
    [('1989-04-14', 'day', 'a'), ('2013-01-01', 'day', '')]
    >>> [(str(one.day), one.precision.value) for one in find_dates("Nov 1968; 1971; 29 Feb 1971")]
    [('1968-11-01', 'month'), ('1971-01-01', 'year')]
    """
    return [day for match in _DATE.finditer(cell) if (day := _to_date(match)) is not None]


def has_date(cell: str) -> bool:
    """Return whether the cell has a number that looks like a year.

    >>> has_date("31 Feb 1990"), has_date("yes")
    (True, False)
    """
    return re.search(r"(?<!\d)[12]\d{3}(?!\d)", cell) is not None


def _to_date(match: re.Match[str]) -> MarkedDate | None:
    """Return the date of a match, or None if the calendar does not have it."""
    at, mark = match.groupdict(), match["mark"] or ""
    try:
        if at["y"]:
            return _check(MarkedDate(date(int(at["y"]), int(at["m"]), int(at["d"])), Precision.DAY, mark))
        if at["slash"]:
            return _check(MarkedDate(_read_slashes(at["slash"]), Precision.DAY, mark))
        if at["only"]:
            return _check(MarkedDate(date(int(at["only"]), 1, 1), Precision.YEAR, mark))
        month, day = _find_month(at["name"] or at["month"]), at["day"] or at["first"]
        precision = Precision.DAY if day else Precision.MONTH
        return _check(MarkedDate(date(int(at["year"] or at["last"]), month, int(day or 1)), precision, mark))
    except ValueError:
        return None


def _read_slashes(text: str) -> date:
    """Return the date of “30/11/1990” or “11/30/1990”. Raises ValueError if it can be two dates."""
    first, second, year = map(int, text.split("/"))
    if first <= 12 and second <= 12 and first != second:
        raise ValueError(text)
    return date(year, second, first) if second <= 12 else date(year, first, second)


def _find_month(name: str) -> int:
    """Return the number of a month. Raises ValueError."""
    word = name.casefold()
    for length in (4, 3):
        if word[:length] in _MONTHS:
            return _MONTHS.index(word[:length]) % 12 + 1
    raise ValueError(name)


def _check(marked: MarkedDate) -> MarkedDate | None:
    return marked if FIRST_YEAR <= marked.day.year <= LAST_YEAR else None
