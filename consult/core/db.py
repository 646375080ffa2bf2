"""The database: our own declarative base, and Flask-SQLAlchemy for engine and session."""

from __future__ import annotations

import select
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Any

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
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column
from sqlalchemy.pool import Pool

Id = Annotated[int, mapped_column(BigInteger, Identity(), primary_key=True)]
BigInt = Annotated[int, mapped_column(BigInteger)]
Time = Annotated[datetime, mapped_column(DateTime(timezone=True))]
Json = Annotated[dict[str, Any], mapped_column(JSONB)]


class Base(DeclarativeBase):
    """Every table of Consult. Names of constraints are fixed so that migrations can name them."""

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
"""In a statement: until the transaction ends, statements are planned for the tables as they are now.

A connection keeps the plan of a statement that it has often sent. One that was made when tables were tiny reads a whole
table for each row that it looks up, and goes on to do so after a burst has filled them.
"""
_PLAN = text(f"SELECT {_PLAN_ANEW}")
_LOCK = text(f"SELECT pg_advisory_xact_lock(hashtext(:name), :key), {_PLAN_ANEW}")
_TRY_LOCK = text(f"SELECT pg_try_advisory_xact_lock(hashtext(:name), :key), {_PLAN_ANEW}")


class ReadMode(StrEnum):
    """How a request reads that changes nothing; see docs/decisions/0021-reading.md."""

    APART = "each statement for itself"
    WHOLE = "all in one transaction"


_READ_OPTIONS: dict[ReadMode, dict[str, Any]] = {
    ReadMode.APART: {"isolation_level": "AUTOCOMMIT", "reads": ReadMode.APART},
    ReadMode.WHOLE: {"postgresql_readonly": True},
}


class RequestSession(FlaskSession):
    """The session of a request or a task: of one database, so all there is to choose is how it is read."""

    def get_bind(self, *_what: Any, **_more: Any) -> Engine:
        how: ReadMode | None = self.info.get("reads")
        return _engine_for_reads(self._db.engine, how) if how else self._db.engine


@lru_cache(maxsize=16)
def _engine_for_reads(engine: Engine, how: ReadMode) -> Engine:
    """The same connections, otherwise begun."""
    return engine.execution_options(**_READ_OPTIONS[how])


db = SQLAlchemy(session_options={"class_": RequestSession})
"""Only engine and session are used: SQLAlchemy(model_class=Base) crashes on a base with a type_annotation_map."""


@event.listens_for(RequestSession, "after_begin")
def plan_anew(session: Session, _transaction: Any, connection: Connection) -> None:
    """Makes background work plan its statements for the tables as they are now: see `_PLAN_ANEW`."""
    if session.info.get("background"):
        connection.execute(_PLAN)


@event.listens_for(Pool, "connect")
def begin_read_write(connection: Any, _record: Any) -> None:
    """Transactions begin as READ WRITE, whatever the connection's default."""
    connection.read_only = False


@event.listens_for(Pool, "checkout")
def drop_ended_connection(connection: Any, _record: Any, _proxy: Any) -> None:
    """A database that restarted costs a reconnect, not an error.

    What is left of a lost connection is the news of its end: a look at the socket finds it without asking the server.
    """
    look = select.poll()
    look.register(connection.fileno(), select.POLLIN)
    if look.poll(0):
        raise InvalidatePoolError("The database ended this connection.")


@event.listens_for(Engine, "handle_error")
def strip_row_values(context: ExceptionContext) -> None:
    """Strips row values from database errors, so that no log contains personal data."""
    for error in (context.original_exception, context.sqlalchemy_exception):
        if error is not None and error.args:
            error.args = (str(error.args[0]).split("\nDETAIL:")[0], *error.args[1:])


def set_read_only(how: ReadMode) -> None:
    """The present request changes nothing; to be said before its first statement."""
    db.session.info["reads"] = how


@contextmanager
def transaction() -> Iterator[Session]:
    """A session that commits once at the end and leaves nothing after an exception. For tasks and commands."""
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
    """A connection beside that of the request, for one statement that reads."""
    with _engine_for_reads(db.engine, ReadMode.APART).connect() as connection:
        yield connection


@contextmanager
def separate_transaction() -> Iterator[Session]:
    """A transaction beside that of the request, kept whatever becomes of the request; on a connection of its own."""
    with Session(db.engine) as session, session.begin():
        yield session


def literal_number(number: int) -> Any:
    """A number that is written into a statement, as for LIMIT: without it PostgreSQL keeps no plan for the few rows."""
    return literal_column(str(number))


def advisory_lock(session: Session, name: str, key: int = 0) -> None:
    """Waits for the advisory lock of this name and key, held until the transaction ends; statements plan again.

    Who takes a lock works through what has come in since, which may be a burst.
    """
    session.execute(_LOCK, {"name": name, "key": key % 2**31})


def try_advisory_lock(session: Session, name: str, key: int = 0) -> bool:
    """Takes the advisory lock if it is free, as `lock` does; says whether it did."""
    return bool(session.scalar(_TRY_LOCK, {"name": name, "key": key % 2**31}))
