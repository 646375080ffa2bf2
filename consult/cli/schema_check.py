"""Checks before a command that the database has this release's tables and key; explains what to do if not."""

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
    """One line for the operator at the start, once in a process and its copies."""
    click.echo(f"Warning: {said}", err=True)


@contextmanager
def _unpooled_connection(settings: Settings) -> Iterator[Connection]:
    """A connection of no pool, of which nothing is left open. Each statement is for itself."""
    engine = create_engine(
        settings.database_url,
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
        connect_args={"connect_timeout": 10, "prepare_threshold": None},
    )
    with engine.connect() as connection:
        yield connection


def require_ready(settings: Settings, *, opens: int = 0, seals: bool = False) -> None:
    """A sentence where the database is behind this release, or its records are sealed with another key.

    Before the key is looked at, one where what `seals` has not what production has.

    A warning where the processes that are to be started may open more connections than it gives.
    """
    with _unpooled_connection(settings) as connection:
        if is_schema_behind(connection):
            raise SettingsError("The database is empty or of an older release: run `consult migrate`.")
        if seals:
            settings.require_production()
        _require_key(connection, settings)
        most = connections.count_connections(connection)[1]
        if opens > most:
            warn(
                f"These processes may open {opens} connections, and the database gives {most} in all: raise its "
                "max_connections, or lower CONSULT_DATABASE_POOL, or start fewer processes or threads."
            )


def require_key(settings: Settings) -> None:
    """A sentence where the database's records are sealed with another key; one that had no check value gets it."""
    with _unpooled_connection(settings) as connection:
        _require_key(connection, settings)


def _require_key(connection: Connection, settings: Settings) -> None:
    driver: Any = connection.connection.driver_connection
    key_check.require_key(driver, settings)


def application(*, seals: bool = False) -> Flask:
    """The application, on a database that is not behind it and has its key.

    A command that `seals` letters needs what production has: the real key, and the address that links lead to.
    """
    settings = Settings()
    require_ready(settings, seals=seals)
    made = create_app(settings)
    time_check.name_process("command")
    with made.app_context():
        time_check.measure()
    return made
