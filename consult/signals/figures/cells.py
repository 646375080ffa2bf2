"""Counts of reports by region and ISO week, and by level, in bands. Pure.

Weeks count once they are over.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from consult.signals.figures.bands import BANDS, Band, band

LEAST_WEEKS = 12
"""Minimum number of weeks in a plot, so that two reports in two weeks do not fill it."""
LEVELS = ("watch", "alert", "emergency")


@dataclass(frozen=True)
class CountedReport:
    """The counted parts of a report: region, day of receipt and level of its signal."""

    region: str  # ISO 3166-2, or a country code
    on: date
    level: str
    n: int = 1  # number of equal reports


@dataclass(frozen=True)
class WeekCount:
    """Reports of a region or country in a week, as a whole and by level, in bands."""

    region: str
    week: str  # such as 2026-W48
    reports: Band
    levels: Mapping[str, Band]

    @property
    def rank(self) -> int:
        """Return the position of the band in BANDS. 0 means no reports."""
        return BANDS.index(self.reports)

    @property
    def highest(self) -> str:
        """Return the highest level with reports, empty without reports."""
        return next((level for level in reversed(LEVELS) if self.levels[level].low), "")


@dataclass(frozen=True)
class CountryFigures:
    """A country by week without gaps, first week first, and its regions by week, last week first."""

    country: str
    weeks: Sequence[WeekCount]
    regions: Sequence[WeekCount]

    @property
    def peak(self) -> WeekCount | None:
        """Return the first week in the highest band, None without reports."""
        first = max(self.weeks, key=lambda row: row.rank, default=None)
        return first if first is not None and first.rank else None

    @property
    def steps(self) -> Sequence[Band]:
        """Return the bands of a plot, from the lowest with reports to the highest that occurs."""
        return BANDS[1 : self.peak.rank + 1] if self.peak else ()


def name_week(day: date) -> str:
    """Return the ISO week of a day.

    >>> name_week(date(2027, 1, 1))
    '2026-W53'
    """
    year, week, _day = day.isocalendar()
    return f"{year}-W{week:02}"


def find_monday(week: str) -> date:
    """Return the first day of an ISO week."""
    return date.fromisocalendar(int(week[:4]), int(week[6:]), 1)


def count_weeks(country: str, reports: Iterable[CountedReport], today: date) -> CountryFigures:
    """Return the counts of a country, without the current week."""
    monday = today - timedelta(days=today.weekday())
    by_region: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    by_week: dict[str, Counter[str]] = defaultdict(Counter)
    for report in reports:
        if report.on < monday:
            by_region[(name_week(report.on), report.region)][report.level] += report.n
            by_week[name_week(report.on)][report.level] += report.n
    regions = [_to_count(region, week, counts) for (week, region), counts in sorted(by_region.items(), reverse=True)]
    weeks = [_to_count(country, week, by_week[week]) for week in _list_weeks(list(by_week), monday)]
    return CountryFigures(country, weeks, regions)


def _list_weeks(counted: Sequence[str], monday: date) -> list[str]:
    """Return the weeks from the first report, at least LEAST_WEEKS, to the last complete week."""
    first = min(map(find_monday, counted), default=monday)
    if first < monday:
        first = min(first, monday - timedelta(weeks=LEAST_WEEKS))
    return [name_week(first + timedelta(weeks=n)) for n in range((monday - first).days // 7)]


def _to_count(region: str, week: str, counts: Counter[str]) -> WeekCount:
    return WeekCount(region, week, band(counts.total()), {level: band(counts[level]) for level in LEVELS})
