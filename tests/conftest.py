"""A real PostgreSQL, a real Redis, and a fresh database for each test process.

CONSULT_TEST_DATABASE_URL and CONSULT_TEST_REDIS_URL name servers to use; without them the embedded ones are started.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
import time_machine
from flask import Flask, has_app_context
from flask.testing import FlaskClient
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from consult import create_app
from consult.cli.database import migrate
from consult.core import queue, time_check
from consult.core.db import db
from consult.core.settings import Secret, Settings
from consult.core.web import face, page_cache
from consult.core.web.limits import limiter
from consult.embedded import servers
from tests import factories, signing

hypothesis_settings.register_profile("consult", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("consult")  # a machine that is busy is no defect

collect_ignore = ["submissions/extra_field.py"]  # must be loaded before Consult, so not for its doctests

KEY = "only-for-tests-5b1e09c7d2f4a8637e60"
"""What everything in a test is sealed with: of the pages, and of the commands that a test runs beside them."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--drill-size", type=int, default=400, help="letters in each drill; 8000 is the full size")
    parser.addoption("--drill-seed", type=int, default=7, help="what chance begins with in the drills that have any")
    parser.addoption("--bad-inputs", type=int, default=300, help="bad requests in tests/abuse; 6000 is the full number")
    parser.addoption("--at", metavar="MOMENT", help="the moment at which the tests begin, such as 2027-12-31T23:30Z")


MEASURE = time_check.measure
"""What processes do and tests do not: a test that moves the clock of its process means it."""


def pytest_configure(config: pytest.Config) -> None:
    """With `--at` the clock of this process is put there, and goes on. The database's keeps the true time."""
    time_check.measure = lambda: None
    if moment := config.getoption("--at"):
        moved = time_machine.travel(datetime.fromisoformat(moment), tick=True)
        moved.start()
        config.add_cleanup(moved.stop)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--at"):
        apart = pytest.mark.skip(reason="its processes, or its browser, have the true time")
        for item in items:
            if any(item.get_closest_marker(name) for name in ("browser", "drill")):
                item.add_marker(apart)


@pytest.fixture
def drill_size(request: pytest.FixtureRequest) -> int:
    return int(request.config.getoption("--drill-size"))


@pytest.fixture
def chance(request: pytest.FixtureRequest) -> Random:
    """The chance of a drill."""
    return Random(int(request.config.getoption("--drill-seed")))


@pytest.fixture(scope="session")
def server_urls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """A PostgreSQL to make databases in, and a Redis."""
    database, redis = os.environ.get("CONSULT_TEST_DATABASE_URL"), os.environ.get("CONSULT_TEST_REDIS_URL")
    if database and redis:
        yield database, redis
        return
    with servers(tmp_path_factory.mktemp("servers"), print) as urls:
        _forget_safety(urls.database)
        yield database or urls.database, redis or urls.redis


def _forget_safety(server_url: str) -> None:
    """Turns fsync off in the tests' own PostgreSQL: its data end with the run."""
    admin = create_engine(server_url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        for setting in ("fsync", "full_page_writes"):
            connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
    admin.dispose()


@contextmanager
def made(server_url: str, kind: str) -> Iterator[str]:
    """A database of this test process's own, without tables."""
    server, name = make_url(server_url), f"consult_{kind}_{os.getpid()}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    yield server.set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    admin.dispose()


@pytest.fixture(scope="session")
def database_url(server_urls: tuple[str, str]) -> Iterator[str]:
    """An empty, migrated database of this test process's own."""
    with made(server_urls[0], "test") as url:
        migrate(url)
        engine = create_engine(url)
        with engine.begin() as connection:
            connection.execute(text(_START))
        engine.dispose()
        yield url


@pytest.fixture
def empty_database(server_urls: tuple[str, str]) -> Iterator[str]:
    """A database without tables."""
    with made(server_urls[0], "empty") as url:
        yield url


@pytest.fixture(scope="session")
def settings(database_url: str, server_urls: tuple[str, str], tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(
        database_url=database_url,
        redis_url=server_urls[1],
        broker_url="memory://",
        limits_url="memory://",
        secret_key=Secret(KEY),
        data_dir=Path(tmp_path_factory.mktemp("data")),
        base_url="http://localhost",
        demo=True,
        log_level="ERROR",
        private_wait=0,  # tests/submissions/private/test_delay.py sets it
    )


class Browser(FlaskClient):
    """Each request in a context and a session of its own, as in production: nobody stays signed in by accident.

    What the test has written is committed first, and read anew afterwards.
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        if has_app_context():
            db.session.commit()
        kwargs.setdefault("buffered", True)
        with self.application.app_context():
            return super().open(*args, **kwargs)


@pytest.fixture(scope="session")
def application(settings: Settings) -> Iterator[Flask]:
    app = create_app(settings)
    queue.celery._after_fork()  # lets go of connections to the broker of a drill
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    app.test_client_class = Browser
    limiter.enabled = False  # a test about limits turns it on
    yield app
    with app.app_context():
        db.engine.dispose()


_START = "INSERT INTO lawful_start (id, at) VALUES (1, now()) ON CONFLICT (id) DO UPDATE SET account_id = NULL"
"""A test's site has said what the law asks for; a test that is about that takes it away."""
TABLES_KEPT = {"alembic_version"}


@pytest.fixture
def app(application: Flask) -> Iterator[Flask]:
    """The application on an empty database. What a test commits is removed afterwards."""
    if queue._applications[-1] is not application:
        _reclaim(application)
    page_cache.init_app(application)  # no page that an earlier test has seen
    face.reset(application)
    with application.app_context():
        yield application
        db.session.remove()
        _empty()


def _reclaim(application: Flask) -> None:
    """A command under test has made an application of its own: what is one per process belongs to this one again."""
    queue.init_app(application)
    queue.celery._after_fork()
    limiter.init_app(application)
    limiter._storage_dead = False


_emptied: dict[str, frozenset[str]] = {}
"""The tables that a database's function empties: all models are known only when the application is made."""


def _empty() -> None:
    """Deletes rows faster than TRUNCATE on many small tables; the ledger's guard is off for this transaction."""
    tables, url = frozenset(factories.Base.metadata.tables), str(db.engine.url)
    with db.engine.begin() as connection:
        if _emptied.get(url) != tables:
            connection.exec_driver_sql(_define_emptying(tables))
            _emptied[url] = tables
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text("SELECT empty_for_the_next_test()"))


def _define_emptying(tables: Iterable[str]) -> str:
    """A function whose plans a connection keeps: 170 statements of their own take five times as long, after each test.

    The reasons of the migration, which have no name, are part of the schema.
    """
    statements = [
        *(f'DELETE FROM "{table}"' for table in sorted(tables) if table not in ("lawful_start", "reason")),
        "DELETE FROM reason WHERE name <> ''",
        "UPDATE reason SET retired_at = NULL WHERE retired_at IS NOT NULL",
        _START,
    ]
    body = ";\n".join(statements)
    return (
        f"CREATE OR REPLACE FUNCTION empty_for_the_next_test() RETURNS void LANGUAGE plpgsql AS $$ BEGIN {body}; END $$"
    )


def db_tables() -> list[str]:
    return [table.name for table in factories.Base.metadata.sorted_tables]


@pytest.fixture
def session(app: Flask) -> Session:
    """The test's own session; the test client commits it before each request."""
    return db.session()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def limits(app: Flask) -> Iterator[None]:
    """Tries are counted, from none."""
    limiter.enabled = True
    limiter.reset()
    yield
    limiter.reset()
    limiter.enabled = False


@pytest.fixture
def sign_in(app: Flask) -> Callable[[Any], FlaskClient]:
    """`sign_in(account)` gives a client that is signed in as that account."""

    def client_of(account: Any) -> FlaskClient:
        db.session.commit()
        client = app.test_client()
        with client.session_transaction() as cookie:
            cookie.update(signing.session_cookie(db.session(), account))
        db.session.commit()
        return client

    return client_of


@pytest.fixture
def data() -> Path:
    """The folder of real data beside the project; tests that need it are skipped where it is absent."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the real data sets are not beside this checkout")
    return folder
