"""The models and the migrations say the same, up and down."""

from __future__ import annotations

import os

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import create_engine, inspect, make_url, text

from consult.cli.database import migrate
from consult.core.db import Base


def test_migrations_make_exactly_the_models(application: Flask, database_url: str) -> None:
    engine = create_engine(database_url)
    with engine.connect() as connection:
        difference = compare_metadata(MigrationContext.configure(connection), Base.metadata)
    engine.dispose()
    assert difference == []


def test_migrations_go_down_to_nothing_and_up_again(database_url: str) -> None:
    name = f"consult_updown_{os.getpid()}"
    admin = create_engine(database_url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name}"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    url = make_url(database_url).set(database=name).render_as_string(hide_password=False)
    migrate(url)
    migrate(url, "base")
    engine = create_engine(url)
    assert set(inspect(engine).get_table_names()) <= {"alembic_version"}
    engine.dispose()
    migrate(url)
    engine = create_engine(url)
    assert "submission" in inspect(engine).get_table_names()
    engine.dispose()
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name}"))
    admin.dispose()


def test_tables_that_a_burst_goes_to_are_cleaned_and_looked_at_early(database_url: str) -> None:
    engine = create_engine(database_url)
    with engine.connect() as connection:
        asked = text("SELECT relname, reloptions FROM pg_class WHERE relname IN ('ledger', 'submission', 'comment')")
        options = {name: set(found or ()) for name, found in connection.execute(asked)}
    engine.dispose()
    assert all("autovacuum_analyze_scale_factor=0.02" in found for found in options.values())
    assert {"autovacuum_vacuum_scale_factor=0.01", "vacuum_index_cleanup=on"} <= options["ledger"]
