"""A deadline is one instant, or it is refused."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from consult.consultations.datetimes import NoSuchTime, list_zones, to_instant, to_wall_clock
from consult.core.errors import Refusal


def wall(*parts: int) -> datetime:
    return datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001 - a wall clock


def test_a_time_is_understood_in_its_place() -> None:
    assert to_instant(wall(2027, 1, 31, 17, 0), "Europe/Vienna") == datetime(2027, 1, 31, 16, 0, tzinfo=UTC)
    assert to_instant(wall(2027, 7, 31, 17, 0), "Europe/Vienna") == datetime(2027, 7, 31, 15, 0, tzinfo=UTC)


def test_a_time_that_the_clocks_skip_is_told_with_the_next_that_exists() -> None:
    with pytest.raises(NoSuchTime, match=r"02:30 does not exist. Use 03:30") as refused:
        to_instant(wall(2027, 3, 28, 2, 30), "Europe/Vienna", field="closes_at")
    assert refused.value.field == "closes_at"


def test_a_time_that_comes_twice_is_told() -> None:
    with pytest.raises(NoSuchTime, match="02:30 comes twice"):
        to_instant(wall(2027, 10, 31, 2, 30), "Europe/Vienna")
    assert to_instant(wall(2027, 10, 31, 3, 30), "Europe/Vienna") == datetime(2027, 10, 31, 2, 30, tzinfo=UTC)


def test_a_half_hour_change_is_told_too() -> None:
    with pytest.raises(NoSuchTime, match=r"02:15 does not exist. Use 02:45"):
        to_instant(wall(2027, 10, 3, 2, 15), "Australia/Lord_Howe")


@pytest.mark.parametrize("zone", ["", "Nowhere/Land", "../etc/passwd", "/etc/passwd"])
def test_a_place_that_does_not_exist_is_refused(zone: str) -> None:
    with pytest.raises(Refusal, match="time zone"):
        to_instant(wall(2027, 1, 1, 0, 0), zone)


@pytest.mark.parametrize("zone", ["America/Lima", "Asia/Kathmandu", "UTC", "Africa/Cairo"])
def test_the_wall_clock_shows_what_was_typed(zone: str) -> None:
    typed = wall(2027, 1, 31, 23, 59)
    assert to_wall_clock(to_instant(typed, zone), zone) == typed


def test_the_list_begins_with_utc_and_has_places_only() -> None:
    assert list_zones()[0] == "UTC"
    assert {"America/Bogota", "Europe/Vienna", "Asia/Riyadh"} <= set(list_zones())
    assert "Etc/GMT+5" not in list_zones()
