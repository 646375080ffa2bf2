"""Settings of every database connection: timeouts, UTC, and the check of the seal key.

Direct connections get them as start-up options. PgBouncer rejects or drops these, and in its transaction mode the next
transaction may use another server connection. Behind it, no setting belongs to the session: each transaction sets what
it needs at its start, reads run in one transaction too, and prepared statements are not used.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from consult.core.database import key_check
from consult.core.db import ReadMode
from consult.core.logs import log
from consult.core.settings import Settings

_SESSION_SETTINGS = {"timezone": "utc", "lock_timeout": "15s", "statement_timeout": "2min", "jit": "off"}
"""`jit=off`: statements look up thousands of rows, and compiling one takes longer than running it."""
_STARTUP_OPTIONS = (
    " ".join(f"-c {name}={value}" for name, value in _SESSION_SETTINGS.items()) + " -c default_transaction_read_only=on"
)
"""Options of direct connections. They are read-only by default; transactions that write say so."""
_SET_LOCAL = "; ".join(f"SET LOCAL {name} = '{value}'" for name, value in _SESSION_SETTINGS.items())
_READ_ONLY = "SET TRANSACTION READ ONLY; "
_OPTIONS_REFUSED = "unsupported startup parameter"
_POOLED = "pooled"
_CONNECTION_COUNT = text(
    """
    SELECT count(datid),
        current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
    FROM pg_stat_activity
    """
)

_OLDEST_TRANSACTION = text(
    """
    SELECT clock_timestamp() - min(xact_start) FROM pg_stat_activity
    WHERE datname = current_database() AND usename = current_user AND backend_type = 'client backend'
        AND application_name <> 'pg_dump' AND pid <> pg_backend_pid()
    """
)
"""Leaves out dumps: each holds a transaction for as long as it takes, and nothing waits for it."""


def measure_size(session: Session) -> int:
    """Return the size of this database in bytes."""
    return int(session.scalar(text("SELECT pg_database_size(current_database())")) or 0)


def is_pooled(connection: Connection) -> bool:
    """Return True behind a pooler, where session settings may be lost or leak into other transactions."""
    return bool(connection.info.get(_POOLED))


def count_connections(database: Connection | Session) -> tuple[int, int]:
    """Return the number of open database connections, and the maximum for non-superusers."""
    row = database.execute(_CONNECTION_COUNT).one()
    return int(row[0]), int(row[1])


def find_oldest_transaction(session: Session) -> timedelta | None:
    """Return the age of the oldest open transaction of this site except backups, or None if there is none."""
    age: timedelta | None = session.execute(_OLDEST_TRANSACTION).scalar_one()
    return age


def configure_engine(engine: Engine, settings: Settings) -> None:
    """Configure how the engine opens connections. They are refused if the database uses another seal key."""
    found = {_POOLED: False}

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: Dialect, _record: Any, _given: Any, named: dict[str, Any]) -> psycopg.Connection[Any]:
        if not found[_POOLED]:
            try:
                return psycopg.connect(**(named | {"options": _STARTUP_OPTIONS}))
            except psycopg.OperationalError as error:
                if _OPTIONS_REFUSED not in str(error):
                    raise
                _note_pooler(found)
        return psycopg.connect(**named, prepare_threshold=None)

    @event.listens_for(engine, "connect")
    def check(connection: psycopg.Connection[Any], record: Any) -> None:
        try:
            connection.autocommit = True
            if not found[_POOLED] and _are_options_dropped(connection):
                _note_pooler(found)
            if found[_POOLED]:
                connection.prepare_threshold = None
                record.info[_POOLED] = True
            key_check.require_key(connection, settings)
            connection.autocommit = False
        except BaseException:
            connection.close()
            raise

    event.listen(engine, "begin", _begin_pooled)


def _are_options_dropped(connection: psycopg.Connection[Any]) -> bool:
    """Return True if PgBouncer dropped the options (`ignore_startup_parameters = options`)."""
    return connection.execute("SHOW lock_timeout").fetchone() != (_SESSION_SETTINGS["lock_timeout"],)


def _note_pooler(found: dict[str, bool]) -> None:
    found[_POOLED] = True
    log.info("database.pooler", said="The pooler accepts no options, so every transaction sets them.")


def _begin_pooled(connection: Connection) -> None:
    """Begin a transaction if a pooler is used, also for reads.

    Limits set outside a transaction could reach another client.
    """
    if not is_pooled(connection):
        return
    driver: Any = connection.connection.driver_connection
    reads = connection.get_execution_options().get("reads") is ReadMode.APART
    if driver.autocommit and not reads:
        return  # in autocommit mode there is no transaction to set anything in
    try:
        driver.autocommit = False
        driver.execute(_READ_ONLY * reads + _SET_LOCAL)
    except psycopg.OperationalError as error:  # as SQLAlchemy does for errors of its own statements
        connection.invalidate(error)
        raise OperationalError(_SET_LOCAL, None, error) from error
