"""The ground of a drill: servers of its own, a migrated database, and real processes that can be killed."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, text

from consult import create_app, embedded
from consult.cli.database import migrate
from consult.core import queue
from consult.core.settings import Settings
from consult.embedded import Servers
from consult.embedded.process import wait_until
from tests.run import Run
from tests.visitor import NotAnswered, Visitor

SECRET = "a-secret-for-the-drill-that-is-long-enough"


_MOVED_DATABASE_CLOCK = (
    "CREATE SCHEMA IF NOT EXISTS moved",
    "CREATE TABLE IF NOT EXISTS moved.clock AS SELECT interval '0' AS by",
    "CREATE OR REPLACE FUNCTION moved.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE "
    "AS 'SELECT pg_catalog.clock_timestamp() + by FROM moved.clock'",
    "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = moved, public, pg_catalog', current_database()); "
    "END $$",
)


def until(condition: Callable[[], object], seconds: float = 120) -> None:
    """Waits for the condition; an AssertionError where it does not come true in time, which a busy machine needs."""
    assert wait_until(lambda: bool(condition()), seconds), "it did not happen in time"


def _answers(base: str) -> bool:
    try:
        return bool(Visitor(base, "").open("/robots.txt"))
    except NotAnswered:
        return False


@dataclass
class Ground:
    """PostgreSQL and Valkey that only this drill knows, and the processes started on them."""

    servers: Servers
    settings: dict[str, str]
    app: Flask
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *command: str, ahead: Path | None = None) -> subprocess.Popen[bytes]:
        """A Python module as a process, the leader of a group that can be killed whole.

        With a clock that is so many seconds `ahead` as this file says: see `moved_clock`.
        """
        moved = ["tests.drills.moved_clock", str(ahead)] if ahead else []
        process = subprocess.Popen(
            [sys.executable, "-m", *moved, *command], env={**os.environ, **self.settings}, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.processes.append(process)
        return process

    def serve(self, port: int | None = None, *, ahead: Path | None = None) -> str:
        """The address of a web process, once it answers."""
        if port is None:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port = probe.getsockname()[1]
        worker = ("--worker-class", "consult.cli.processes.buffered_worker.BufferedWorker", "--threads", "8")
        self.start("gunicorn", "--bind", f"127.0.0.1:{port}", *worker, "consult:create_app()", ahead=ahead)
        base = f"http://127.0.0.1:{port}"
        until(lambda: _answers(base))
        return base

    def run(self, *command: str) -> str:
        """Return the output of a command of Consult, whether it succeeds or not."""
        return subprocess.run(
            [sys.executable, "-m", "consult.cli", *command], env={**os.environ, **self.settings}, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120,
        ).stdout  # fmt: skip

    def move_database_clock(self, by: timedelta) -> None:
        """From now on the database's clock is so much ahead, for connections that are made from the first time on.

        The true function is behind one of the same name in the search path.
        """
        engine = create_engine(self.settings["CONSULT_DATABASE_URL"], isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for statement in _MOVED_DATABASE_CLOCK:
                connection.execute(text(statement))
            connection.execute(text("UPDATE moved.clock SET by = :by"), {"by": by})
        engine.dispose()

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """`kill -9` of the process and all its children."""
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.fixture(scope="session")
def migrated_cluster(run_servers: Run) -> Path:
    """The files of a stopped PostgreSQL with all tables; made once in a run."""
    with run_servers.alone("drills") as made:
        if not made.is_dir():
            draft = made.with_suffix(".new")
            with embedded.servers(draft, lambda _words: None, valkey=False) as urls:
                migrate(urls.database)
            draft.rename(made)
    return made / "postgres"


@pytest.fixture
def ground(tmp_path: Path, migrated_cluster: Path) -> Iterator[Ground]:
    with _laid(tmp_path, migrated_cluster) as found:
        yield found


@pytest.fixture
def second_ground(tmp_path: Path, migrated_cluster: Path) -> Iterator[Ground]:
    """Another site beside `ground`."""
    with _laid(tmp_path / "second", migrated_cluster) as found:
        yield found


@contextmanager
def _laid(tmp_path: Path, migrated_cluster: Path) -> Iterator[Ground]:
    shutil.copytree(migrated_cluster, tmp_path / "servers" / "postgres")
    servers = Servers(tmp_path / "servers", lambda _words: None)
    urls = servers.start()
    values = {"database_url": urls.database, "redis_url": urls.redis, "secret_key": SECRET, "data_dir": str(tmp_path),
              "base_url": "http://127.0.0.1:8000"}  # fmt: skip
    app = create_app(Settings(**values, log_level="ERROR"))  # type: ignore[arg-type]
    queue.celery._after_fork()  # lets go of connections to the broker of other tests
    found = Ground(servers, {f"CONSULT_{name.upper()}": value for name, value in values.items()}, app)
    try:
        yield found
    finally:
        for process in found.processes:
            found.kill(process)
        servers.stop()
