"""Grouping of a file's values into series: the headline, and one for each group. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol

from consult.plans.indicators.columns import simplify
from consult.plans.indicators.plot import PlotSeries


class SeriesValue(Protocol):
    """A value with its period and groups, as read or as stored."""

    @property
    def period(self) -> str: ...
    @property
    def starts_on(self) -> date | None: ...
    @property
    def breakdown(self) -> Mapping[str, str]: ...
    @property
    def value(self) -> Decimal | None: ...


Groups = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class GroupSeries:
    """A series: its groups by column, and the first value for each period, in order of time."""

    groups: Groups
    points: Sequence[tuple[str, Decimal | None]]

    @property
    def name(self) -> str:
        return name_groups(value for _column, value in self.groups)


def build_series(values: Iterable[SeriesValue]) -> list[GroupSeries]:
    """Return a series for each combination of groups. The headline is first: closest to the total, most values.

    >>> from consult.plans.indicators.tables import read_table
    >>> read = read_table(b"Year,Sex,Value\\n2020,Men,2\\n2019,,1\\n2020,,3\\n")
    >>> [(one.name, [period for period, _value in one.points]) for one in build_series(read.values)]
    [('', ['2019', '2020']), ('Men', ['2020'])]
    >>> [one.name for one in build_series(read_table(b"Year,Sex,Value\\n2020,F,2\\n2020,Total,3\\n").values)]
    ['Total', 'F']
    """
    grouped: dict[Groups, dict[str, tuple[date, Decimal | None]]] = {}
    for observation in values:
        line = grouped.setdefault(tuple(observation.breakdown.items()), {})
        line.setdefault(observation.period, (observation.starts_on or date.min, observation.value))
    lines = [
        GroupSeries(
            groups, [(period, value) for period, (_day, value) in sorted(line.items(), key=lambda it: it[1][0])]
        )
        for groups, line in grouped.items()
    ]
    return sorted(lines, key=_rank)


def _rank(line: GroupSeries) -> tuple[int, int, int]:
    apart = sum(not is_total(value) for _column, value in line.groups)
    return apart, len(line.groups), -sum(value is not None for _period, value in line.points)


_TOTALS = frozenset(
    ("_t", "t", "all", "total", "both sexes", "ensemble", "tous", "toutes", "todos", "todas", "ambos sexos")
)
"""Names for totals in files. An empty group means the same."""


def is_total(name: str) -> bool:
    """Return whether the name of a group means the total.

    >>> is_total("_T"), is_total(" Total "), is_total("Women")
    (True, True, False)
    """
    return name.strip().casefold() in _TOTALS


def match_groups(breakdown: Mapping[str, str]) -> frozenset[tuple[str, str]]:
    """Return groups in a form that can be matched between files: without totals, with normalised column names.

    >>> match_groups({"Region": "All"}), match_groups({"REGION": "x"}) == match_groups({"region": "x"})
    (frozenset(), True)
    """
    return frozenset((simplify(column), value) for column, value in breakdown.items() if not is_total(value))


def name_groups(values: Iterable[str]) -> str:
    """Return group names as text, without the SDMX code for totals.

    >>> name_groups(["_T", "Coast"]), name_groups(["All"]), name_groups(["_T"])
    ('Coast', 'All', '')
    """
    return ", ".join(value for value in values if value.casefold() != "_t")


def to_plot(lines: Sequence[GroupSeries], whole: str) -> list[PlotSeries]:
    """Return series for a plot on one time axis. `whole` is the name of the headline."""
    periods = sort_periods(lines)
    return [
        PlotSeries(line.name or whole, [(period, dict(line.points).get(period)) for period in periods])
        for line in lines
    ]


def sort_periods(lines: Sequence[GroupSeries]) -> list[str]:
    """Return all periods of these series in order of time.

    Each series is in order, so the missing periods of one are inserted from the others.
    """
    order: list[str] = []
    for line in lines:
        at = 0
        for period, _value in line.points:
            if period in order:
                at = order.index(period) + 1
            else:
                order.insert(at, period)
                at += 1
    return order
