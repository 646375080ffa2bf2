"""Periodic jobs of the audit: new entries within minutes, everything else in turn."""

from __future__ import annotations

import time

from sqlalchemy.orm import Session

from consult.audit import service
from consult.core.clock import every
from consult.core.db import transaction


@every(seconds=60)
def check_new_entries(session: Session) -> None:
    """Check new ledger entries for the duration of a slice, with one transaction per step."""
    session.rollback()
    until = time.monotonic() + service.SLICE
    while time.monotonic() < until:
        with transaction() as own:
            if not service.FOLLOWER.follow_site(own):
                return


@every(seconds=60)
def check_slice(session: Session) -> None:
    service.run_slice(session)
