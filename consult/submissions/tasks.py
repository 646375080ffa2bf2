"""The submissions' chore: running counts stay short."""

from __future__ import annotations

from sqlalchemy.orm import Session

from consult.core.clock import every
from consult.core.db import try_lock
from consult.submissions import tally


@every(seconds=20)
def fold(session: Session) -> None:
    if try_lock(session, "tally.fold"):
        tally.fold(session)
