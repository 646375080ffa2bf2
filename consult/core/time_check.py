"""Comparison of this process's clock with the database's, and of the database's with the scheduler's last heartbeat.

Stored times are the database's: a process whose own clock differs by more than a minute uses the database's
(`correction`), unless the last heartbeat shows that the database is wrong. Decision:
docs/decisions/0036-use-the-time-of-the-database.md.
"""

from __future__ import annotations

import contextlib
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from threading import Lock

from flask import Flask, request
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.orm import Mapped, Session, mapped_column

from consult.core import logs
from consult.core.db import Base, db
from consult.core.logs import log

TOLERANCE = timedelta(minutes=1)
"""The maximum difference of two clocks."""
LONGEST_GAP = timedelta(days=1)
"""The longest plausible time without a heartbeat."""
_MEASURED_EVERY = 10.0
_BEAT_EVERY = timedelta(seconds=5)
_BOOT = Path("/proc/sys/kernel/random/boot_id")
_PROCESS_BOOT = str(uuid.uuid4())
_PROBED = "/robots.txt"
"""The path that load balancers probe. It must respond without the database."""
_NOW = text("SELECT clock_timestamp()")
_LOOK = text("SELECT clock_timestamp() AS database, (SELECT beat_at FROM clock_state WHERE id = 1) AS beat_at")
_STATE = text("SELECT beat_at, boot, uptime, doubt, doubt_seconds FROM clock_state WHERE id = 1")
_BEAT = text(
    """
    INSERT INTO clock_state (id, beat_at, boot, uptime) VALUES (1, :beat_at, :boot, :uptime)
    ON CONFLICT (id) DO UPDATE SET beat_at = excluded.beat_at, boot = excluded.boot, uptime = excluded.uptime,
        doubt = NULL, doubt_seconds = NULL
    """
)
_DOUBT = text("UPDATE clock_state SET doubt = :doubt, doubt_seconds = :seconds WHERE id = 1")


class ClockState(Base):
    """The single row about time: the last heartbeat of a scheduler that trusted the time, and any doubt since."""

    __tablename__ = "clock_state"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    beat_at: Mapped[datetime]  # in the database's time
    boot: Mapped[str]  # ID of the machine's boot, to compare `uptime` of heartbeats
    uptime: Mapped[float]  # seconds, including sleep
    doubt: Mapped[str | None]
    doubt_seconds: Mapped[float | None]


class DoubtKind(StrEnum):
    DIFFERS = "differs"  # this process's clock differs from the database's
    AHEAD = "ahead"  # more than a day since the last heartbeat, during which this machine was not on
    BEHIND = "behind"  # earlier than the last heartbeat


@dataclass(frozen=True)
class Doubt:
    """The reason not to trust the time, and the deviation: positive if later than expected."""

    kind: DoubtKind
    by: timedelta


@dataclass(frozen=True)
class Beat:
    """Values read at one moment. `uptime` counts since the machine started, including sleep."""

    at: datetime
    boot: str
    uptime: float


@dataclass
class _Measured:
    """The measured difference of this process's clock."""

    correction: timedelta = timedelta()
    difference: timedelta = timedelta()
    next_at: float = 0.0
    offset: float = 0.0
    process: str = "web"


_measured = _Measured()
_measuring = Lock()
_listeners: list[Callable[[Connection, str, timedelta], None]] = []


def judge(own: datetime, now: Beat, last: Beat | None) -> Doubt | None:
    """Return the doubt about the time, or None. `own` is this process's clock, `now` the database's.

    >>> noon = datetime(2027, 3, 1, 12, tzinfo=UTC)
    >>> last = Beat(noon, "a", 100.0)
    >>> later = noon + timedelta(days=70)
    >>> judge(later, Beat(noon, "a", 101.0), last)
    Doubt(kind=<DoubtKind.DIFFERS: 'differs'>, by=datetime.timedelta(days=70))
    >>> judge(later, Beat(later, "a", 101.0), last)
    Doubt(kind=<DoubtKind.AHEAD: 'ahead'>, by=datetime.timedelta(days=70))
    >>> judge(later, Beat(later, "a", 100.0 + 70 * 86_400), last) is None
    True
    """
    if abs(own - now.at) > TOLERANCE:
        return Doubt(DoubtKind.DIFFERS, own - now.at)
    if last is None:
        return None
    passed = now.at - last.at
    if passed < -TOLERANCE:
        return Doubt(DoubtKind.BEHIND, passed)
    if passed <= LONGEST_GAP or _was_on(passed, now, last):
        return None
    return Doubt(DoubtKind.AHEAD, passed)


def _was_on(passed: timedelta, now: Beat, last: Beat) -> bool:
    """Return True if the machine was on or asleep for that long, which confirms the elapsed time."""
    if now.boot != last.boot:
        return False
    elapsed = timedelta(seconds=now.uptime - last.uptime)
    return abs(elapsed - passed) <= TOLERANCE + passed / 1000


@lru_cache(maxsize=1)
def _boot() -> str:
    """Return the ID of this boot of the machine, or of this process if the system has none."""
    with contextlib.suppress(OSError):
        return _BOOT.read_text(encoding="ascii").strip()
    return _PROCESS_BOOT


def _uptime() -> float:
    """Return the seconds since start, including sleep. On macOS the POSIX monotonic clock counts it too."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def own_time() -> datetime:
    """Return this machine's time, uncorrected."""
    return datetime.now(UTC)


def _read(database: datetime) -> Beat:
    return Beat(database, _boot(), _uptime())


def check_time(session: Session) -> Doubt | None:
    """Check the time before the scheduler acts on it: record a heartbeat if it is trusted, else the doubt.

    A difference of this process's own clock is not recorded, because another scheduler may be right.
    """
    database: datetime = session.scalar(_NOW) or own_time()
    own, now = own_time(), _read(database)
    row = session.execute(_STATE).one_or_none()
    found = judge(own, now, Beat(row.beat_at, row.boot, row.uptime) if row else None)
    if found is None:
        if row is None or row.doubt or abs(now.at - row.beat_at) >= _BEAT_EVERY:
            session.execute(_BEAT, {"beat_at": now.at, "boot": now.boot, "uptime": now.uptime})
        if row is not None and row.doubt:
            log.info("clock.trusted_again")
    elif found.kind is not DoubtKind.DIFFERS and (row is None or row.doubt != found.kind):
        session.execute(_DOUBT, {"doubt": str(found.kind), "seconds": found.by.total_seconds()})
    return found


def get_doubt(session: Session) -> Doubt | None:
    """Return the scheduler's recorded doubt, or None."""
    row = session.get(ClockState, 1)
    if row is None or row.doubt is None:
        return None
    return Doubt(DoubtKind(row.doubt), timedelta(seconds=row.doubt_seconds or 0))


def find_doubt(session: Session) -> tuple[datetime, Doubt | None]:
    """Return the database's time, and the doubt that a scheduler would have now."""
    database: datetime = session.scalar(_NOW) or own_time()
    own, row = own_time(), session.get(ClockState, 1)
    return database, judge(own, _read(database), Beat(row.beat_at, row.boot, row.uptime) if row else None)


def confirm_time(session: Session) -> datetime:
    """Confirm that the current time is right and return it. Jobs that depend on the time continue at the next tick."""
    now = _read(session.scalar(_NOW) or own_time())
    session.execute(_BEAT, {"beat_at": now.at, "boot": now.boot, "uptime": now.uptime})
    return now.at


def correction() -> timedelta:
    """Return the correction to add to this process's clock."""
    return _measured.correction


def difference() -> timedelta:
    """Return how far this process's clock was ahead of the database's at the last measurement."""
    return _measured.difference


def name_process(name: str) -> None:
    """Set the name under which this process's clock difference is reported: `web`, `worker`, `clock`."""
    _measured.process = name
    logs.name_process(name)


def process_name() -> str:
    return _measured.process


def on_difference(
    note: Callable[[Connection, str, timedelta], None],
) -> Callable[[Connection, str, timedelta], None]:
    """Register a function called with this process's name and its clock difference whenever one is measured."""
    _listeners.append(note)
    return note


def measure() -> None:
    """Compare the clock with the database, at most every ten seconds, or immediately if this clock was moved or slept.

    Does nothing if the database does not respond, since callers that need it will notice.
    """
    if not _is_due() or not _measuring.acquire(blocking=False):
        return
    try:
        _measured.next_at, _measured.offset = time.monotonic() + _MEASURED_EVERY, time.time() - time.monotonic()
        with db.engine.begin() as connection:
            _take(connection, *connection.execute(_LOOK).one())
    except (SQLAlchemyError, NoConnectionFree) as error:
        log.info("time.not_measured", error=type(error).__name__)
    finally:
        _measuring.release()


def _is_due() -> bool:
    moved = abs(time.time() - time.monotonic() - _measured.offset) > 1
    return moved or time.monotonic() >= _measured.next_at


def _take(connection: Connection, database: datetime, beat_at: datetime | None) -> None:
    own = own_time()
    before, _measured.difference = _measured.difference, own - database
    if abs(_measured.difference) <= TOLERANCE:
        _measured.correction = timedelta()
        return
    _measured.correction = timedelta() if _is_nearer(own, database, beat_at) else database - own
    if abs(before - _measured.difference) > TOLERANCE:
        seconds = round(_measured.difference.total_seconds())
        log.error("time.differs", process=_measured.process, seconds_ahead=seconds)
    for note in _listeners:
        note(connection, _measured.process, _measured.difference)


def _is_nearer(own: datetime, database: datetime, beat_at: datetime | None) -> bool:
    """Return True if this process's clock is consistent with the last heartbeat and the database's is not."""
    if beat_at is None:
        return False
    goes_on = [beat_at - TOLERANCE <= each <= beat_at + LONGEST_GAP for each in (own, database)]
    return goes_on == [True, False]


def init_app(app: Flask) -> None:
    @app.before_request
    def look() -> None:
        if request.endpoint not in (None, "static") and request.path != _PROBED:
            measure()
