"""Parser for timetables as plans write them: a day, several days, every so many months, or always. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from consult.plans.indicators.cells import plain
from consult.plans.indicators.periods import read_end, read_period
from consult.plans.model import MAX_MONTHS
from consult.plans.model import TimetableKind as Kind
from consult.plans.timetables.due import add_months

EARLIEST, LATEST = 1990, 2100
_LONGEST = 120
_STANDING = re.compile(
    r"(?:on-?going|continuous(?:ly)?|continual(?:ly)?|permanent(?:e|ly)?|standing|throughout(?: the (?:plan|period))?"
    r"|at all times|en cours|en continu|continue?|en permanence|permanentemente|continu[oa]|cont[ií]nu[oa]"
    r"|en curso|مستمر|مستمرة|دائم|دائمة|بشكل مستمر)",
    re.I,
)
_NUMBERS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "deux": 2, "trois": 3, "dos": 2, "tres": 3}
_NAMED = {
    1: r"monthly|every month|each month|mensuel(?:le)?(?:ment)?|chaque mois|mensual(?:mente)?|cada mes|شهري[اً]*",
    3: r"quarterly|every quarter|each quarter|trimestriel(?:le)?(?:ment)?|trimestral(?:mente)?|فصلي[اً]*",
    6: r"semi-?annual(?:ly)?|half-?yearly|twice (?:a|per) year|twice yearly|semestriel(?:le)?(?:ment)?"
    r"|semestral(?:mente)?|نصف سنوي[اً]*",
    12: r"annual(?:ly)?|yearly|every year|each year|once (?:a|per) year|per year|annuel(?:le)?(?:ment)?|chaque année"
    r"|tous les ans|anual(?:mente)?|cada año|سنوي[اً]*|كل (?:سنة|عام)",
    24: r"biennial(?:ly)?|every other year|every second year|bisannuel(?:le)?|bienal(?:mente)?",
}
_EVERY = re.compile(
    r"(?:every|each|tous les|toutes les|cada)\s+(\d{1,3}|[a-z]+)\s+(months?|years?|mois|ans|années|meses|años)", re.I
)
_UNCLEAR = re.compile(r"bi-?annual(?:ly)?|bi-?monthly", re.I)
"""Twice a year or every two years: a person chooses."""
_FILLER = re.compile(
    r"^(?:by|until|till|before|no later than|not later than|at the latest by|at the latest|from|starting(?: in| from)?"
    r"|since|as of|à partir de|dès|avant|d'ici|jusqu'à|jusqu'en|fin|por|antes de|hasta|a más tardar|desde|a partir de"
    r"|قبل|حتى|بحلول|من|the end of|end of|end|late|fines de|finales de|first|reporting)\s+",
    re.I,
)
_MONTH_FIRST = re.compile(r"([^\W\d]{3,10}\.?)\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})")
_ORDINAL = re.compile(r"(\d{1,2})(?:st|nd|rd|th)\b", re.I)
_THEN = re.compile(r"(?:^|(?<=\W))(?:and |et |y )?(?:then|thereafter|puis|ensuite|luego|después)(?=\W|$)", re.I)
"""After a day: due on it, and so many months later."""
_PARTS = re.compile(
    r"(?:the )?(?:(1|2|3|4)(?:st|nd|rd|th|er|ème|e|º)?|(first|premier|primer)|(second|deuxième|segundo)"
    r"|(third|troisième|tercer)|(fourth|quatrième|cuarto)) (quarter|trimestre|half|semestre)(?: of| de| del)? (\d{4})",
    re.I,
)
_FISCAL = re.compile(r"(?:FY|fiscal|financial|tax|academic|school)\b", re.I)
"""Years that do not end in December."""
_BETWEEN = re.compile(r"\s{0,9}(?:;|,|\n|&|\band\b|\bet\b|\by\b|\bor\b|\bthen\b|\bpuis\b|\bluego\b)\s{0,9}", re.I)


@dataclass(frozen=True)
class TimetableReading:
    """A timetable. `kind` is None for a single day. A repeated one has its first due date in `days`, if stated."""

    kind: Kind | None
    days: Sequence[date] = ()
    begins_on: date | None = None
    months: int | None = None
    until: date | None = None
    day_of_year: tuple[int, int] | None = None  # month and day of a yearly one

    def within(self, first_year: int, last_year: int) -> TimetableReading:
        """Return the timetable with the days that a plan of these years implies.

        A repeated action without a day is due first at the end of its first interval, and until the plan ends.

        >>> found = read_timetable("annually").within(2027, 2029)
        >>> str(found.days[0]), str(found.until)
        ('2027-12-31', '2029-12-31')
        """
        if self.kind is not Kind.EVERY:
            return self
        if self.day_of_year is not None:
            first = date(first_year, *self.day_of_year)
        else:
            first = self.days[0] if self.days else add_months(date(first_year - 1, 12, 31), self.months or 12)
        return replace(self, days=[first], until=self.until or max(first, date(last_year, 12, 31)))


def read_timetable(words: str) -> TimetableReading | None:
    """Return the timetable that the words describe, or None if they are unclear.

    >>> [str(one and one.kind) for one in map(read_timetable, ("Ongoing", "31 May 2028", "2027; 2029", "Biannually"))]
    ['standing', 'None', 'days', 'None']
    >>> found = read_timetable("every 6 months from June 2027 until 2030")
    >>> (found.months, str(found.days[0]), str(found.until))
    (6, '2027-06-30', '2030-12-31')
    """
    text = " ".join(_MONTH_FIRST.sub(r"\2 \1 \3", plain(words).replace("\n", "; ")).split()).strip(" .;")
    if not text or len(text) > _LONGEST or _UNCLEAR.search(text):
        return None
    if _STANDING.fullmatch(text):
        return TimetableReading(Kind.STANDING)
    months, rest = _cut_interval(text)
    if months is not None:
        return _read_repeated(months, rest)
    if (span := _read_span(text)) is not None:
        return TimetableReading(None, [span[1]], span[0])
    if (day := _read_day(text)) is not None:
        first = read_period(_bare(text))
        return TimetableReading(None, [day], first if first and first.year < day.year else None)
    days = [_read_day(part) for part in _BETWEEN.split(text) if part]
    known = sorted({day for day in days if day is not None})
    return TimetableReading(Kind.DAYS, known) if None not in days and len(known) > 1 else None


def _cut_interval(text: str) -> tuple[int | None, str]:
    """Return the months between due dates, and the other words."""
    for months, names in _NAMED.items():
        if (match := re.search(rf"(?<!\w)(?:{names})(?!\w)", text, re.I)) is not None:
            return months, _cut(text, match)
    if (match := _EVERY.search(text)) is None:
        return None, text
    number = int(match[1]) if match[1].isdigit() else _NUMBERS.get(match[1].casefold(), 0)
    months = number * (12 if match[2][0].casefold() in "ya" else 1)
    return (months, _cut(text, match)) if 1 <= months <= MAX_MONTHS else (None, text)


def _cut(text: str, match: re.Match[str]) -> str:
    return " ".join(f"{text[: match.start()]} {text[match.end() :]}".split()).strip(" ,;:-–()")


def _read_repeated(months: int, rest: str) -> TimetableReading | None:
    """Return a repeated timetable with the days in the other words, or None if these words are not days."""
    rest, is_later = _THEN.subn(" ", rest)
    rest = rest.strip(" ,;")
    if not rest:
        return TimetableReading(Kind.EVERY, months=months)
    if months % 12 == 0 and re.fullmatch(r"(?:\d{1,2} [^\W\d]{3,10}|[^\W\d]{3,10} \d{1,2})", _bare(rest)):
        day = _read_day(f"{_bare(rest)} 2001") or _read_day(_MONTH_FIRST.sub(r"\2 \1 \3", f"{_bare(rest)} 2001"))
        return TimetableReading(Kind.EVERY, months=months, day_of_year=(day.month, day.day)) if day else None
    parts = re.split(r"\s{0,9}\b(?:until|till|through|jusqu'(?:à|en)|hasta|حتى)\s+", rest, maxsplit=1, flags=re.I)
    until = _read_day(parts[1]) if len(parts) == 2 else None
    if len(parts) == 2 and until is None:
        return None
    head = parts[0].strip(" ,;")
    first = _read_day(head) if head else None
    if head and first is None:
        return None
    start = read_period(_bare(head)) if head else None
    if first and start and until is None and start.year < first.year and not is_later:  # “2027–2029, annually”
        first, until = add_months(date(start.year - 1, 12, 31), months), first
    if first and until and until < first:
        return None
    return TimetableReading(Kind.EVERY, [first] if first else [], None, months, until)


def _bare(text: str) -> str:
    """Return the words without those before a date."""
    bare = _ORDINAL.sub(r"\1", _PARTS.sub(_name_part, text)).strip(" ,.()")
    while (shorter := _FILLER.sub("", bare)) != bare:
        bare = shorter
    return bare


def _name_part(match: re.Match[str]) -> str:
    number = match[1] or next(str(n) for n in range(1, 5) if match[n + 1])
    return f"{match[7]} {'Q' if match[6].casefold() in ('quarter', 'trimestre') else 'H'}{number}"


def _read_span(text: str) -> tuple[date, date] | None:
    """Return the first and last day of “January 2027 – March 2028”, or None if the words are not a span of months."""
    parts = re.split(r"\s{1,9}(?:-|–|—|to|until|à|au|a|al|hasta|حتى)\s{1,9}", text)
    if len(parts) != 2 or not all(re.search(r"[^\W\d]{3}|[-/.]", part) for part in parts):
        return None
    first, last = read_period(_bare(parts[0])), _read_day(parts[1])
    return (first, last) if first is not None and last is not None and first <= last else None


def _read_day(text: str) -> date | None:
    bare = _bare(text)
    if _FISCAL.match(bare):
        return None
    if (middle := re.fullmatch(r"mid[- ](\d{4})", bare, re.I)) is not None:
        bare = f"{middle[1]}-06-30"
    day = read_end(bare)
    first = read_period(bare)
    is_in_order = first is None or day is None or first <= day
    return day if day is not None and is_in_order and EARLIEST <= day.year <= LATEST else None
