"""Database migrations, run from code so that no alembic.ini is needed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from psycopg.errors import LockNotAvailable
from sqlalchemy import Connection, Engine, NullPool, create_engine
from sqlalchemy.exc import OperationalError

from consult import ROOT

VERSIONS = ROOT / "migrations" / "versions"
_LOCK = 7_270_001
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 15.0
"""Seconds before a migration that found a table in use is tried again."""


class MigrationRefused(Exception):
    """The migration was not started. The message gives the reason and what to do."""


def alembic_config(connection: Connection, versions: Sequence[Path] = (VERSIONS,)) -> Config:
    """Return Alembic's configuration for migrations in these folders, bound to an open connection."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", "\n".join(map(str, versions)))
    config.attributes["connection"] = connection
    return config


def migrate(
    database_url: str, revision: str = "head", *, versions: Sequence[Path] = (VERSIONS,), wait: float = 0
) -> str | None:
    """Migrate to `revision` and return the resulting revision. Safe if several processes start together.

    Each migration has its own transaction: completed ones are kept if the next fails. One that finds a table in use is
    tried again for `wait` seconds. `base` empties the database. Raises MigrationRefused, and Alembic's CommandError for
    an unknown revision.
    """
    act = command.downgrade if revision == "base" else command.upgrade
    return _run(database_url, act, revision, versions, wait)


def downgrade(database_url: str, revision: str, *, versions: Sequence[Path] = (VERSIONS,)) -> str | None:
    """Downgrade to `revision`, for tests of migrations. Operators restore a backup instead."""
    return _run(database_url, command.downgrade, revision, versions, 0)


def _run(
    database_url: str, act: Callable[[Config, str], object], revision: str, versions: Sequence[Path], wait: float
) -> str | None:
    engine = create_engine(database_url, poolclass=NullPool, connect_args={"prepare_threshold": None})
    deadline, pause = time.monotonic() + wait, _FIRST_PAUSE
    with lock_migrations(engine):
        with engine.connect() as connection:
            _check_present(connection, alembic_config(connection, versions))
            before = _get_revision(connection)
        while not _run_once(engine, act, revision, versions):
            if time.monotonic() + pause > deadline:
                raise MigrationRefused(_describe_progress(engine, before))
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)
        with engine.connect() as connection:
            return _get_revision(connection)


def _run_once(engine: Engine, act: Callable[[Config, str], object], revision: str, versions: Sequence[Path]) -> bool:
    """Run the migrations. Return False if one of them waited too long for a table."""
    with engine.connect() as connection:
        try:
            act(alembic_config(connection, versions), revision)
        except OperationalError as error:
            if not isinstance(error.orig, LockNotAvailable):
                raise
            return False
    return True


def _describe_progress(engine: Engine, before: str | None) -> str:
    """Return what was kept of migrations that began at the revision `before` and found a table in use."""
    with engine.connect() as connection:
        reached = _get_revision(connection)
    kept = "Nothing was changed" if reached == before else f"The migrations before it were kept (from {before})"
    return (
        f"A table was in use for more than 5 seconds, so the next migration did not run. {kept}: the database is at "
        f"{reached}. Run `consult migrate` again when the site is less busy, or add --wait 10m."
    )


@contextmanager
def lock_migrations(engine: Engine) -> Iterator[None]:
    """Allow one migrating process at a time.

    The lock is held by a separate transaction, so that it also works behind a connection pooler. The query has no
    parameters: otherwise its snapshot would stay open and block CREATE INDEX CONCURRENTLY.
    """
    with engine.begin() as beside:
        driver: Any = beside.connection.driver_connection
        driver.execute(f"SELECT pg_advisory_xact_lock({_LOCK})")
        yield


def _get_revision(connection: Connection) -> str | None:
    reached: str | None = MigrationContext.configure(connection).get_current_revision()
    connection.rollback()
    return reached


def _check_present(connection: Connection, config: Config) -> None:
    """Raise MigrationRefused if this release does not know the database's revision."""
    present = _get_revision(connection)
    known = {revision.revision for revision in ScriptDirectory.from_config(config).walk_revisions()}
    if present is None or present in known:
        return
    if present > max(known):
        raise MigrationRefused(f"The database is at {present}, from a later release. Nothing was changed.")
    raise MigrationRefused(
        f"The database is at {present}, from before the first release, and cannot be migrated. Keep it with that "
        "version, or use an empty database. Nothing was changed."
    )


def new_revision(database_url: str, name: str, day: date) -> None:
    """Write a new migration from the difference between models and database, for manual editing."""
    engine = create_engine(database_url)
    with engine.connect() as connection:
        command.revision(alembic_config(connection), name, autogenerate=True, rev_id=f"{day:%Y%m%d}")
    engine.dispose()
