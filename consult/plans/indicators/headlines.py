"""The headline of an indicator: the series shown in lists, with its name.

It is the series of the total, or the one chosen by a person. Otherwise lists show no value. A constant column, such as
a country, is not a group.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from consult.plans.indicators.model import IndicatorImport, PlanIndicator
from consult.plans.indicators.series import GroupSeries, build_series, is_total, name_groups
from consult.plans.indicators.tables import TableReading


def find_whole(lines: Sequence[GroupSeries]) -> GroupSeries | None:
    """Return the series of the total, or None if the file has none.

    >>> from consult.plans.indicators.tables import read_table
    >>> def name(text):
    ...     found = find_whole(build_series(read_table(text).values))
    ...     return found and name_headline(found)
    >>> name(b"Year,Sex,Value\\n2020,Men,2\\n2020,,3\\n"), name(b"Year,Sex,Value\\n2020,Men,2\\n2020,Women,3\\n")
    ('', None)
    """
    return lines[0] if lines and all(is_total(value) for _column, value in lines[0].groups) else None


def name_headline(line: GroupSeries) -> str:
    """Return the group names of a series without those for totals. Empty for the total."""
    return name_groups(value for _column, value in line.groups if not is_total(value))


def find_headline(lines: Sequence[GroupSeries], chosen: Mapping[str, str] | None) -> GroupSeries | None:
    """Return the chosen series if the file has it, else that of the total."""
    return next((line for line in lines if chosen and dict(line.groups) == dict(chosen)), None) or find_whole(lines)


def to_key(line: GroupSeries) -> str:
    """Return the form value of a series."""
    return json.dumps(dict(line.groups), ensure_ascii=False, sort_keys=True)


def read_key(given: str) -> Mapping[str, str] | None:
    """Return the groups encoded by `to_key`, or None for any other text."""
    try:
        groups = json.loads(given)
    except (ValueError, RecursionError):
        return None
    is_read = isinstance(groups, dict) and all(isinstance(value, str) for value in groups.values())
    return groups if is_read and groups else None


def set_headline(row: PlanIndicator, made: IndicatorImport, read: TableReading) -> None:
    """Set the headline of an indicator, and store the columns by which its page can break it down."""
    lines = build_series(read.values)
    figure = find_headline(lines, made.choices.get("headline"))
    shown = figure or lines[0]
    points = figure.points if figure else ()
    row.headline = [[period, None if value is None else f"{value:f}"] for period, value in points]
    row.headline_name = name_headline(figure) if figure else ""
    columns = dict.fromkeys(name for observation in read.values for name in observation.breakdown)
    of_lists = {"columns": list(columns), "whole": dict(shown.groups), "has_headline": figure is not None}
    made.choices = {**made.choices, **of_lists}
