"""Roles of the columns in a table: period, value, unit, flag or group. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum

from consult.plans.indicators.cells import MISSING, are_flags, plain, read_number
from consult.plans.indicators.cells import DecimalMark as Mark
from consult.plans.indicators.periods import read_period


class ColumnRole(StrEnum):
    PERIOD = "period"
    VALUE = "value"
    UNIT = "unit"
    MULTIPLIER = "multiplier"
    FLAG = "flag"
    GROUP = "group"
    CODE = "code"  # code of a group that another column names
    ASIDE = "aside"  # constant, empty, or about the file


_NAMES: Mapping[ColumnRole, frozenset[str]] = {
    ColumnRole.PERIOD: frozenset(
        {
            "year",
            "years",
            "time",
            "period",
            "timeperiod",
            "date",
            "time period",
            "reference period",
            "financial year",
            "calendar year",
            "fiscal year",
            "ref period",
            "time detail",
            "obs time",
            "reporting year",
            "data year",
            "año de referencia",
            "año",
            "ano",
            "anio",
            "année",
            "annee",
            "jahr",
            "fecha",
            "periodo",
            "período",
            "période",
            "zeitraum",
            "السنة",
            "سنة",
            "الفترة",
        }
    ),
    ColumnRole.VALUE: frozenset(
        {
            "value",
            "values",
            "obs value",
            "obsvalue",
            "observation value",
            "observation",
            "val",
            "wert",
            "valeur",
            "valor",
            "estimate",
            "data value",
            "measure value",
            "figure",
            "القيمة",
            "numeric value",
            "v4 0",
            "v4 1",
            "v4 2",
        }
    ),
    ColumnRole.UNIT: frozenset(
        {
            "unit",
            "units",
            "unit measure",
            "unit of measure",
            "unit of measurement",
            "measurement unit",
            "measure unit",
            "einheit",
            "unité",
            "unite",
            "unidad",
            "unidades",
            "unidad de medida",
            "unité de mesure",
            "الوحدة",
        }
    ),
    ColumnRole.MULTIPLIER: frozenset({"unit multiplier", "unit mult", "multiplier", "scale", "power code"}),
    ColumnRole.FLAG: frozenset(
        {
            "observation status",
            "obs status",
            "status",
            "flag",
            "flags",
            "value flag",
            "data marking",
            "symbol",
            "marker",
            "value note",
            "suppression",
            "obs flag",
            "flag codes",
        }
    ),
    ColumnRole.ASIDE: frozenset(
        {
            "dataflow",
            "structure",
            "structure id",
            "structure name",
            "action",
            "freq",
            "frequency",
            "decimals",
            "last update",
            "obs conf",
            "conf status",
            "comment obs",
            "comment ts",
            "notes",
            "note",
            "comments",
            "comment",
            "footnote",
            "footnotes",
            "source",
            "source detail",
            "value footnotes",
            "nature",
            "base period",
            "baseperiod",
            "time coverage",
            "timecoverage",
            "geo info url",
            "lower bound",
            "upper bound",
            "lowerbound",
            "upperbound",
            "lower ci",
            "upper ci",
            "lower",
            "upper",
            "lower confidence interval",
            "upper confidence interval",
            "lower 95 ci",
            "upper 95 ci",
            "lowerci",
            "upperci",
            "ci lower",
            "ci upper",
            "confidence interval",
            "standard error",
            "se",
            "numerator",
            "denominator",
            "sample size",
        }
    ),
}
_CODES = re.compile(r"(geo|area|ons|iso|region|country)? ?codes?|.* codes?|geocode|codigo|código|ags|fips")
_SURE = 0.9
"""Share of cells, 0 to 1, that must match for a column to get a role."""
_SAMPLE = 400
"""Number of evenly spaced rows that are examined."""


def simplify(header: str) -> str:
    """Return a normalised column name: `OBS_VALUE: Observation value` becomes `obs value`."""
    first = header.partition(":")[0] if re.match(r"[A-Z0-9_]+\s*:", header) else header
    return " ".join(re.findall(r"[^\W_]+", first.casefold()))


def find_named(headers: Sequence[str]) -> dict[int, ColumnRole]:
    """Return the roles that follow from column names."""
    roles: dict[int, ColumnRole] = {}
    for n, header in enumerate(headers):
        name = simplify(header)
        role = next((role for role, names in _NAMES.items() if name in names), None)
        if role is None and _CODES.fullmatch(name):
            role = ColumnRole.CODE
        if role in (ColumnRole.PERIOD, ColumnRole.VALUE) and role in roles.values():
            role = None  # only the first column of that name
        if role is not None:
            roles[n] = role
    return roles


def guess_roles(
    headers: Sequence[str], rows: Sequence[Sequence[str]], given: Mapping[int, ColumnRole] | None = None
) -> dict[int, ColumnRole]:
    """Return the role of each column: given roles first, then those of names, then those of contents.

    >>> rows = [["2015", "Girls", "1.5"], ["2016", "Girls", "2.5"]]
    >>> [str(role) for role in guess_roles(["Jahr", "Wer", "Rate"], rows).values()]
    ['period', 'group', 'value']
    """
    roles = {**find_named(headers), **(given or {})}
    if wide := find_wide(headers, roles):
        return {n: roles.get(n, ColumnRole.VALUE if n in wide else ColumnRole.GROUP) for n in range(len(headers))}
    sample = rows[:: max(len(rows) // _SAMPLE, 1)]
    cells = [[row[n] for row in sample if n < len(row)] for n in range(len(headers))]
    _settle_period(roles, cells)
    if ColumnRole.VALUE not in roles.values():
        roles |= dict.fromkeys(_find_values(roles, cells), ColumnRole.VALUE)
    period = next((n for n, role in roles.items() if role is ColumnRole.PERIOD), None)
    for n in range(len(headers)):
        roles.setdefault(n, _find_role(cells[n], cells[period] if period is not None else ()))
    return dict(sorted(roles.items()))


def _find_role(column: Sequence[str], periods: Sequence[str]) -> ColumnRole:
    """Return the role of a further column: the same period again, flags, or a group."""
    same = [cell == its or _is_same_period(cell, its) for cell, its in zip(column, periods, strict=False)]
    if same and all(same):
        return ColumnRole.ASIDE
    return ColumnRole.FLAG if are_flags(column) else ColumnRole.GROUP


def _is_same_period(first: str, other: str) -> bool:
    starts_on = read_period(first)
    return starts_on is not None and starts_on == read_period(other)


def _settle_period(roles: dict[int, ColumnRole], cells: Sequence[Sequence[str]]) -> None:
    """Choose the period column: the named one, unless it holds no periods, else the most likely one."""
    shares = {n: _share_periods(column) for n, column in enumerate(cells)}
    named = next((n for n, role in roles.items() if role is ColumnRole.PERIOD), None)
    free = {n: share for n, share in shares.items() if n not in roles and share >= _SURE}
    if named is not None and shares[named] < 0.5 and free:
        roles[named] = ColumnRole.GROUP
        named = None
    if named is None and free:
        roles[max(free, key=lambda n: (free[n], -n))] = ColumnRole.PERIOD


def _share_periods(column: Sequence[str]) -> float:
    filled = [cell for cell in column if cell.strip()]
    return sum(read_period(cell) is not None for cell in filled) / len(filled) if filled else 0.0


def _find_values(roles: Mapping[int, ColumnRole], cells: Sequence[Sequence[str]]) -> list[int]:
    """Return the value columns: all numeric ones if the others identify rows, else the one that varies most."""
    free = [n for n in range(len(cells)) if n not in roles and is_numeric(cells[n])]
    if len(free) < 2:
        return free
    keys = [cells[n] for n in range(len(cells)) if n not in free]
    if len(set(zip(*keys, strict=False))) == len(cells[0]):
        return free
    return [max(free, key=lambda n: (len(set(cells[n])), n))]


def is_numeric(column: Sequence[str]) -> bool:
    """Return whether nearly all cells of a column are numbers, with either decimal mark."""
    filled = [cell for cell in column if plain(cell).casefold() not in MISSING]
    good = sum(any(read_number(cell, mark).readable for mark in Mark) for cell in filled)
    return bool(filled) and good / len(filled) >= _SURE


def find_wide(headers: Sequence[str], roles: Mapping[int, ColumnRole]) -> list[int]:
    """Return the columns whose names are periods, if there is one column for each period. Else an empty list."""
    if ColumnRole.PERIOD in roles.values():
        return []
    columns = [n for n, header in enumerate(headers) if read_period(header) is not None]
    return columns if len(columns) > 1 else []
