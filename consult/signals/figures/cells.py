"""Reports by region and ISO week, and how much of it is told by level. Pure.

The number of reports of a region in a week is public. How many of them belong to signals of each level is finer, so a
week of a region is told by level only where every level in it has none or at least FLOOR: all of it or nothing, for the
last number could be taken from the sum. A week of a country is told by level only where each of its regions is: what is
left of a sum would tell of the others. A week counts once it is over.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

FLOOR = 5
"""The least number of reports that a figure tells of."""
LEAST_WEEKS = 12
"""A plot goes back so far at least, that two reports in two weeks do not look like a wall."""
LEVELS = ("watch", "alert", "emergency")


@dataclass(frozen=True)
class CountedReport:
    """What is counted of reports: its region, the day on which they came in, the level of their signal."""

    region: str  # ISO 3166-2, or the code of a country
    on: date
    level: str
    n: int = 1  # so many that are equal


@dataclass(frozen=True)
class WeekCount:
    """Reports of one region, or of a country, in one week; `levels` is None where it is not told by level."""

    region: str
    week: str  # such as 2026-W48
    reports: int
    levels: Mapping[str, int] | None = None


@dataclass(frozen=True)
class CountryFigures:
    """A country by week, without gaps and the first first, and its regions by week, the last week first."""

    country: str
    weeks: Sequence[WeekCount]
    regions: Sequence[WeekCount]

    @property
    def reports(self) -> int:
        return sum(row.reports for row in self.weeks)

    @property
    def most(self) -> int:
        """The most in one week."""
        return max((row.reports for row in self.weeks), default=0)

    @property
    def peak(self) -> WeekCount:
        """The first week with the most reports."""
        return max(self.weeks, key=lambda row: row.reports)


def name_week(day: date) -> str:
    """The ISO week of a day.

    >>> name_week(date(2027, 1, 1))
    '2026-W53'
    """
    year, week, _day = day.isocalendar()
    return f"{year}-W{week:02}"


def find_monday(week: str) -> date:
    """The first day of an ISO week."""
    return date.fromisocalendar(int(week[:4]), int(week[6:]), 1)


def count_weeks(country: str, reports: Iterable[CountedReport], today: date) -> CountryFigures:
    """The figures of a country; reports of the running week are not in them."""
    monday = today - timedelta(days=today.weekday())
    splits: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for one in reports:
        if one.on < monday:
            splits[(name_week(one.on), one.region)][one.level] += one.n
    regions = [
        WeekCount(region, week, split.total(), _order(split) if _is_tellable(split) else None)
        for (week, region), split in sorted(splits.items(), key=lambda item: (item[0][0], item[0][1]))
    ]
    weeks = [_sum_country(country, week, splits, regions) for week in _list_weeks(splits, monday)]
    return CountryFigures(country, weeks, regions[::-1])


def _list_weeks(splits: Iterable[tuple[str, str]], monday: date) -> list[str]:
    """From the first week with a report, and LEAST_WEEKS at least, to the last one that is over."""
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
