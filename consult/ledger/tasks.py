"""Periodic tasks that number committed entries, extend the hash chain and seal older rows."""

from __future__ import annotations

import time

from sqlalchemy.orm import Session

from consult.core.clock import every, is_stopping
from consult.core.db import transaction
from consult.ledger import chain, seals, service

_LONGEST = 5.0
"""Seconds after which the rest of a burst waits for the next tick, so that other tasks can run."""


@every(seconds=3, timeless=True)
def number(session: Session) -> None:
    """Number committed entries in batches, each in its own transaction, so that finished batches are kept."""
    before, until = service.head(session), time.monotonic() + _LONGEST
    session.rollback()
    while time.monotonic() < until and not is_stopping():
        with transaction() as own:
            after = service.number_entries(own, most=service.PART)
        if after - before < service.PART:
            return
        before = after


@every(seconds=10)
def extend_chain(session: Session) -> None:
    """Store the hash of all numbered entries, one step in each transaction."""
    session.rollback()
    until = time.monotonic() + _LONGEST
    while time.monotonic() < until and not is_stopping():
        with transaction() as own:
            if not chain.FOLLOWER.follow_site(own):
                return


@every(seconds=60)
def seal_older_rows(session: Session) -> None:
    """Seal the rows that existed before an upgrade, one batch in each transaction."""
    session.rollback()
    until = time.monotonic() + _LONGEST
    while time.monotonic() < until and not is_stopping():
        with transaction() as own:
            if not seals.seal_waiting(own):
                seals.delete_left_changes(own)
                return
