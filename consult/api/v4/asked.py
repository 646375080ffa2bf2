"""Parameters of lists: filters, order and page, checked as regulations.gov checks them."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from consult.api.v4.refusals import refuse

EASTERN = ZoneInfo("America/New_York")
"""The time zone of dates in filters."""
_FILTER = re.compile(r"filter\[(\w{1,40})\](?:\[(ge|le|gte|lte)\])?")
_DAYS = frozenset({"postedDate", "commentEndDate"})
_MODIFIED = "lastModifiedDate"
LEAST_SIZE, DEFAULT_SIZE, LARGEST_SIZE = 5, 25, 250


@dataclass(frozen=True)
class Range:
    """A range of times, in UTC. `since` is included, `before` is not. None is open."""

    since: datetime | None = None
    before: datetime | None = None

    def holds(self, moment: datetime | None) -> bool:
        """Return whether a time is in the range. A missing time is in none."""
        if moment is None:
            return False
        return not (self.since and moment < self.since) and not (self.before and moment >= self.before)


@dataclass(frozen=True)
class Asked:
    """The checked parameters of a list. `order` has names of fields and whether each is descending."""

    values: Mapping[str, str] = field(default_factory=dict)
    ranges: Mapping[str, Range] = field(default_factory=dict)
    order: tuple[tuple[str, bool], ...] = ()
    number: int = 1
    size: int = DEFAULT_SIZE

    @property
    def offset(self) -> int:
        return (self.number - 1) * self.size

    def list_values(self, name: str) -> frozenset[str] | None:
        """Return the values of a filter that takes several, in small letters, or None without it."""
        given = self.values.get(name)
        return frozenset(each.strip().casefold() for each in given.split(",")) if given else None


def read_parameters(given: Mapping[str, str], *, filters: Collection[str], sorts: Collection[str]) -> Asked:
    """Return the parameters of a list. Raises ApiProblem for a filter, an order or a page that it does not have."""
    values: dict[str, str] = {}
    ranges: dict[str, Range] = {}
    for key, value in given.items():
        if not key.startswith("filter"):
            continue
        match = _FILTER.fullmatch(key)
        name = match[1] if match else key.removeprefix("filter").strip("[]")
        if match is None or name not in filters or (match[2] and name not in {*_DAYS, _MODIFIED}):
            raise refuse(f"Invalid filter field name: {name[:40]}")
        if not value.strip():
            continue
        if name in _DAYS or name == _MODIFIED:
            ranges[name] = _narrow(ranges.get(name, Range()), _read_range(name, (match[2] or "")[:1], value.strip()))
        else:
            values[name] = value.strip()
    if values.get("withinCommentPeriod", "true").casefold() != "true":
        raise refuse("Invalid value for filter withinCommentPeriod: only true is accepted")
    return Asked(
        values,
        ranges,
        _read_order(given.get("sort", ""), sorts),
        _read_number(given, "page[number]", 1, 1, 10**9),
        _read_number(given, "page[size]", DEFAULT_SIZE, LEAST_SIZE, LARGEST_SIZE),
    )


def _read_range(name: str, side: str, value: str) -> Range:
    first, after = _read_moment(value) if name == _MODIFIED else _read_day(name, value)
    if side == "g":
        return Range(since=first)
    return Range(before=after) if side == "l" else Range(first, after)


def _narrow(former: Range, other: Range) -> Range:
    since = max((each.since for each in (former, other) if each.since), default=None)
    return Range(since, min((each.before for each in (former, other) if each.before), default=None))


def _read_day(name: str, value: str) -> tuple[datetime, datetime]:
    """Return the beginning of a day in US Eastern time, and of the next one."""
    try:
        day = datetime.strptime(value, "%Y-%m-%d").date()  # noqa: DTZ007 - it is a date
        return _to_utc(datetime.combine(day, time())), _to_utc(datetime.combine(day + timedelta(days=1), time()))
    except (ValueError, OverflowError) as error:
        raise refuse(f"Invalid date for {name}: {value[:40]}. The format is yyyy-MM-dd") from error


def _read_moment(value: str) -> tuple[datetime, datetime]:
    """Return a second in US Eastern time, and the one after it. In the hour that clocks repeat it spans both."""
    try:
        local = datetime.strptime(value, "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007 - the zone is added below
        return _to_utc(local), _to_utc(local.replace(fold=1)) + timedelta(seconds=1)
    except (ValueError, OverflowError) as error:
        raise refuse(f"Invalid date for {_MODIFIED}: {value[:40]}. The format is yyyy-MM-dd HH:mm:ss") from error


def _to_utc(local: datetime) -> datetime:
    return local.replace(tzinfo=EASTERN).astimezone(UTC)


def _read_order(given: str, sorts: Collection[str]) -> tuple[tuple[str, bool], ...]:
    order = []
    for each in filter(None, (part.strip() for part in given.split(","))):
        name, descending = each.removeprefix("-"), each.startswith("-")
        if name not in sorts:
            raise refuse(f"Invalid sort field name: {name[:40]}")
        order.append((name, descending))
    return tuple(order[:5])


def _read_number(given: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    text = given.get(name, "").strip()
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 10 and least <= int(text) <= most):
        raise refuse(f"Invalid value for {name}: {text[:20]}")
    return int(text)
