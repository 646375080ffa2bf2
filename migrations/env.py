"""Alembic's environment: one connection, handed over by `consult.cli.database`."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection, event

from consult.core.db import Base

LOCK_TIMEOUT = "5s"
"""A migration gives up instead of holding up everybody who comes after it in the queue for a table."""


def limit_wait(connection: Connection) -> None:
    """For this transaction only: behind a pooler another process gets the connection next."""
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")


connection = context.config.attributes["connection"]
event.listen(connection, "begin", limit_wait)
context.configure(connection=connection, target_metadata=Base.metadata, transaction_per_migration=True)
with context.begin_transaction():
    context.run_migrations()
event.remove(connection, "begin", limit_wait)
