"""Parser for periods as files write them: years, spans of years, quarters, months and days. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import lru_cache

from consult.plans.indicators.cells import plain

EARLIEST, LATEST = 1500, 2200
_LONGEST = 64
"""Maximum length of a cell that can hold a period."""
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january janvier ene enero januar",
            "feb february fevrier février febrero februar",
            "mar march mars marzo märz",
            "apr april avril abr abril",
            "may mai mayo",
            "jun june juin junio juni",
            "jul july juillet julio juli",
            "aug august aout août ago agosto",
            "sep sept september septembre septiembre",
            "oct october octobre octubre oktober",
            "nov november novembre noviembre",
            "dec december decembre décembre dic diciembre dezember",
        ),
        1,
    )
    for name in names.split()
}
_YEAR = r"(\d{4})"
_DASH = r"\s*(?:-|–|—|/|to|until|à|a|bis)\s*"


def _year(value: str) -> int:
    year = int(value)
    if not EARLIEST <= year <= LATEST:
        raise ValueError(value)
    return year


def _other(first: int, short: str) -> int:
    """Return the second year of `2015/16` or `2015-2016`."""
    end = int(short) if len(short) == 4 else first // 100 * 100 + int(short)
    end += 100 if end < first and len(short) == 2 else 0
    if not first <= end <= first + 60:
        raise ValueError(short)
    return end


def _month(year: str, month: str) -> date:
    number = _MONTHS.get(month.rstrip(".").casefold()) or int(month)
    return date(_year(year), number, 1)


def _part(year: str, n: str, most: int) -> date:
    if not 1 <= int(n) <= most:
        raise ValueError(n)
    return date(_year(year), 1 + (int(n) - 1) * 12 // most, 1)


def _two_years(first: str, second: str) -> date:
    """Return the first day of `2015/16`. `2015-03` is a month, unless the second number is the next year."""
    year = _year(first)
    if len(second) == 2 and int(second) != (year + 1) % 100 and 1 <= int(second) <= 12:
        return date(year, int(second), 1)
    _other(year, second)
    return date(year, 1, 1)


def _span(first: str, second: str) -> date:
    """Return the first day of `2003 - 05`. With spaces it means years, not a month."""
    _other(_year(first), second)
    return date(_year(first), 1, 1)


def _rolling(year: str, middle: str, first: str) -> date:
    """Return the first day of the three months in `1993-01 Dec-Feb`, whose middle month is given first."""
    start = _MONTHS[first.casefold()]
    return date(_year(year) - (start > int(middle)), start, 1)


def _century(year: str) -> str:
    """Return the year meant by the two digits of `Jan-19` or `Jan-97`."""
    return f"{'20' if int(year) < 60 else '19'}{year}"


def _spans(first: str, _second: str, third: str, fourth: str) -> date:
    _other(_year(third), fourth)
    return date(_year(first), 1, 1)


_FORMS: list[tuple[str, Callable[..., date]]] = [
    (rf"(?:FY|CY|year)?\s*{_YEAR}(?:\.0+)?(?:\s*(?:[a-z]|\[\w+\]|\(\w+\)|\*))?", lambda y: date(_year(y), 1, 1)),
    (rf"{_YEAR}(?:\s+[-–—/]\s*|\s*[-–—/]\s+|\s+(?:to|until|à|a|bis)\s+)(\d{{2}})", _span),
    (rf"(?:FY)?\s*{_YEAR}{_DASH}(\d{{2}}|\d{{4}})", _two_years),
    (rf"{_YEAR}-(\d\d)(?:-\d\d)?\s+([^\W\d]{{3,10}})\.?{_DASH}[^\W\d]{{3,10}}\.?", _rolling),
    (rf"{_YEAR}\s+(\d\d)", _month),
    (rf"{_YEAR}/(\d{{2,4}}){_DASH}{_YEAR}/(\d{{2,4}})", _spans),
    (rf"{_YEAR}-(\d{{2}}){_DASH}{_YEAR}-(\d{{2}})", _spans),
    (rf"{_YEAR}\s*-?\s*[QT]\s*(\d)", lambda y, n: _part(y, n, 4)),
    (rf"{_YEAR}[-/]\d\d\s+[QT]\s*(\d)", lambda y, n: _part(y, n, 4)),
    (rf"[QT]\s*(\d)\s*[-/ ]?\s*{_YEAR}", lambda n, y: _part(y, n, 4)),
    (rf"{_YEAR}\s*-?\s*[SH]\s*(\d)", lambda y, n: _part(y, n, 2)),
    (rf"{_YEAR}\s*-?\s*M\s*(\d{{1,2}})", _month),
    (rf"{_YEAR}\s*-?\s*W\s*(\d{{1,2}})", lambda y, w: date.fromisocalendar(_year(y), int(w), 1)),
    (
        rf"{_YEAR}[-/.](\d{{1,2}})[-/.](\d{{1,2}})(?:[T ][\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?",
        lambda y, m, d: date(_year(y), int(m), int(d)),
    ),
    (rf"{_YEAR}\s+([^\W\d]{{3,10}}\.?)(?:{_DASH}[^\W\d]{{3,10}}\.?)?", _month),
    (rf"([^\W\d]{{3,10}}\.?){_DASH}[^\W\d]{{3,10}}\.?[\s-]+{_YEAR}", lambda m, y: _month(y, m)),
    (r"([^\W\d]{3,10}\.?)[\s-]+(\d\d)", lambda m, y: _month(_century(y), m)),
    (rf"([^\W\d]{{3,10}}\.?)[\s-]+{_YEAR}", lambda m, y: _month(y, m)),
    (rf"(\d{{1,2}})\s+([^\W\d]{{3,10}}\.?)\s+{_YEAR}", lambda d, m, y: _month(y, m).replace(day=int(d))),
    (rf"(\d{{1,2}})[/.](\d{{1,2}})[/.]{_YEAR}", lambda a, b, y: _day(y, a, b)),
    (rf"(\d{{1,2}})[/-]{_YEAR}", lambda m, y: date(_year(y), int(m), 1)),
    (
        rf"(?:[^\W\d]{{3,10}}\.?)[\s-]+{_YEAR}{_DASH}(?:[^\W\d]{{3,10}}\.?)[\s-]+(\d{{4}})",
        lambda y, z: date(_year(y), 1, 1) + timedelta(days=0 * _other(_year(y), z)),
    ),
    (rf"(?:year|years|12 months) (?:ending|to|ended) .*?{_YEAR}", lambda y: date(_year(y), 1, 1)),
]
_OPEN_FORM = re.compile(r"(\d{4})[-/](\d{2})")
"""A year and two digits: a month, or the last of several years."""
_NOTE = re.compile(
    r"^(?:academic|calendar|financial|fiscal|school|tax) year\s+"
    r"|\s*(?:\([^()]*\)|\[[^\[\]]*\]|[*†‡]{1,3}|(?<=\d)[a-z])$",
    re.IGNORECASE,
)
"""A remark about the period, such as in `2001-2005 (baseline)`."""
_READ = [(re.compile(form, re.IGNORECASE), build) for form, build in _FORMS]


def _day(year: str, first_number: str, other: str) -> date:
    """Return a date, reading the day before the month unless only the other order is valid."""
    first, second = int(first_number), int(other)
    return date(_year(year), second, first) if second <= 12 else date(_year(year), first, second)


@lru_cache(maxsize=4096)
def read_period(text: str) -> date | None:
    """Return the first day of a period, for sorting, or None if the text is not a period.

    >>> [str(read_period(one)) for one in ("2015", "2015/16", "2002/03-2007/08", "2015-Q2", "Mar 2015", "20222")]
    ['2015-01-01', '2015-01-01', '2002-01-01', '2015-04-01', '2015-03-01', 'None']
    """
    period = " ".join(plain(text).split()) if len(text) <= _LONGEST else ""
    for form, build in _READ:
        if (match := form.fullmatch(period)) is not None:
            try:
                return build(*match.groups())
            except (ValueError, KeyError):
                continue
    bare = _NOTE.sub("", period)
    return read_period(bare) if bare != period else None


def read_periods(texts: Sequence[str]) -> list[date | None]:
    """Return the first days of a column's periods. The whole column decides whether `2001-03` is a month or years.

    >>> [str(one) for one in read_periods(["2009-11", "2010-12", "2011-13"])]
    ['2009-01-01', '2010-01-01', '2011-01-01']
    >>> [str(one) for one in read_periods(["2009-11", "2009-12", "2010-01"])]
    ['2009-11-01', '2009-12-01', '2010-01-01']
    """
    periods = {text: _OPEN_FORM.fullmatch(text.strip()) for text in texts}
    open_forms = {(int(match[1]), int(match[2])) for match in periods.values() if match}
    lengths = {(end - year) % 100 for year, end in open_forms}
    are_years = len(lengths) == 1 and len(open_forms) >= 3  # a month would be another one each year
    return [read_period(match[1] if are_years and (match := periods[text]) else text) for text in texts]


def read_end(text: str) -> date | None:
    """Return the last day of a timetable such as `2027–2029`, `Q4 2028` or `by June 2028`, or None.

    >>> [str(read_end(one)) for one in ("2027-2029", "2028", "by June 2028", "2028 Q4", "2028-11", "ongoing")]
    ['2029-12-31', '2028-12-31', '2028-06-30', '2028-12-31', '2028-11-30', 'None']
    """
    period = re.sub(
        r"^(by|until|end of|before|por|hasta|avant|jusqu'à)\s+", "", " ".join(plain(text).split()), flags=re.I
    )
    if whole := re.fullmatch(rf"{_YEAR}(?:{_DASH}(\d{{4}}|\d{{2}}))?", period):
        first = read_period(whole[1])
        start = read_period(period)
        if first is None or start is None:
            return None
        if start.month == 1 and not period.endswith("-01"):
            return date(_other(first.year, whole[2]) if whole[2] else first.year, 12, 31)
    start = read_period(period)
    if start is None:
        return None
    if re.search(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|^\d{1,2}\s", period):
        return start
    months = 3 if re.search(r"[QT]\s*\d", period, re.I) else 6 if re.search(r"[SH]\s*\d", period) else 1
    month = start.month + months
    return date(start.year + (month > 12), (month - 1) % 12 + 1, 1) - timedelta(days=1)
