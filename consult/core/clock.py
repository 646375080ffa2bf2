"""The current time, and the scheduler process, which runs due jobs one after another in separate transactions.

The scheduler needs PostgreSQL only. Two schedulers, a slow one or a restarted one do no harm, because jobs are safe to
repeat. While the time is in doubt, only jobs that do not depend on it are run: see `time_check`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Flask
from sqlalchemy.orm import Session

from consult.core import time_check
from consult.core.crypto import UnsealError
from consult.core.database import outages
from consult.core.db import transaction
from consult.core.logs import log
from consult.core.processes.signals import StopSignal
from consult.core.settings import SettingsError

_TICK_SECONDS = 1.0
_HELD_PAUSE = 10.0
"""Seconds after which a postponed job is checked again."""


def now() -> datetime:
    """Return the current time in UTC, corrected to the database's if this machine's clock differs by over a minute."""
    return datetime.now(UTC) + time_check.correction()


@dataclass(frozen=True)
class Chore:
    name: str
    seconds: int
    run: Callable[[Session], object]
    timeless: bool
    pauses: bool = False


CHORES: list[Chore] = []


def every(
    seconds: int, *, timeless: bool = False, pauses: bool = False
) -> Callable[[Callable[[Session], object]], Callable[[Session], object]]:
    """Register `chore(session)` to run every so many seconds, and at the first tick.

    A `timeless` job does not depend on the time, so it also runs while the time is in doubt. A job that `pauses` does
    not run while its system is switched off: see `systems`. Deletions and followers do not pause.
    """

    def register(run: Callable[[Session], object]) -> Callable[[Session], object]:
        name = f"{run.__module__.removeprefix('consult.')}.{run.__name__}"
        CHORES.append(Chore(name, seconds, run, timeless, pauses))
        return run

    return register


def run_chore(chore: Chore) -> bool:
    """Run a job in its own transaction. A failure is logged and does not stop the scheduler.

    Lock timeouts and lost connections are not failures: they are logged, and the job runs again.
    """
    try:
        with transaction() as session:
            chore.run(session)
    except (UnsealError, SettingsError) as error:  # a wrong key is explained in one sentence
        log.error("clock.chore_failed", chore=chore.name, error=type(error).__name__, reason=str(error))
        return False
    except Exception as error:
        if outages.is_passing(error):
            log.info("clock.chore_waits", chore=chore.name, error=type(getattr(error, "orig", error)).__name__)
        else:
            log.error("clock.chore_failed", chore=chore.name, error=type(error).__name__, exc_info=True)
        return False
    return True


_stops: list[StopSignal] = []
"""The stop signals of a scheduler in this process."""


def is_stopping() -> bool:
    """Return True if the scheduler is stopping, so that long jobs leave the rest for the next run."""
    return any(stop.is_set() for stop in _stops)


def tick(
    due: dict[str, float],
    at: float,
    trusts: Callable[[], bool] = lambda: True,
    paused: Callable[[str], bool] = lambda _module: False,
) -> None:
    """Run the jobs due at the monotonic time `at` and set when each is due again.

    Jobs that depend on the time run only if `trusts()`, and those that pause only if their module is not `paused`. No
    further job is started once the scheduler is stopping.
    """
    for chore in CHORES:
        if is_stopping():
            return
        if due.get(chore.name, at) > at or (chore.pauses and paused(chore.run.__module__)):
            continue
        if chore.timeless or trusts():
            run_chore(chore)
            due[chore.name] = at + chore.seconds
        else:
            due[chore.name] = at + min(_HELD_PAUSE, chore.seconds)


class TimeGuard:
    """A check before each job whether the time can be trusted. Changes are logged."""

    def __init__(self) -> None:
        self._doubt: time_check.DoubtKind | None = None

    def __call__(self) -> bool:
        """Return True if the time can be trusted. False also if the database does not respond."""
        try:
            time_check.measure()
            with transaction() as session:
                found = time_check.check_time(session)
        except Exception as error:
            log.error("clock.time_not_checked", error=type(error).__name__)
            return False
        kind = found.kind if found else None
        if found and kind is not self._doubt:
            log.error(
                "clock.held", doubt=str(kind), seconds=round(found.by.total_seconds()), repair="consult repair clock"
            )
        elif self._doubt and not found:
            log.info("clock.goes_on")
        self._doubt = kind
        return found is None


def run(app: Flask, stop: StopSignal, paused: Callable[[str], bool]) -> None:
    """Tick once a second until `stop` is set. Jobs that pause do so while their module is `paused`."""
    due: dict[str, float] = {}
    time_check.name_process("clock")
    trusts = TimeGuard()
    log.info("clock.started", chores=len(CHORES))
    _stops.append(stop)
    try:
        with app.app_context():
            while not stop.is_set():
                tick(due, time.monotonic(), trusts, paused)
                stop.wait(_TICK_SECONDS)
    finally:
        _stops.remove(stop)
    log.info("clock.stopped")
