"""The database: our own declarative base, and Flask-SQLAlchemy for engine and session."""

from __future__ import annotations

import select
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Any

import psycopg
from flask.globals import app_ctx
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import (
    BigInteger,
    Connection,
    DateTime,
    Engine,
    Enum,
    Identity,
    MetaData,
    Text,
    event,
    literal_column,
    text,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError, InvalidatePoolError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column, scoped_session
from sqlalchemy.orm.attributes import InstrumentedAttribute
from sqlalchemy.pool import Pool

Id = Annotated[int, mapped_column(BigInteger, Identity(), primary_key=True)]
BigInt = Annotated[int, mapped_column(BigInteger)]
Time = Annotated[datetime, mapped_column(DateTime(timezone=True))]
Json = Annotated[dict[str, Any], mapped_column(JSONB)]


class Base(DeclarativeBase):
    """The base of all tables. Constraint names are fixed so that migrations can refer to them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
        list[Any]: JSONB,
        str: Text(),
        StrEnum: Enum(
            StrEnum, native_enum=False, length=24, values_callable=lambda kind: [item.value for item in kind]
        ),
    }


_PLAN_ANEW = "set_config('plan_cache_mode', 'force_custom_plan', true)"
"""An expression that makes PostgreSQL plan statements for current table sizes until the transaction ends.

A connection caches the plan of a frequent statement. A plan made when tables were tiny scans a whole table for each row
that it looks up, even after a burst has filled them.
"""
_PLAN = text(f"SELECT {_PLAN_ANEW}")
_LOCK = text(f"SELECT pg_advisory_xact_lock(hashtext(:name), :key), {_PLAN_ANEW}")
_TRY_LOCK = text(f"SELECT pg_try_advisory_xact_lock(hashtext(:name), :key), {_PLAN_ANEW}")


class ReadMode(StrEnum):
    """The transaction mode of a read-only request. See docs/decisions/0021-reading.md."""

    APART = "each statement for itself"
    WHOLE = "all in one transaction"


_READ_OPTIONS: dict[ReadMode, dict[str, Any]] = {
    ReadMode.APART: {"isolation_level": "AUTOCOMMIT", "reads": ReadMode.APART},
    ReadMode.WHOLE: {"postgresql_readonly": True, "reads": ReadMode.WHOLE},
}


class RequestSession(FlaskSession):
    """The session of a request or a task. There is one database, so only the read mode is chosen.

    If its connection is lost, the server has rolled back. `rollback` and `close` then discard the connection without
    raising, so that the original error is not replaced and the session can be used again.
    """

    def get_bind(self, *_what: Any, **_more: Any) -> Engine:
        how: ReadMode | None = self.info.get("reads")
        return _engine_for_reads(self._db.engine, how) if how else self._db.engine

    def rollback(self) -> None:
        self._end(super().rollback)

    def close(self) -> None:
        self._end(super().close)

    def _end(self, end: Callable[[], None]) -> None:
        try:
            end()
        except DBAPIError:
            self.invalidate()
        except BaseException:  # such as a task's time limit in the middle of it
            self.invalidate()
            raise


class ContextSessions(scoped_session[FlaskSession]):
    """Sessions by application context. Each is removed when its context ends, even if closing it fails.

    The key is the context itself, because Python reuses its `id()`.
    """

    def remove(self) -> None:
        try:
            super().remove()
        finally:
            self.registry.clear()


@lru_cache(maxsize=16)
def _engine_for_reads(engine: Engine, how: ReadMode) -> Engine:
    """Return an engine that shares the connections and begins transactions in this read mode."""
    return engine.execution_options(**_READ_OPTIONS[how])


db = SQLAlchemy(session_options={"class_": RequestSession})
"""Only engine and session are used: SQLAlchemy(model_class=Base) crashes on a base with a type_annotation_map."""
db.session = ContextSessions(db.session.session_factory, lambda: app_ctx._get_current_object())  # type: ignore[attr-defined]


@event.listens_for(RequestSession, "after_begin")
def plan_anew(session: Session, _transaction: Any, connection: Connection) -> None:
    """Make background work plan its statements for current table sizes. See `_PLAN_ANEW`."""
    if session.info.get("background"):
        connection.execute(_PLAN)


@event.listens_for(Pool, "connect")
def begin_read_write(connection: Any, _record: Any) -> None:
    """Begin transactions as READ WRITE, whatever the connection's default."""
    connection.read_only = False


@event.listens_for(Pool, "checkout")
def drop_ended_connection(connection: Any, _record: Any, _proxy: Any) -> None:
    """Reconnect after the database restarted.

    A lost connection has a pending end-of-file on its socket, which is found without asking the server.
    """
    look = select.poll()
    look.register(connection.fileno(), select.POLLIN)
    if look.poll(0):
        raise InvalidatePoolError("The database ended this connection.")


@event.listens_for(Engine, "handle_error")
def strip_row_values(context: ExceptionContext) -> None:
    """Strip row values from database errors, so that logs contain no personal data."""
    for error in (context.original_exception, context.sqlalchemy_exception):
        if error is not None and error.args:
            error.args = (str(error.args[0]).split("\nDETAIL:")[0], *error.args[1:])


@event.listens_for(Engine, "handle_error", retval=True)
def raise_as_outage(context: ExceptionContext) -> OperationalError | None:
    """Treat two errors as lost connections: nothing was stored, and the connections are dropped.

    A standby rejects writes, and after a failover a pooler may still lead to it. The driver has a separate error for a
    pooler that closes the connection during a response.
    """
    error, options = context.original_exception, context.connection and context.connection.get_execution_options()
    standby = isinstance(error, psycopg.errors.ReadOnlySqlTransaction) and "reads" not in (options or {})
    broken_off = isinstance(error, psycopg.InternalError) and error.sqlstate is None
    if not standby and not broken_off:
        return None
    context.is_disconnect = True
    return OperationalError(context.statement, None, error)


def set_read_only(how: ReadMode) -> None:
    """Declare that the current request changes nothing. Call it before its first statement."""
    db.session.info["reads"] = how


@contextmanager
def transaction() -> Iterator[Session]:
    """Open a session that commits once at the end and rolls back after an exception. For tasks and commands."""
    session = db.session()
    session.info["background"] = True
    try:
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        db.session.remove()


@contextmanager
def autocommit_connection() -> Iterator[Connection]:
    """Open another connection besides the request's, for one statement that reads."""
    with _engine_for_reads(db.engine, ReadMode.APART).connect() as connection:
        yield connection


@contextmanager
def separate_transaction() -> Iterator[Session]:
    """Open a transaction on a separate connection. It is committed whatever happens to the request."""
    with RequestSession(db) as session, session.begin():
        yield session


def literal_number(number: int) -> Any:
    """Return a number as an SQL literal, for example for LIMIT, so that PostgreSQL plans for few rows."""
    return literal_column(str(number))


def as_word(column: InstrumentedAttribute[Any]) -> Any:
    """Return a column to select. An enum is read as its stored text, so that unknown values can be read."""
    return type_coerce(column, Text).label(column.key) if isinstance(column.type, Enum) else column


def advisory_lock(session: Session, name: str, key: int = 0) -> None:
    """Wait for the advisory lock of this name and key, held until the transaction ends.

    Statements are then planned for current table sizes, because the holder may process a burst of new rows.
    """
    session.execute(_LOCK, {"name": name, "key": key % 2**31})


def try_advisory_lock(session: Session, name: str, key: int = 0) -> bool:
    """Take the advisory lock if it is free, as `advisory_lock` does, and return True if it was taken."""
    return bool(session.scalar(_TRY_LOCK, {"name": name, "key": key % 2**31}))
