"""A request that reads changes nothing, and leaves the connection what it learned."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import InternalError
from sqlalchemy.orm import Session
from werkzeug.test import EnvironBuilder

from consult.core.db import ReadMode, db, set_read_only

_WRITE = text("INSERT INTO heartbeat (name, at, detail) VALUES ('test', now(), '{}')")
_MOMENT = text("SELECT now()")
_PREPARED = text("SELECT pg_backend_pid(), count(*) FROM pg_prepared_statements WHERE statement = :words")


@contextmanager
def request(app: Flask, how: ReadMode | None) -> Iterator[Session]:
    """A session of its own, which ends as that of a request does."""
    with app.app_context():
        if how:
            set_read_only(how)
        yield db.session()


@pytest.mark.parametrize("how", ReadMode)
def test_what_only_reads_can_write_nothing(app: Flask, how: ReadMode) -> None:
    with request(app, how) as session, pytest.raises(InternalError, match="read-only transaction"):
        session.execute(_WRITE)


def test_what_writes_can_after_another_read_on_the_same_connection(app: Flask) -> None:
    for how in ReadMode:
        with request(app, how) as session:
            session.execute(_MOMENT)
    with request(app, None) as session:
        assert session.scalar(text(f"{_WRITE} RETURNING name")) == "test"


def test_only_what_reads_as_a_whole_stands_at_one_moment(app: Flask) -> None:
    with request(app, ReadMode.WHOLE) as session:
        assert session.scalar(_MOMENT) == session.scalar(_MOMENT)
    with request(app, ReadMode.APART) as session:
        assert session.scalar(_MOMENT) != session.scalar(_MOMENT)


def test_statements_stay_prepared_from_one_reader_to_the_next(app: Flask) -> None:
    """Of each connection by itself: another thread may have taken or given one back, and then the next is another."""
    served: Counter[int] = Counter()
    for _reader in range(10 * 2 * app.config["SETTINGS"].database_pool):  # one of them serves ten, however they change
        with request(app, ReadMode.APART) as session:
            session.execute(_MOMENT)
            connection, prepared = session.execute(_PREPARED, {"words": str(_MOMENT)}).one()
        served[connection] += 1
        if served[connection] == 10:
            break
    assert (served[connection], prepared) == (10, 1)


@pytest.mark.parametrize("path", ["/log.csv", "/search.csv?q=words", "/search.jsonl?q=words"])
def test_a_file_that_is_sent_while_it_is_read_gives_its_connection_back(app: Flask, path: str) -> None:
    taken = db.engine.pool.checkedout()  # type: ignore[attr-defined]
    for _visitor in range(3):
        sent = app.wsgi_app(EnvironBuilder(path).get_environ(), lambda *_head: lambda _body: None)
        b"".join(sent)
        sent.close()
    assert db.engine.pool.checkedout() == taken  # type: ignore[attr-defined]
