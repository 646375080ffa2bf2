"""Two connections, one of which waits for the other."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from consult.core.clock import now
from consult.core.db import db


def wait_until_somebody_waits() -> None:
    """Until a statement of this database waits for another transaction's lock."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    until = now() + timedelta(seconds=20)
    with Session(db.engine) as watcher:
        while not watcher.scalar(waiting):
            watcher.rollback()
            assert now() < until, "nobody came to wait"
