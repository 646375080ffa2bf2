"""Parser for data files: columns, values and problems. Pure and deterministic."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from consult.core.tables.delimited import DELIMITERS, TableRefused, decode, find_delimiter, split_rows
from consult.plans.indicators.cells import DecimalMark, guess_mark, plain, read_flag, read_number
from consult.plans.indicators.columns import ColumnRole, find_wide, guess_roles, simplify
from consult.plans.indicators.metadata import TableHints
from consult.plans.indicators.model import ImportKind
from consult.plans.indicators.periods import read_period, read_periods

MAX_BYTES, MAX_COLUMNS = 10 * 2**20, 200
_HEAD = 50
"""Number of lines examined to find the header."""
_SERIES = "Series"
_POWER = re.compile(r"\d{1,2}")
"""A multiplier given as a power of ten. `1000` is a full multiplier."""
_WRAPPED = re.compile(r'"(?:[^"]|"")*"')
"""A line that is a single quoted cell."""


class CellProblem(StrEnum):
    """The reason why a row is left out."""

    VALUE = "value"
    PERIOD = "period"
    CELLS = "cells"  # more or fewer than the header


class CellDoubt(StrEnum):
    """A doubtful value. It is shown to a person and not refused."""

    SHARE = "share"  # more than 100 per cent
    JUMP = "jump"  # ten times the value before it, or more
    REPEATED = "repeated"  # another value for the same period and group: both are kept, as the file says


@dataclass(frozen=True)
class ProblemCell:
    """A cell that could not be read: line in the file, column and text."""

    line: int
    column: str
    text: str
    kind: CellProblem


@dataclass(frozen=True)
class DoubtfulCell:
    line: int
    text: str
    kind: CellDoubt


@dataclass(frozen=True)
class ReadValue:
    """One value: its line and column in the file, its period as written, and its groups."""

    line: int
    column: int
    period: str
    starts_on: date | None
    breakdown: Mapping[str, str]
    value: Decimal | None
    flag: str


@dataclass(frozen=True)
class TableReading:
    """The result of reading a file. `unit` is empty if rows have different units, which then form a group."""

    kind: ImportKind
    headers: Sequence[str]
    roles: Mapping[int, ColumnRole]
    mark: DecimalMark
    doubtful_mark: bool
    values: Sequence[ReadValue]
    problems: Sequence[ProblemCell] = ()
    doubts: Sequence[DoubtfulCell] = ()
    unit: str = ""
    encoding: str = "utf-8"
    delimiter: str = ","
    rows: int = 0  # of the file below its header
    is_converted: bool = False  # lines are those of the table that an XML file was made
    example: tuple[str, str, str] | None = None  # a cell with its two readings, where the decimal mark is in doubt


@dataclass(frozen=True)
class ReadingChoices:
    """A person's choices for reading a file."""

    roles: Mapping[int, ColumnRole] = field(default_factory=dict)
    mark: DecimalMark | None = None
    headline: Mapping[str, str] | None = None  # the groups of the line that is the figure of the indicator


def read_table(data: bytes, hints: TableHints | None = None, choices: ReadingChoices | None = None) -> TableReading:
    """Read a data file: CSV, SDMX-CSV, or CSV on the Web with hints. Raises TableRefused.

    >>> found = read_table(b"Year;Sex;Value\\n2019;;12,5\\n2019;Female;..\\n")
    >>> [(one.period, dict(one.breakdown), str(one.value), one.flag) for one in found.values]
    [('2019', {}, '12.5', ''), ('2019', {'Sex': 'Female'}, 'None', 'missing')]
    """
    given, chosen = hints or TableHints(), choices or ReadingChoices()
    if len(data) > MAX_BYTES:
        raise TableRefused("large")
    text, encoding = decode(data, given.encoding)
    text = _unwrap(text)
    delimiter = given.delimiter or find_delimiter(text)
    lines = list(split_rows(text, delimiter, given.skip))
    headers, body = _find_header(lines)
    if given.titles:
        headers = [given.titles.get(n, header) for n, header in enumerate(headers)]
    return _read_body(headers, body, delimiter, encoding, hints, chosen)


def _read_body(
    headers: Sequence[str],
    body: Sequence[tuple[int, list[str]]],
    delimiter: str,
    encoding: str,
    hints: TableHints | None,
    chosen: ReadingChoices,
) -> TableReading:
    given, good = hints or TableHints(), [(line, row) for line, row in body if len(row) == len(headers)]
    roles = guess_roles(headers, [row for _line, row in good], {**_given_roles(given), **chosen.roles})
    wide = find_wide(headers, roles)
    measured = [n for n, role in roles.items() if role is ColumnRole.VALUE]
    if not measured or (not wide and ColumnRole.PERIOD not in roles.values()):
        raise TableRefused("columns")
    prefer = DecimalMark.COMMA if delimiter == ";" else DecimalMark.POINT
    guess = guess_mark((row[n] for _line, row in good for n in measured), prefer=prefer)
    mark = chosen.mark or (DecimalMark(given.decimal) if given.decimal in tuple(DecimalMark) else guess.mark)
    doubtful = guess.doubtful and chosen.mark is None and given.decimal is None
    table = _Table(headers, _lay_aside(roles, good), mark, measured, set(wide), given.missing)
    values, problems = table.read(good)
    if len(body) <= 1 and not any(value.starts_on or value.value is not None for value in values):
        raise TableRefused("empty")  # a place for a series that has not come yet
    odd = [(line, row) for line, row in body if len(row) != len(headers)]
    problems += [ProblemCell(line, "", delimiter.join(row)[:80], CellProblem.CELLS) for line, row in odd]
    unit = table.find_unit(good)
    return TableReading(
        kind=_find_kind(headers, hints),
        headers=headers,
        roles=table.roles,
        mark=mark,
        doubtful_mark=doubtful,
        values=values,
        problems=sorted(problems, key=lambda problem: problem.line),
        doubts=_find_doubts(values, unit),
        unit=unit,
        encoding=encoding,
        delimiter=delimiter,
        rows=len(body),
        example=_find_example(good, measured) if doubtful else None,
    )


def _unwrap(text: str) -> str:
    """Return the text without quotation marks around whole lines, if every line has them."""
    lines = [line.strip("\ufeff ") for line in text.splitlines()]
    if not any(mark in text for mark in DELIMITERS) or not all(_WRAPPED.fullmatch(line) for line in lines if line):
        return text
    return "\n".join(line[1:-1].replace('""', '"') for line in lines)


def _find_header(lines: Sequence[tuple[int, list[str]]]) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Return header and rows. The header is the first row of the most frequent width. Empty end columns are dropped."""
    widths = Counter(len(row) for _line, row in lines)
    width = max(widths, key=lambda cells: (widths[cells], cells), default=0)
    if width < 2 or width > MAX_COLUMNS:
        raise TableRefused("columns")
    at = next(n for n, (_line, row) in enumerate(lines) if len(row) == width)
    headers, body = [cell.strip("\ufeff ") for cell in lines[at][1]], list(lines[at + 1 :])
    while headers and not headers[-1] and all(len(row) < len(headers) or not row[len(headers) - 1] for _n, row in body):
        headers.pop()
        body = [(line, row[: len(headers)] if len(row) == len(headers) + 1 else row) for line, row in body]
    return [name or f"#{n + 1}" for n, name in enumerate(headers)], body


def _given_roles(given: TableHints) -> dict[int, ColumnRole]:
    known = {str(role) for role in ColumnRole}
    return {n: ColumnRole(role) for n, role in given.roles.items() if role in known}


def _find_kind(headers: Sequence[str], hints: TableHints | None) -> ImportKind:
    names = {simplify(header) for header in headers}
    if hints is not None:
        return ImportKind.CSVW
    return ImportKind.SDMX if {"time period", "obs value"} <= names else ImportKind.CSV


def _lay_aside(roles: Mapping[int, ColumnRole], rows: Sequence[tuple[int, Sequence[str]]]) -> dict[int, ColumnRole]:
    """Mark groups that are the same in every row, and so distinguish nothing, as ASIDE."""
    kept = dict(roles)
    for n, role in roles.items():
        if role in (ColumnRole.GROUP, ColumnRole.CODE) and len({row[n] for _line, row in rows}) <= 1:
            kept[n] = ColumnRole.ASIDE
    if len(rows) == 1:
        kept |= {n: role for n, role in roles.items() if role is ColumnRole.GROUP and rows[0][1][n]}
    return kept


@dataclass
class _Table:
    """The rows of a table with the settings for reading them."""

    headers: Sequence[str]
    roles: dict[int, ColumnRole]
    mark: DecimalMark
    measured: Sequence[int]
    wide: set[int]
    missing: frozenset[str]

    def of(self, role: ColumnRole) -> list[int]:
        return [n for n, its in self.roles.items() if its is role]

    def read(self, rows: Sequence[tuple[int, Sequence[str]]]) -> tuple[list[ReadValue], list[ProblemCell]]:
        period, flags = next(iter(self.of(ColumnRole.PERIOD)), -1), self.of(ColumnRole.FLAG)
        measures = self.of(ColumnRole.UNIT) + self.of(ColumnRole.MULTIPLIER)
        varying = [n for n in measures if len(_said_in(rows, n)) > 1]
        keys = sorted([*self.of(ColumnRole.GROUP), *self._bare_codes(rows, period), *varying])
        days = read_periods([row[period] for _line, row in rows] if period >= 0 else [])
        strict = sum(day is not None for day in days) * 2 > len(rows)
        values, problems = [], []
        for at, (line, row) in enumerate(rows):
            breakdown = {self.headers[n]: row[n] for n in keys if row[n]}
            marked = [read_flag(row[n]) for n in flags]
            for n in self.measured:
                period_text = self.headers[n] if n in self.wide else row[period]
                starts_on = read_period(period_text) if n in self.wide else days[at]
                if starts_on is None and (strict or plain(period_text).isdecimal() or not period_text):
                    problems.append(ProblemCell(line, self.headers[period], period_text, CellProblem.PERIOD))
                    continue
                cell = read_number(row[n], self.mark) if row[n].casefold() not in self.missing else read_number("")
                if not cell.readable:
                    problems.append(ProblemCell(line, self.headers[n], row[n], CellProblem.VALUE))
                    continue
                groups = breakdown
                if len(self.measured) > 1 and n not in self.wide:
                    groups = {**breakdown, _SERIES: self.headers[n]}
                all_flags = ", ".join(dict.fromkeys(filter(None, (*marked, cell.flag))))
                values.append(ReadValue(line, n, period_text, starts_on, groups, cell.value, all_flags))
        return values, problems

    def _bare_codes(self, rows: Sequence[tuple[int, Sequence[str]]], period: int) -> list[int]:
        """Return code columns that no other column names: rows with the same groups differ in them.

        The code of a named place may change over the years, for example when its borders move.
        """
        named = self.of(ColumnRole.GROUP)
        codes = []
        for n in self.of(ColumnRole.CODE):
            by_groups: dict[tuple[str, ...], str] = {}
            for _line, row in rows:
                groups = tuple(row[k] for k in named)
                key = (*groups, row[period]) if any(groups) and period >= 0 else groups
                if by_groups.setdefault(key, row[n]) != row[n]:
                    codes.append(n)
                    break
        return codes

    def find_unit(self, rows: Sequence[tuple[int, Sequence[str]]]) -> str:
        """Return the common unit of all values, with its multiplier if that is not one."""
        units = []
        for role in (ColumnRole.UNIT, ColumnRole.MULTIPLIER):
            for n in self.of(role):
                named = _said_in(rows, n)
                unit = next(iter(named)) if len(named) == 1 else ""
                if unit and not (role is ColumnRole.MULTIPLIER and unit.casefold() in ("0", "units", "unit", "1")):
                    units.append(f"10^{unit}" if role is ColumnRole.MULTIPLIER and _POWER.fullmatch(unit) else unit)
        return ", ".join(dict.fromkeys(units))


def _said_in(rows: Sequence[tuple[int, Sequence[str]]], column: int) -> set[str]:
    """Return the distinct values of a column, ignoring empty cells."""
    return {row[column] for _line, row in rows if row[column]}


def _find_doubts(values: Sequence[ReadValue], unit: str) -> list[DoubtfulCell]:
    share = any(word in unit.casefold() for word in ("percent", "per cent", "%", "proportion"))
    last: dict[tuple[tuple[str, str], ...], Decimal] = {}
    first: dict[tuple[str, tuple[tuple[str, str], ...]], Decimal] = {}
    doubts = []
    for observation in sorted(values, key=lambda value: value.starts_on or date.min):  # files may begin with the newest
        if observation.value is None:
            continue
        if (
            first.setdefault((observation.period, tuple(observation.breakdown.items())), observation.value)
            != observation.value
        ):
            doubts.append(DoubtfulCell(observation.line, f"{observation.value:f}", CellDoubt.REPEATED))
        if share and observation.value > 100:
            doubts.append(DoubtfulCell(observation.line, f"{observation.value:f}", CellDoubt.SHARE))
        key = tuple(observation.breakdown.items())
        if key in last and last[key] > 0 and observation.value >= 10 * last[key]:
            doubts.append(DoubtfulCell(observation.line, f"{observation.value:f}", CellDoubt.JUMP))
        last[key] = observation.value
    return sorted(doubts, key=lambda doubt: doubt.line)


def _find_example(rows: Sequence[tuple[int, Sequence[str]]], measured: Sequence[int]) -> tuple[str, str, str] | None:
    """Return a cell that both decimal marks can read, with both readings: point, then comma."""
    for _line, row in rows:
        for n in measured:
            point, comma = (read_number(row[n], mark).value for mark in DecimalMark)
            if point is not None and comma is not None and point != comma:
                return row[n], f"{point:f}", f"{comma:f}"
    return None
