"""Connections outlive the server they lead to."""

from __future__ import annotations

import traceback

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError
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


def test_an_error_that_is_logged_holds_nothing_of_what_was_to_be_written(session: Session) -> None:
    row = text("INSERT INTO heartbeat (name, at, detail) VALUES (:name, now(), '{}')")
    session.execute(row, {"name": "words-of-somebody"})
    for values in ({"name": "words-of-somebody"}, {"name": None}):
        with pytest.raises(IntegrityError) as caught, session.begin_nested():
            session.execute(row, values)
        said = "".join(traceback.format_exception(caught.value))
        assert "constraint" in said
        assert "words-of-somebody" not in said
        assert "DETAIL" not in said
