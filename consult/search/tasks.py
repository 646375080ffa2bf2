"""The index's chore: what was decided is found within seconds."""

from __future__ import annotations

import time

from sqlalchemy.orm import Session

from consult.core.clock import every
from consult.search import service

_LONGEST = 5.0
"""Seconds after which the rest of a burst waits for the next tick, so that other chores have their turn."""


@every(seconds=3)
def follow(session: Session) -> None:
    until = time.monotonic() + _LONGEST
    while service.follow(session) == service.BATCH and time.monotonic() < until:
        pass


@every(seconds=10)
def follow_checks(session: Session) -> None:
    service.follow_checks(session)
