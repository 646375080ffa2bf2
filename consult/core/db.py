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
from flask_sqlalchemy.session import Session as OwnSession
from sqlalchemy import BigInteger, DateTime, Engine, Enum, Identity, MetaData, Text, event, literal_column, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column
from sqlalchemy.pool import Pool

Id = Annotated[int, mapped_column(BigInteger, Identity(), primary_key=True)]
Big = Annotated[int, mapped_column(BigInteger)]
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


_LOCK = text("SELECT pg_advisory_xact_lock(hashtext(:name), :key)")


class Reads(StrEnum):
    """How a request reads that changes nothing; see docs/decisions/0021-reading.md."""

    APART = "each statement for itself"
    WHOLE = "all in one transaction"


_OPTIONS: dict[Reads, dict[str, Any]] = {
    Reads.APART: {"isolation_level": "AUTOCOMMIT"},
    Reads.WHOLE: {"postgresql_readonly": True},
}
UNCOMPILED = "-c jit=off"
"""Option of a connection: our statements look up thousands of rows, and compiling one takes longer than any of them."""
READ_ONLY = "-c default_transaction_read_only=on"
"""Option of a connection: what is not in a transaction changes nothing. Those that are begun say that they may."""


class RequestSession(OwnSession):
    """The session of a request or a task: of one database, so all there is to choose is how it is read."""

    def get_bind(self, *_what: Any, **_more: Any) -> Engine:
        how: Reads | None = self.info.get("reads")
        return _reading(self._db.engine, how) if how else self._db.engine


@lru_cache(maxsize=16)
def _reading(engine: Engine, how: Reads) -> Engine:
    """The same connections, otherwise begun."""
    return engine.execution_options(**_OPTIONS[how])


db = SQLAlchemy(session_options={"class_": RequestSession})
"""Only engine and session are used: SQLAlchemy(model_class=Base) crashes on a base with a type_annotation_map."""


@event.listens_for(Pool, "connect")
def writes(connection: Any, _record: Any) -> None:
    """Transactions begin as READ WRITE, whatever the connection's default."""
    connection.read_only = False


@event.listens_for(Pool, "checkout")
def renew(connection: Any, _record: Any, _proxy: Any) -> None:
    """A database that restarted costs a reconnect, not an error.

    What is left of a lost connection is the news of its end: a look at the socket finds it without asking the server.
    """
    look = select.poll()
    look.register(connection.fileno(), select.POLLIN)
    if look.poll(0):
        raise InvalidatePoolError("The database ended this connection.")


@event.listens_for(Engine, "handle_error")
def say_no_values(context: ExceptionContext) -> None:
    """An error names the constraint, not the row that did not fit: whatever is logged of it holds nobody's words."""
    for error in (context.original_exception, context.sqlalchemy_exception):
        if error is not None and error.args:
            error.args = (str(error.args[0]).split("\nDETAIL:")[0], *error.args[1:])


def only_read(how: Reads) -> None:
    """The present request changes nothing; to be said before its first statement."""
    db.session.info["reads"] = how


@contextmanager
def transaction() -> Iterator[Session]:
    """A session that commits once at the end and leaves nothing after an exception. For tasks and commands."""
    session = db.session()
    try:
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        db.session.remove()


def fixed(number: int) -> Any:
    """A number that is written into a statement, as for LIMIT: without it PostgreSQL keeps no plan for the few rows."""
    return literal_column(str(number))


def lock(session: Session, name: str, key: int = 0) -> None:
    """Waits for the advisory lock of this name and key, held until the transaction ends."""
    session.execute(_LOCK, {"name": name, "key": key % 2**31})


def try_lock(session: Session, name: str, key: int = 0) -> bool:
    """Takes the advisory lock if it is free, until the transaction ends; says whether it did."""
    found = session.scalar(
        text("SELECT pg_try_advisory_xact_lock(hashtext(:name), :key)"), {"name": name, "key": key % 2**31}
    )
    return bool(found)
