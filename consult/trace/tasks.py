"""Periodic task that repeats erasures in the tables of other packages."""

from __future__ import annotations

from sqlalchemy.orm import Session

from consult.core.clock import every
from consult.trace import erasure


@every(seconds=5)
def follow(session: Session) -> None:
    erasure.FOLLOWER.follow_site(session)
