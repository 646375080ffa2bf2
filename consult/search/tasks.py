"""Periodic task that updates the search index within seconds."""

from __future__ import annotations

import time

from sqlalchemy.orm import Session

from consult.core.clock import every
from consult.search import service

_LONGEST = 5.0
"""Seconds after which the rest of a burst waits for the next tick, so that other tasks can run."""


@every(seconds=3, timeless=True)
def follow(session: Session) -> None:
    until = time.monotonic() + _LONGEST
    while service.FOLLOWER.follow_site(session) == service.FOLLOWER.step and time.monotonic() < until:
        pass


@every(seconds=10, timeless=True)
def follow_checks(session: Session) -> None:
    service.index_checked_files(session)
