"""References to stored files. A file without a reference is erased after a day.

A foreign key to `stored_file` is a reference. References without a foreign key are added to `OTHER_CLAIMS`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import Select, select, union_all
from sqlalchemy.orm import Session

from consult.core.clock import now
from consult.core.db import Base
from consult.files import service
from consult.files.model import StoredFile

OTHER_CLAIMS: dict[str, Callable[[], Select[Any]]] = {}
"""Queries of one column with file IDs, by package. Registered at assembly."""
UNCLAIMED = timedelta(hours=24)
"""The time for which a file may have no reference, for example in an anonymous form that is not sent yet."""
_MOST_ERASED = 500


def select_claims() -> list[Select[Any]]:
    """Return queries of the IDs of files in use: one for each foreign key to files, and those in OTHER_CLAIMS."""
    columns = (
        column
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if any(key.column.table.name == StoredFile.__tablename__ for key in column.foreign_keys)
    )
    return [
        *(select(column).where(column.is_not(None)) for column in columns),
        *(OTHER_CLAIMS[name]() for name in sorted(OTHER_CLAIMS)),
    ]


def erase_unclaimed(session: Session) -> int:
    """Erase files without a reference and return their number.

    Files locked by another transaction that adds a reference are skipped; a reference added before the lock is seen.
    """
    claimed = union_all(*select_claims()).subquery()
    belongs = select(1).where(claimed.c[0] == StoredFile.id).exists()
    old = StoredFile.created_at < now() - UNCLAIMED, StoredFile.salt.is_not(None), ~belongs
    wanted = select(StoredFile.id).where(*old)
    locked = session.scalars(wanted.limit(_MOST_ERASED).with_for_update(skip_locked=True)).all()
    unclaimed = session.scalars(wanted.where(StoredFile.id.in_(locked))).all()
    service.erase(session, unclaimed)
    return len(unclaimed)
