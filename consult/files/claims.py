"""Which stored files belong to something. What no claim names is destroyed after a day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import Select, select, union_all
from sqlalchemy.orm import Session

from consult.core.clock import now
from consult.files import service
from consult.files.model import StoredFile

CLAIMS: dict[str, Callable[[], Select[Any]]] = {}
"""By package: a select of one column, the ids of the files that belong to its rows. Registered at assembly."""
UNCLAIMED = timedelta(hours=24)
"""How long a file may belong to nothing, as those do that are in a form without identity and are not sent yet."""
_MOST_ERASED = 500


def erase_unclaimed(session: Session) -> int:
    """Destroys files that belong to nothing any more; gives how many.

    A file that somebody locks to claim it is left; one that was claimed before it was locked here is seen by then.
    """
    claimed = union_all(*(CLAIMS[name]() for name in sorted(CLAIMS))).subquery()
    belongs = select(1).where(claimed.c[0] == StoredFile.id).exists()
    old = StoredFile.created_at < now() - UNCLAIMED, StoredFile.salt.is_not(None), ~belongs
    wanted = select(StoredFile.id).where(*old)
    locked = session.scalars(wanted.limit(_MOST_ERASED).with_for_update(skip_locked=True)).all()
    unclaimed = session.scalars(wanted.where(StoredFile.id.in_(locked))).all()
    service.erase(session, unclaimed)
    return len(unclaimed)
