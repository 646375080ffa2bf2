"""Conversion between local wall-clock times and instants, and the list of time zones."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from babel.core import get_global

from consult.core.errors import Refusal
from consult.core.i18n import _

_NOT_PLACES = ("Etc/", "SystemV/", "US/")


class NoSuchTime(Refusal):
    """The local time does not exist in this time zone or occurs twice, because of a clock change."""


@lru_cache(maxsize=1)
def list_zones() -> list[str]:
    """Return the names of IANA time zones, UTC first."""
    return ["UTC", *sorted(name for name in available_timezones() if "/" in name and not name.startswith(_NOT_PLACES))]


def list_country_zones(country: str) -> list[str]:
    """Return the time zones of a country, by name. Source: CLDR."""
    return sorted(get_global("territory_zones").get(country, ()))


def order_zones(countries: Iterable[str]) -> list[str]:
    """Return all time zones, those of these countries first.

    >>> order_zones(["PE"])[:2]
    ['America/Lima', 'UTC']
    """
    own = [zone for country in countries for zone in list_country_zones(country)]
    return list(dict.fromkeys([*own, *list_zones()]))


def find_zone(typed: str) -> str | None:
    """Return the zone that a person typed: by its name, or by its town if only one zone has that town.

    >>> find_zone("america/lima"), find_zone("Buenos Aires"), find_zone("Mars")
    ('America/Lima', 'America/Argentina/Buenos_Aires', None)
    """
    wanted = "_".join(typed.casefold().split())
    names = {zone.casefold(): zone for zone in list_zones()}
    if wanted in names:
        return names[wanted]
    towns = {zone for zone in get_global("zone_territories") if zone.casefold().rpartition("/")[2] == wanted}
    return towns.pop() if len(towns) == 1 else None


def to_instant(wall: datetime, zone: str, *, field: str | None = None) -> datetime:
    """Return the UTC time at which clocks in a time zone show `wall`.

    Raises NoSuchTime if clocks skip it or show it twice, because a closing time must not be guessed.

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
            "In %(zone)s, clocks go forward on that day, so %(time)s does not exist. Use %(instead)s or later.",
            zone=zone,
            time=f"{wall:%H:%M}",
            instead=f"{shown:%H:%M}",
        )
        raise NoSuchTime(said, field=field)
    if first.utcoffset() != second.utcoffset():
        said = _(
            "In %(zone)s, clocks go back on that day, so %(time)s comes twice. Choose a time at least one hour "
            "earlier or later.",
            zone=zone,
            time=f"{wall:%H:%M}",
        )
        raise NoSuchTime(said, field=field)
    return first.astimezone(UTC)


def to_wall_clock(at: datetime, zone: str) -> datetime:
    """Return the naive local time in a time zone.

    >>> to_wall_clock(datetime(2027, 2, 1, 4, 59, tzinfo=UTC), "America/Lima")
    datetime.datetime(2027, 1, 31, 23, 59)
    """
    return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)
