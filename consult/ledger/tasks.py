"""Periodic tasks: committed entries are numbered within seconds, and the chain of hashes follows."""

from __future__ import annotations

import time

from sqlalchemy.orm import Session

from consult.core.clock import every
from consult.core.db import transaction
from consult.ledger import chain, service

_LONGEST = 5.0
"""Seconds after which the rest of a burst waits for the next tick, so that other chores have their turn."""


@every(seconds=3, timeless=True)
def number(session: Session) -> None:
    """Numbers a burst in parts, each in a transaction of its own: what has a number keeps it."""
    before, until = service.head(session), time.monotonic() + _LONGEST
    session.rollback()
    while time.monotonic() < until:
        with transaction() as own:
            after = service.number_entries(own, most=service.PART)
        if after - before < service.PART:
            return
        before = after


@every(seconds=10)
def extend_chain(session: Session) -> None:
    """Remembers the hash of all numbered entries, a step in each transaction."""
    session.rollback()
    until = time.monotonic() + _LONGEST
    while time.monotonic() < until:
        with transaction() as own:
            if not chain.FOLLOWER.follow_site(own):
                return
