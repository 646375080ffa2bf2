"""Settings of every database connection: timeouts, UTC, and the check of the seal key.

A direct connection gets them as start-up options. PgBouncer refuses or drops these, and in its transaction mode the
next transaction may run on another server connection. With it, no setting belongs to the session: each transaction sets
what it needs at its beginning, reads run in one transaction too, and no prepared statement has a name.
"""

from __future__ import annotations

from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.orm import Session

from consult.core.database import key_check
from consult.core.db import ReadMode
from consult.core.logs import log
from consult.core.settings import Settings

_SESSION_SETTINGS = {"timezone": "utc", "lock_timeout": "15s", "statement_timeout": "2min", "jit": "off"}
"""`jit=off`: our statements look up thousands of rows, and compiling one takes longer than any of them."""
_STARTUP_OPTIONS = (
    " ".join(f"-c {name}={value}" for name, value in _SESSION_SETTINGS.items()) + " -c default_transaction_read_only=on"
)
"""Of a connection of our own. What is not in a transaction changes nothing; those that are begun say that they may."""
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


def is_pooled(connection: Connection) -> bool:
    """Whether a pooler is in front: session settings may be lost there, or reach other transactions."""
    return bool(connection.info.get(_POOLED))


def count_connections(database: Connection | Session) -> tuple[int, int]:
    """How many connections the database has given out, and how many it gives to those who are not superusers."""
    row = database.execute(_CONNECTION_COUNT).one()
    return int(row[0]), int(row[1])


def configure_engine(engine: Engine, settings: Settings) -> None:
    """From now on the engine's connections are begun so. One under another seal key than the database's is refused."""
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
    """Whether the options did not arrive: PgBouncer with `ignore_startup_parameters = options`."""
    return connection.execute("SHOW lock_timeout").fetchone() != (_SESSION_SETTINGS["lock_timeout"],)


def _note_pooler(found: dict[str, bool]) -> None:
    found[_POOLED] = True
    log.info("database.pooler", said="A pooler takes no options: every transaction sets them for itself.")


def _begin_pooled(connection: Connection) -> None:
    """What only reads is a transaction here too: outside of one its limits would be those of somebody else."""
    if not is_pooled(connection):
        return
    options = connection.get_execution_options()
    driver: Any = connection.connection.driver_connection
    if options.get("reads") is ReadMode.APART:
        driver.autocommit = False
        driver.execute(_READ_ONLY + _SET_LOCAL)
    elif (
        not driver.autocommit
    ):  # with it, each statement is saved by itself: there is no transaction to set anything in
        driver.execute(_SET_LOCAL)
