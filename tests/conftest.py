"""A real PostgreSQL, a real Redis, and a fresh database for each test process; `tests/run.py` starts them."""

from __future__ import annotations

import gc
import os
import time
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
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import make_url, text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from consult import create_app
from consult.core import queue, time_check
from consult.core.db import db
from consult.core.settings import Secret, Settings
from consult.core.web import face, page_cache
from consult.core.web.limits import limiter
from tests import factories, signing
from tests.budgets import Budgets, begin_with_long_files
from tests.run import LAWFUL_START, Run, admin, migrated, pytest_configure_node
from tests.thirds import leave_for_other_days

hypothesis_settings.register_profile("consult", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("consult")  # a machine that is busy is no defect

__all__ = ["pytest_configure_node"]

KEY = "only-for-tests-5b1e09c7d2f4a8637e60"
"""What everything in a test is sealed with: of the pages, and of the commands that a test runs beside them."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--drill-size", type=int, default=400, help="letters in each drill; 8000 is the full size")
    parser.addoption("--drill-seed", type=int, default=7, help="what chance begins with in the drills that have any")
    parser.addoption("--bad-inputs", type=int, default=300, help="bad requests in tests/abuse; 6000 is the full number")
    parser.addoption(
        "--of-today", action="store_true", help="a third of what is marked `daily`, the rest on the next days"
    )
    parser.addoption("--seconds", action="store_true", help="print what tests/seconds.csv should say")
    parser.addoption("--at", metavar="MOMENT", help="the moment at which the tests begin, such as 2027-12-31T23:30Z")


MEASURE = time_check.measure
"""What processes do and tests do not: a test that moves the clock of its process means it."""


def pytest_configure(config: pytest.Config) -> None:
    """With `--at` the clock of this process is put there, and goes on. The database's keeps the true time."""
    time_check.measure = lambda: None
    config.pluginmanager.register(Budgets(config.getoption("--seconds")), "budgets")
    if moment := config.getoption("--at"):
        moved = time_machine.travel(datetime.fromisoformat(moment), tick=True)
        moved.start()
        config.add_cleanup(moved.stop)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--at"):
        apart = pytest.mark.skip(reason="its processes, its browser or its database have the true time")
        for item in items:
            if any(item.get_closest_marker(name) for name in ("browser", "drill", "process", "database_time")):
                item.add_marker(apart)
    if config.getoption("--of-today"):
        left = leave_for_other_days(items, int(time.time()) // 86_400)
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in set(left)]
    begin_with_long_files(items)


def pytest_collection_finish() -> None:
    """Exclude modules and tests from garbage collection: it took 9 % of the CPU time of tests, now 4 %."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


@pytest.fixture
def drill_size(request: pytest.FixtureRequest) -> int:
    return int(request.config.getoption("--drill-size"))


@pytest.fixture
def chance(request: pytest.FixtureRequest) -> Random:
    """The chance of a drill."""
    return Random(int(request.config.getoption("--drill-seed")))


@pytest.fixture(scope="session")
def run_servers(request: pytest.FixtureRequest) -> Run:
    return Run.of(request.config)


@pytest.fixture(scope="session")
def server_urls(run_servers: Run) -> tuple[str, str]:
    """A PostgreSQL to make databases in, and a Redis."""
    return run_servers.database, run_servers.redis


@contextmanager
def made(server_url: str, kind: str, template: str = "template1") -> Iterator[str]:
    """A database of this test process's own, a copy of the one that is named."""
    server, name = make_url(server_url), f"consult_{kind}_{os.getpid()}"
    with admin(server_url) as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))
        yield server.set(database=name).render_as_string(hide_password=False)
        connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))


@pytest.fixture(scope="session")
def database_url(server_urls: tuple[str, str]) -> Iterator[str]:
    """An empty, migrated database of this test process's own."""
    with made(server_urls[0], "test", migrated(server_urls[0])) as url:
        _emptied.clear()  # the same process had a database of this name at another moment
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


def make_application(settings: Settings, run: Run) -> Flask:
    """Make the application of a test process, with limits that are off until a test turns them on."""
    limiter.enabled = True  # what is made while they are off never has any
    app = create_app(settings)
    limiter.enabled = False
    app.jinja_env.bytecode_cache = FileSystemBytecodeCache(run.folder)  # compile each template once a run
    app.config.update(TESTING=True, TEST_RUN=run, TEST_LIMITER=dict(vars(limiter)))
    return app


@pytest.fixture(scope="session")
def application(settings: Settings, run_servers: Run) -> Iterator[Flask]:
    app = make_application(settings, run_servers)
    queue.celery._after_fork()  # lets go of connections to the broker of a drill
    app.config.update(WTF_CSRF_ENABLED=False)
    app.test_client_class = Browser
    yield app
    with app.app_context():
        db.engine.dispose()


TABLES_KEPT = {"alembic_version"}


@pytest.fixture
def app(application: Flask) -> Iterator[Flask]:
    """The application on an empty database. What a test commits is removed afterwards."""
    reclaim(application)
    face.reset(application)
    with application.app_context():
        yield application
        db.session.remove()
        _empty()
    face.reset(application)  # the next test may ask for no empty database


def reclaim(application: Flask) -> None:
    """Give what is one per process to this application, as when it was made.

    An earlier test may have made another application, counted tries, or ended before it put something back.
    """
    if queue._applications[-1] is not application:
        queue.init_app(application)
        queue.celery._after_fork()
    vars(limiter).update(application.config["TEST_LIMITER"])
    limiter.reset()
    page_cache.init_app(application)  # no page that an earlier test has seen


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
        LAWFUL_START,
    ]
    body = ";\n".join(statements)
    return (
        f"CREATE OR REPLACE FUNCTION empty_for_the_next_test() RETURNS void LANGUAGE plpgsql AS $$ BEGIN {body}; END $$"
    )


def db_tables() -> list[str]:
    return [table.name for table in factories.Base.metadata.sorted_tables]


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    """The test's own session; the test client commits it before each request."""
    own = db.session()
    yield own
    own.close()  # a task that the test ran may have taken it out of the registry, which then does not close it


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def limits(app: Flask) -> Iterator[None]:
    """Tries are counted, from none."""
    limiter.enabled = True
    yield
    limiter.enabled = False  # before the fixtures end that this test asks for


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
