"""Now, and the clock process: chores that are due run one after another, each in its own transaction.

The clock needs PostgreSQL only. Two clocks, a slow one or a restarted one do no harm, because every chore is
safe to run any number of times.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Flask
from sqlalchemy.orm import Session

from consult.core.db import transaction
from consult.core.logs import log
from consult.core.signals import Told

_TICK = 1.0


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Chore:
    name: str
    seconds: int
    run: Callable[[Session], object]


CHORES: list[Chore] = []


def every(seconds: int) -> Callable[[Callable[[Session], object]], Callable[[Session], object]]:
    """Registers `chore(session)` to be run by the clock every so many seconds, at the first tick too."""

    def register(run: Callable[[Session], object]) -> Callable[[Session], object]:
        CHORES.append(Chore(f"{run.__module__.removeprefix('consult.')}.{run.__name__}", seconds, run))
        return run

    return register


def run_chore(chore: Chore) -> bool:
    """Runs one chore in its own transaction; a failure is logged and does not stop the clock."""
    try:
        with transaction() as session:
            chore.run(session)
    except Exception as error:
        log.error("clock.chore_failed", chore=chore.name, error=type(error).__name__, exc_info=True)
        return False
    return True


def tick(due: dict[str, float], at: float) -> None:
    """Runs the chores whose time has come by the monotonic time `at` and notes when each is due again."""
    for chore in CHORES:
        if due.get(chore.name, at) <= at:
            run_chore(chore)
            due[chore.name] = at + chore.seconds


def run(app: Flask, stop: Told) -> None:
    """Ticks once a second until `stop` is set."""
    due: dict[str, float] = {}
    log.info("clock.started", chores=len(CHORES))
    with app.app_context():
        while not stop.is_set():
            tick(due, time.monotonic())
            stop.wait(_TICK)
    log.info("clock.stopped")
