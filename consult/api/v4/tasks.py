"""Periodic task that gives published submissions the times that clients page by."""

from __future__ import annotations

from sqlalchemy.orm import Session

from consult.api.v4 import stamps
from consult.core.clock import every


@every(seconds=3)
def follow(session: Session) -> None:
    stamps.follow(session)
