"""Whether the tables are those of this release: migrations are numbered, and the database keeps the last number."""

from __future__ import annotations

from functools import lru_cache

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from consult import ROOT


@lru_cache(maxsize=1)
def newest() -> str:
    """The number of this release's last migration."""
    return max(path.name[:4] for path in (ROOT / "migrations" / "versions").glob("[0-9]*.py"))


def behind(database: Connection | Session) -> bool:
    """Whether a migration of this release has not been done. The database of a later release is not behind."""
    if database.scalar(text("SELECT to_regclass('alembic_version')")) is None:
        return True
    return str(database.scalar(text("SELECT max(version_num) FROM alembic_version")) or "") < newest()
