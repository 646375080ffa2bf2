"""The ground of a drill: servers of its own, a migrated database, and real processes that can be killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from flask import Flask

from consult import create_app
from consult.cli.database import migrate
from consult.core import queue
from consult.core.settings import Settings
from consult.embedded import Servers
from tests.visitor import NotAnswered, Visitor

SECRET = "a-secret-for-the-drill-that-is-long-enough"


def until(condition: Callable[[], object], seconds: float = 60) -> None:
    """Waits for the condition; an AssertionError where it does not come true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


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

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        """A Python module as a process, the leader of a group that can be killed whole."""
        process = subprocess.Popen(
            [sys.executable, "-m", *command], env={**os.environ, **self.settings}, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.processes.append(process)
        return process

    def serve(self, port: int | None = None) -> str:
        """The address of a web process, once it answers."""
        if port is None:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port = probe.getsockname()[1]
        self.start("gunicorn", "--bind", f"127.0.0.1:{port}", "--threads", "8", "consult:create_app()")
        base = f"http://127.0.0.1:{port}"
        until(lambda: _answers(base))
        return base

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """`kill -9` of the process and all its children."""
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Ground]:
    servers = Servers(tmp_path / "servers", lambda _words: None)
    urls = servers.start()
    migrate(urls.database)
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
