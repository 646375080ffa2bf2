"""Check before a command that the database has this release's schema and key, with advice if not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import click
from flask import Flask
from sqlalchemy import Connection, NullPool, create_engine

from consult import create_app
from consult.core import time_check
from consult.core.database import connections, key_check
from consult.core.database.schema_check import is_schema_behind
from consult.core.settings import Settings, SettingsError


@lru_cache(maxsize=16)
def warn(said: str) -> None:
    """Print a warning for the operator at the start, once per process and its forks."""
    click.echo(f"Warning: {said}", err=True)


@contextmanager
def _unpooled_connection(settings: Settings) -> Iterator[Connection]:
    """Open an unpooled autocommit connection."""
    engine = create_engine(
        settings.database_url,
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
        connect_args={"connect_timeout": 10, "prepare_threshold": None},
    )
    with engine.connect() as connection:
        yield connection


def require_ready(settings: Settings, *, opens: int = 0, seals: bool = False) -> None:
    """Raise SettingsError if the database is behind this release or its records are encrypted with another key.

    Before that, check production settings if `seals`. Warns if processes may open more connections (`opens`) than the
    database allows.
    """
    with _unpooled_connection(settings) as connection:
        if is_schema_behind(connection):
            raise SettingsError("The database is empty or from an older release. Run `consult migrate`.")
        if seals:
            settings.require_production()
        _require_key(connection, settings)
        most = connections.count_connections(connection)[1]
        if opens > most:
            warn(
                f"These processes may open {opens} connections, but the database allows {most} in all. Raise its "
                "max_connections, lower CONSULT_DATABASE_POOL, or start fewer processes or threads."
            )


def require_key(settings: Settings) -> None:
    """Raise SettingsError if records are encrypted with another key. Store a check value if there is none."""
    with _unpooled_connection(settings) as connection:
        _require_key(connection, settings)


def _require_key(connection: Connection, settings: Settings) -> None:
    driver: Any = connection.connection.driver_connection
    key_check.require_key(driver, settings)


def application(settings: Settings | None = None, *, seals: bool = False) -> Flask:
    """Return the application after checking the schema and key of the database.

    Commands that create e-mails (`seals`) need production settings: the real key, and the URL for links.
    """
    settings = settings or Settings()
    require_ready(settings, seals=seals)
    made = create_app(settings)
    time_check.name_process("command")
    with made.app_context():
        time_check.measure()
    return made
