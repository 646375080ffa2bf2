"""Counts of reports by region and ISO week, broken down by level if safe. Pure.

The number of reports of a region in a week is public. Counts by level are finer, so a week of a region has them only if
each level has zero or at least FLOOR reports. It is all or nothing, because a missing number follows from the sum. A
week of a country has them only if all its regions do, because differences would reveal the others. Weeks count once
they are over.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

FLOOR = 5
"""Minimum number of reports in a published count by level."""
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
    """Reports of a region or country in a week. `levels` is None if it is not broken down."""

    region: str
    week: str  # such as 2026-W48
    reports: int
    levels: Mapping[str, int] | None = None


@dataclass(frozen=True)
class CountryFigures:
    """A country by week without gaps, first week first, and its regions by week, last week first."""

    country: str
    weeks: Sequence[WeekCount]
    regions: Sequence[WeekCount]

    @property
    def reports(self) -> int:
        return sum(row.reports for row in self.weeks)

    @property
    def most(self) -> int:
        """Return the highest weekly number."""
        return max((row.reports for row in self.weeks), default=0)

    @property
    def peak(self) -> WeekCount:
        """Return the first week with the highest number."""
        return max(self.weeks, key=lambda row: row.reports)


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
    splits: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for report in reports:
        if report.on < monday:
            splits[(name_week(report.on), report.region)][report.level] += report.n
    regions = [
        WeekCount(region, week, split.total(), _order(split) if _is_tellable(split) else None)
        for (week, region), split in sorted(splits.items(), key=lambda item: (item[0][0], item[0][1]))
    ]
    weeks = [_sum_country(country, week, splits, regions) for week in _list_weeks(splits, monday)]
    return CountryFigures(country, weeks, regions[::-1])


def _list_weeks(splits: Iterable[tuple[str, str]], monday: date) -> list[str]:
    """Return the weeks from the first report, at least LEAST_WEEKS, to the last complete week."""
    first = min((find_monday(week) for week, _region in splits), default=monday)
    if first < monday:
        first = min(first, monday - timedelta(weeks=LEAST_WEEKS))
    return [name_week(first + timedelta(weeks=n)) for n in range((monday - first).days // 7)]


def _sum_country(
    country: str, week: str, splits: Mapping[tuple[str, str], Counter[str]], regions: Sequence[WeekCount]
) -> WeekCount:
    own = [row for row in regions if row.week == week]
    whole = sum((splits[(week, row.region)] for row in own), Counter[str]())
    told = whole and all(row.levels is not None for row in own)
    return WeekCount(country, week, whole.total(), _order(whole) if told else None)


def _is_tellable(split: Counter[str]) -> bool:
    return all(not n or n >= FLOOR for n in split.values())


def _order(split: Counter[str]) -> dict[str, int]:
    return {level: split[level] for level in LEVELS}
