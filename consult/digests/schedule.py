"""Due times of digests in the consultation's time zone.

Pure functions. A slot is a date there, so days of 23 or 25 hours have one slot like any other.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from consult.digests.model import Cadence

HOUR = time(6)
_MONDAY = 0


def latest_slot(cadence: Cadence, at: datetime, *, zone: str, closes_at: datetime) -> datetime | None:
    """Return the last slot at or before `at` in UTC, or None.

    Daily: 06:00. Weekly: Monday 06:00. On closing: the closing time.

    >>> vienna = "Europe/Vienna"
    >>> latest_slot(Cadence.DAILY, datetime(2027, 3, 28, 3, 59, tzinfo=UTC), zone=vienna, closes_at=datetime.max)
    datetime.datetime(2027, 3, 27, 5, 0, tzinfo=datetime.timezone.utc)
    >>> latest_slot(Cadence.DAILY, datetime(2027, 3, 28, 4, 0, tzinfo=UTC), zone=vienna, closes_at=datetime.max)
    datetime.datetime(2027, 3, 28, 4, 0, tzinfo=datetime.timezone.utc)
    """
    if cadence is Cadence.CLOSING:
        return closes_at if closes_at <= at else None
    day = at.astimezone(ZoneInfo(zone)).date()
    if cadence is Cadence.WEEKLY:
        day -= timedelta(days=(day.weekday() - _MONDAY) % 7)
    step = timedelta(days=7 if cadence is Cadence.WEEKLY else 1)
    slot = _instant(day, zone)
    return slot if slot <= at else _instant(day - step, zone)


def next_slot(cadence: Cadence, at: datetime, *, zone: str, closes_at: datetime) -> datetime | None:
    """Return the first slot after `at` in UTC, or None.

    >>> next_slot(Cadence.WEEKLY, datetime(2028, 2, 28, 12, tzinfo=UTC), zone="UTC", closes_at=datetime.max)
    datetime.datetime(2028, 3, 6, 6, 0, tzinfo=datetime.timezone.utc)
    """
    if cadence is Cadence.CLOSING:
        return closes_at if closes_at > at else None
    day = at.astimezone(ZoneInfo(zone)).date()
    if cadence is Cadence.WEEKLY:
        day -= timedelta(days=(day.weekday() - _MONDAY) % 7)
    step = timedelta(days=7 if cadence is Cadence.WEEKLY else 1)
    slot = _instant(day, zone)
    return slot if slot > at else _instant(day + step, zone)


def _instant(day: date, zone: str) -> datetime:
    """Return 06:00 of a date: the first time clocks show it, or the moment they skip it."""
    return datetime.combine(day, HOUR, tzinfo=ZoneInfo(zone)).astimezone(UTC)
