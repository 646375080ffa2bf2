"""The time is trusted where this process, the database and the last beat agree; else what acts by it waits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from consult.core import clock, time_check
from consult.core.clock import TimeGuard, now, tick
from consult.core.time_check import Beat, DoubtKind, judge
from tests.conftest import MEASURE

pytestmark = pytest.mark.database_time
NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
LAST = Beat(NOON, "a", 1_000.0)


@pytest.mark.parametrize(
    ("own", "database", "boot", "on_for", "doubt"),
    [
        ({}, {}, "a", 0, None),
        ({"seconds": 59}, {}, "a", 0, None),
        ({"seconds": 61}, {}, "a", 0, DoubtKind.DIFFERS),
        ({"hours": -1}, {}, "a", 0, DoubtKind.DIFFERS),
        ({"hours": -1}, {"hours": -1}, "a", 0, DoubtKind.BEHIND),
        ({"days": -1}, {"days": -1}, "b", 0, DoubtKind.BEHIND),
        ({"hours": 23}, {"hours": 23}, "b", 0, None),  # a night and a day without a clock
        ({"days": 2}, {"days": 2}, "a", 10, DoubtKind.AHEAD),
        ({"days": 2}, {"days": 2}, "b", 2 * 86_400, DoubtKind.AHEAD),  # started anew: nobody knows for how long
        ({"days": 7}, {"days": 7}, "a", 7 * 86_400, None),  # asleep
        ({"days": 70}, {"days": 70}, "a", 7 * 86_400, DoubtKind.AHEAD),
    ],
)
def test_the_time_is_in_doubt_where_clocks_differ_or_it_jumps(
    own: dict[str, int], database: dict[str, int], boot: str, on_for: int, doubt: DoubtKind | None
) -> None:
    found = judge(NOON + timedelta(**own), Beat(NOON + timedelta(**database), boot, LAST.uptime + on_for), LAST)
    assert (found.kind if found else None) == doubt


def test_the_first_beat_of_all_is_taken_as_right() -> None:
    assert judge(NOON, LAST, None) is None


@pytest.fixture
def session(session: Session) -> Iterator[Session]:
    """The test's own, which a chore's transaction takes out of the registry."""
    yield session
    session.close()


@pytest.fixture
def chores(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what the scheduler has done of two chores, one of which depends on the time."""
    done: list[str] = []
    monkeypatch.setattr(clock, "CHORES", [])
    clock.every(1)(lambda _session: done.append("by the time"))
    clock.every(1, timeless=True)(lambda _session: done.append("timeless"))
    clock.CHORES[:] = [
        clock.Chore(str(number), chore.seconds, chore.run, chore.timeless) for number, chore in enumerate(clock.CHORES)
    ]
    return done


def _tick(done: list[str]) -> list[str]:
    done.clear()
    tick({}, 0.0, TimeGuard())
    return list(done)


BOTH, ONE = ["by the time", "timeless"], ["timeless"]


def _set_beat(session: Session, change: str) -> None:
    session.execute(text(f"UPDATE clock_state SET {change}"))
    session.commit()


def test_only_what_does_not_act_by_the_time_is_done_while_this_clock_differs(chores: list[str]) -> None:
    assert _tick(chores) == BOTH
    with time_machine.travel(datetime.now(UTC) + timedelta(days=70)):
        assert _tick(chores) == ONE
    with time_machine.travel(datetime.now(UTC) - timedelta(hours=1)):
        assert _tick(chores) == ONE
    assert _tick(chores) == BOTH


def test_a_clock_that_is_asked_again_soon_goes_on_within_seconds(chores: list[str]) -> None:
    due: dict[str, float] = {}
    with time_machine.travel(datetime.now(UTC) + timedelta(days=70)):
        tick(due, 0.0, TimeGuard())
    tick(due, 10.0, TimeGuard())
    assert "by the time" in chores


def test_a_laptop_that_slept_for_a_week_goes_on_by_itself(chores: list[str], session: Session) -> None:
    _tick(chores)
    _set_beat(session, "beat_at = beat_at - interval '7 days', uptime = uptime - 7 * 86400")
    assert _tick(chores) == BOTH


def test_a_machine_that_was_off_for_a_week_waits_until_somebody_says_that_the_time_is_right(
    chores: list[str], session: Session
) -> None:
    _tick(chores)
    _set_beat(session, "beat_at = beat_at - interval '7 days', boot = 'another'")
    assert _tick(chores) == ONE
    doubt = time_check.get_doubt(session)
    assert doubt
    assert (doubt.kind, doubt.by.days) == (DoubtKind.AHEAD, 7)
    time_check.confirm_time(session)
    session.commit()
    assert _tick(chores) == BOTH
    session.expire_all()
    assert time_check.get_doubt(session) is None


def test_a_time_that_was_set_back_waits_until_it_comes_again_or_somebody_says_that_it_is_right(
    chores: list[str], session: Session
) -> None:
    _tick(chores)
    _set_beat(session, "beat_at = beat_at + interval '1 hour'")
    assert _tick(chores) == ONE
    _set_beat(session, "beat_at = beat_at - interval '1 hour'")
    assert _tick(chores) == BOTH


# One time


@pytest.fixture
def measured(app: Flask, monkeypatch: pytest.MonkeyPatch) -> time_check._Measured:
    """Replace the measurements of this process's clock by fresh ones during a test."""
    fresh = time_check._Measured()
    monkeypatch.setattr(time_check, "_measured", fresh)
    return fresh


def test_a_process_whose_clock_differs_by_more_than_a_minute_has_the_time_of_the_database(
    measured: time_check._Measured, session: Session
) -> None:
    right = datetime.now(UTC)
    with time_machine.travel(right + timedelta(days=70)):
        MEASURE()
        assert abs(now() - right) < timedelta(seconds=30)
        assert time_check.difference().days in (69, 70)
    MEASURE()
    assert abs(now() - datetime.now(UTC)) < timedelta(seconds=1)


def test_a_small_difference_changes_nothing(measured: time_check._Measured) -> None:
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=40)):
        MEASURE()
        assert time_check.correction() == timedelta()


def test_a_database_whose_clock_left_the_last_beat_is_not_followed(
    measured: time_check._Measured, session: Session
) -> None:
    own = datetime.now(UTC) + timedelta(days=70)
    session.execute(
        text("INSERT INTO clock_state (id, beat_at, boot, uptime) VALUES (1, :at, 'a', 0)"),
        {"at": own - timedelta(seconds=20)},
    )
    session.commit()
    with time_machine.travel(own, tick=False):
        MEASURE()
        assert now() == own
