"""The submissions' chores: running counts stay short, and old drafts go."""

from __future__ import annotations

from sqlalchemy.orm import Session

from consult.core.clock import every
from consult.core.db import try_lock
from consult.submissions import drafts, tally


@every(seconds=20)
def fold(session: Session) -> None:
    if try_lock(session, "tally.fold"):
        tally.fold(session)


@every(seconds=3600)
def purge(session: Session) -> None:
    drafts.purge(session)
