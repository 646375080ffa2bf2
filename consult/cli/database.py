"""Migrations, run from code so that no alembic.ini is needed."""

from __future__ import annotations

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


class MigrationRefused(Exception):
    """The database stays as it is; the message says why and what to do."""


def alembic_config(connection: Connection, versions: Sequence[Path] = (VERSIONS,)) -> Config:
    """Alembic's configuration for the migrations in these folders, bound to an open connection."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", "\n".join(map(str, versions)))
    config.attributes["connection"] = connection
    return config


def migrate(database_url: str, revision: str = "head", *, versions: Sequence[Path] = (VERSIONS,)) -> str | None:
    """Brings the database up to `revision` and gives where it then is; safe when several processes start at once.

    Each migration is a transaction of its own: what was reached stays when the next one fails. `base` empties the
    database. Raises MigrationRefused, and Alembic's CommandError for an unknown revision.
    """
    act = command.downgrade if revision == "base" else command.upgrade
    return _run(database_url, act, revision, versions)


def downgrade(database_url: str, revision: str, *, versions: Sequence[Path] = (VERSIONS,)) -> str | None:
    """Takes the database back to `revision`: for tests of migrations. An operator restores a backup instead."""
    return _run(database_url, command.downgrade, revision, versions)


def _run(
    database_url: str, act: Callable[[Config, str], object], revision: str, versions: Sequence[Path]
) -> str | None:
    engine = create_engine(database_url, poolclass=NullPool, connect_args={"prepare_threshold": None})
    with lock_migrations(engine), engine.connect() as connection:
        config = alembic_config(connection, versions)
        _check_present(connection, config)
        try:
            act(config, revision)
        except OperationalError as error:
            if not isinstance(error.orig, LockNotAvailable):
                raise
            raise MigrationRefused(
                "A table was in use for longer than 5 seconds, so the migration was given up and changed nothing. "
                "Run `consult migrate` again at a quieter moment."
            ) from error
        connection.rollback()
        return _get_revision(connection)


@contextmanager
def lock_migrations(engine: Engine) -> Iterator[None]:
    """One migrating process at a time: by a transaction beside, so that the lock holds behind a pooler too.

    Asked without parameters: else its snapshot would stay open, and CREATE INDEX CONCURRENTLY wait for it for ever.
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
    """Raises MigrationRefused where this release does not know the place at which the database is."""
    present = _get_revision(connection)
    known = {one.revision for one in ScriptDirectory.from_config(config).walk_revisions()}
    if present is None or present in known:
        return
    if present > max(known):
        raise MigrationRefused(f"The database is at {present}, of a later release than this one. Nothing was changed.")
    raise MigrationRefused(
        f"The database is at {present}, of a version before the first release, from which there is no way on: keep it "
        "with that version, or give an empty database. Nothing was changed."
    )


def new_revision(database_url: str, name: str, day: date) -> None:
    """Writes the next migration from the difference between models and database, to be read and mended by hand."""
    engine = create_engine(database_url)
    with engine.connect() as connection:
        command.revision(alembic_config(connection), name, autogenerate=True, rev_id=f"{day:%Y%m%d}")
    engine.dispose()
