"""Connections outlive the server they lead to."""

from __future__ import annotations

from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

import consult.core.db  # noqa: F401 - looks after every pool


def test_a_database_that_restarted_costs_a_reconnect_not_an_error(database_url: str) -> None:
    engine, other = (create_engine(database_url, isolation_level="AUTOCOMMIT") for _each in range(2))
    with engine.connect() as connection:
        process = connection.scalar(text("SELECT pg_backend_pid()"))
    with other.connect() as connection:
        assert connection.scalar(text("SELECT pg_terminate_backend(:process, 5000)"), {"process": process})
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT pg_backend_pid()")) != process
    engine.dispose()
    other.dispose()


def test_no_statement_is_compiled_however_much_the_planner_fears(session: Session) -> None:
    assert session.scalar(text("SHOW jit")) == "off"
