"""Alembic's environment: one connection, handed over by `consult.cli.database`."""

from __future__ import annotations

from alembic import context

from consult.core.db import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
with context.begin_transaction():
    context.run_migrations()
