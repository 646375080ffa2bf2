"""Conversion between local wall-clock times and instants, and the list of time zones."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from consult.core.errors import Refusal
from consult.core.i18n import _

_NOT_PLACES = ("Etc/", "SystemV/", "US/")


class NoSuchTime(Refusal):
    """The wall clocks of the place never show this time, or show it twice."""


@lru_cache(maxsize=1)
def list_zones() -> list[str]:
    """The names of the IANA time zones by place, and UTC first."""
    return ["UTC", *sorted(name for name in available_timezones() if "/" in name and not name.startswith(_NOT_PLACES))]


def to_instant(wall: datetime, zone: str, *, field: str | None = None) -> datetime:
    """The instant, in UTC, at which the clocks of a place show `wall`.

    Raises NoSuchTime where clocks skip it or show it twice: a deadline must not be guessed.

    >>> to_instant(datetime(2027, 1, 31, 23, 59), "America/Lima").isoformat()
    '2027-02-01T04:59:00+00:00'
    """
    try:
        place = ZoneInfo(zone)
    except (KeyError, ValueError) as error:
        raise Refusal(_("Choose a time zone from the list."), field="timezone") from error
    first, second = (wall.replace(tzinfo=place, fold=fold) for fold in (0, 1))
    shown = first.astimezone(UTC).astimezone(place).replace(tzinfo=None)
    if shown != wall.replace(fold=0):
        said = _(
            "In %(zone)s clocks are put forward on that day, so %(time)s does not exist. Use %(instead)s or later.",
            zone=zone,
            time=f"{wall:%H:%M}",
            instead=f"{shown:%H:%M}",
        )
        raise NoSuchTime(said, field=field)
    if first.utcoffset() != second.utcoffset():
        said = _(
            "In %(zone)s clocks are put back on that day, so %(time)s comes twice. Choose a time an hour or more "
            "earlier or later.",
            zone=zone,
            time=f"{wall:%H:%M}",
        )
        raise NoSuchTime(said, field=field)
    return first.astimezone(UTC)


def to_wall_clock(at: datetime, zone: str) -> datetime:
    """What the clocks of a place show at an instant.

    >>> to_wall_clock(datetime(2027, 2, 1, 4, 59, tzinfo=UTC), "America/Lima")
    datetime.datetime(2027, 1, 31, 23, 59)
    """
    return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)
