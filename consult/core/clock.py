"""The current time, and the clock process: due chores run one after another, each in its own transaction.

The clock needs PostgreSQL only. Two clocks, a slow one or a restarted one do no harm, because every chore is
safe to run any number of times. While the time is in doubt only chores that do not act by it are run: see
`time_check`.
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
from consult.core.db import transaction
from consult.core.logs import log
from consult.core.settings import SettingsError
from consult.core.signals import StopSignal

_TICK_SECONDS = 1.0
_HELD_PAUSE = 10.0
"""Seconds after which a chore that was held is looked at again."""


def now() -> datetime:
    """The present instant, aware, in UTC: the database's, where this machine's clock differs by more than a minute."""
    return datetime.now(UTC) + time_check.correction()


@dataclass(frozen=True)
class Chore:
    name: str
    seconds: int
    run: Callable[[Session], object]
    timeless: bool


CHORES: list[Chore] = []


def every(
    seconds: int, *, timeless: bool = False
) -> Callable[[Callable[[Session], object]], Callable[[Session], object]]:
    """Registers `chore(session)` to be run by the clock every so many seconds, at the first tick too.

    A `timeless` one does the same whatever the time is, so it also runs while the time is in doubt.
    """

    def register(run: Callable[[Session], object]) -> Callable[[Session], object]:
        CHORES.append(Chore(f"{run.__module__.removeprefix('consult.')}.{run.__name__}", seconds, run, timeless))
        return run

    return register


def run_chore(chore: Chore) -> bool:
    """Runs one chore in its own transaction; a failure is logged and does not stop the clock."""
    try:
        with transaction() as session:
            chore.run(session)
    except (UnsealError, SettingsError) as error:  # of a key: a sentence says all there is to know
        log.error("clock.chore_failed", chore=chore.name, error=type(error).__name__, reason=str(error))
        return False
    except Exception as error:
        log.error("clock.chore_failed", chore=chore.name, error=type(error).__name__, exc_info=True)
        return False
    return True


def tick(due: dict[str, float], at: float, trusts: Callable[[], bool] = lambda: True) -> None:
    """Runs the chores whose time has come by the monotonic time `at` and notes when each is due again.

    Those that act by the time are run only where `trusts()`.
    """
    for chore in CHORES:
        if due.get(chore.name, at) > at:
            continue
        if chore.timeless or trusts():
            run_chore(chore)
            due[chore.name] = at + chore.seconds
        else:
            due[chore.name] = at + min(_HELD_PAUSE, chore.seconds)


class TimeGuard:
    """Asks before each chore whether the time can be trusted, and says in the log when that changes."""

    def __init__(self) -> None:
        self._doubt: time_check.DoubtKind | None = None

    def __call__(self) -> bool:
        """False also where the database does not answer: nothing could be done by then."""
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


def run(app: Flask, stop: StopSignal) -> None:
    """Ticks once a second until `stop` is set."""
    due: dict[str, float] = {}
    time_check.name_process("clock")
    trusts = TimeGuard()
    log.info("clock.started", chores=len(CHORES))
    with app.app_context():
        while not stop.is_set():
            tick(due, time.monotonic(), trusts)
            stop.wait(_TICK_SECONDS)
    log.info("clock.stopped")
