"""Alembic's environment: one connection, passed on by `consult.cli.database`."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection, event

from consult.core.db import Base

LOCK_TIMEOUT = "5s"
"""Makes a migration fail rather than block all later queries in the lock queue of a table."""


def limit_wait(connection: Connection) -> None:
    """Set the lock timeout for this transaction only, since a pooler reuses the connection for other processes."""
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")


connection = context.config.attributes["connection"]
event.listen(connection, "begin", limit_wait)
context.configure(connection=connection, target_metadata=Base.metadata, transaction_per_migration=True)
with context.begin_transaction():
    context.run_migrations()
event.remove(connection, "begin", limit_wait)
