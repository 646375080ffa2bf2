"""Check whether the database schema is this release's.

Migrations are named by date; the database stores the last one.
"""

from __future__ import annotations

from functools import lru_cache

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from consult import ROOT


@lru_cache(maxsize=1)
def newest_migration() -> str:
    """Return the revision of this release's last migration: a date, with a letter if the day has several."""
    return max(path.name.partition("_")[0] for path in (ROOT / "migrations" / "versions").glob("[0-9]*.py"))


def is_schema_behind(database: Connection | Session) -> bool:
    """Return True if a migration of this release is missing. The database of a later release is not behind."""
    if database.scalar(text("SELECT to_regclass('alembic_version')")) is None:
        return True
    return str(database.scalar(text("SELECT max(version_num) FROM alembic_version")) or "") < newest_migration()
