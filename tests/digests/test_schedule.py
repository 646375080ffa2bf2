from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consult.digests.model import Cadence
from consult.digests.schedule import latest_slot, next_slot

NEVER = datetime.max.replace(tzinfo=UTC)
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - its bounds
ZONES = ["Europe/Vienna", "America/Lima", "Asia/Kathmandu", "Australia/Lord_Howe", "America/Santiago", "Pacific/Apia"]


def slots(cadence: Cadence, zone: str, start: datetime, end: datetime, step: timedelta) -> list[datetime]:
    """Every slot that a clock sees which ticks every `step`."""
    seen: list[datetime] = []
    at = start
    while at < end:
        slot = latest_slot(cadence, at, zone=zone, closes_at=NEVER)
        if slot is not None and slot not in seen:
            seen.append(slot)
        at += step
    return seen


@pytest.mark.parametrize(
    "day", [datetime(2027, 3, 28, tzinfo=UTC), datetime(2027, 10, 31, tzinfo=UTC)], ids=["spring", "autumn"]
)
def test_a_day_on_which_clocks_change_has_one_slot_at_six_by_the_wall(day: datetime) -> None:
    zone = ZoneInfo("Europe/Vienna")
    start = (day - timedelta(days=1)).replace(hour=12, tzinfo=zone).astimezone(UTC)
    found = slots(Cadence.DAILY, "Europe/Vienna", start, start + timedelta(days=2), timedelta(minutes=10))[1:]
    assert [slot.astimezone(zone).strftime("%d %H:%M") for slot in found] == [
        f"{day:%d} 06:00", f"{day + timedelta(days=1):%d} 06:00",
    ]  # fmt: skip
    assert found[0] - latest_slot(Cadence.DAILY, start, zone="Europe/Vienna", closes_at=NEVER) in (
        timedelta(hours=23), timedelta(hours=25),
    )  # fmt: skip


def test_a_leap_day_has_its_slot() -> None:
    start = datetime(2028, 2, 28, 12, tzinfo=UTC)
    found = slots(Cadence.DAILY, "UTC", start, start + timedelta(days=3), timedelta(hours=1))
    assert [slot.strftime("%m-%d") for slot in found] == ["02-28", "02-29", "03-01", "03-02"]


def test_the_weekly_slot_is_monday_at_six() -> None:
    start = datetime(2026, 11, 25, tzinfo=UTC)
    found = slots(Cadence.WEEKLY, "America/Lima", start, start + timedelta(days=30), timedelta(hours=5))
    assert len(found) == 5
    assert {slot.astimezone(ZoneInfo("America/Lima")).strftime("%a %H:%M") for slot in found} == {"Mon 06:00"}


def test_the_slot_on_closing_is_the_instant_of_closing() -> None:
    closes = datetime(2027, 1, 31, 22, 59, tzinfo=UTC)
    assert latest_slot(Cadence.CLOSING, closes - timedelta(seconds=1), zone="UTC", closes_at=closes) is None
    assert latest_slot(Cadence.CLOSING, closes, zone="UTC", closes_at=closes) == closes
    assert next_slot(Cadence.CLOSING, closes, zone="UTC", closes_at=closes) is None


@given(
    at=MOMENTS,
    zone=st.sampled_from(ZONES), cadence=st.sampled_from([Cadence.DAILY, Cadence.WEEKLY]),
)  # fmt: skip
def test_a_moment_lies_between_two_neighbouring_slots(at: datetime, zone: str, cadence: Cadence) -> None:
    before = latest_slot(cadence, at, zone=zone, closes_at=NEVER)
    after = next_slot(cadence, at, zone=zone, closes_at=NEVER)
    assert before is not None
    assert after is not None
    assert before <= at < after
    assert latest_slot(cadence, before, zone=zone, closes_at=NEVER) == before
    assert next_slot(cadence, before, zone=zone, closes_at=NEVER) == after
    assert latest_slot(cadence, after, zone=zone, closes_at=NEVER) == after
