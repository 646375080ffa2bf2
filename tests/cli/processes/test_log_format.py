"""Each line that a production process writes, also those of gunicorn and Celery, is JSON with the same first fields."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.drills.conftest import SECRET, until
from tests.nginx import free_port

pytestmark = pytest.mark.process
_SAID_WHEN_STOPPED = ("", "worker: Warm shutdown (MainProcess)")
"""What Celery prints at SIGTERM from its signal handler, where a log could wait for itself."""


@pytest.mark.parametrize(
    ("command", "process", "sign"),
    [
        (["web", "--workers", "1"], "web", "Booting worker"),
        (["worker", "--concurrency", "1"], "worker", "ready."),
        (["clock"], "clock", "clock.started"),
    ],
)
def test_a_process_writes_nothing_but_lines_of_the_log(
    database_url: str, server_urls: tuple[str, str], tmp_path: Path, command: list[str], process: str, sign: str
) -> None:
    port = free_port()
    settings = {
        "CONSULT_DATABASE_URL": database_url, "CONSULT_REDIS_URL": server_urls[1], "CONSULT_SECRET_KEY": SECRET,
        "CONSULT_DATA_DIR": str(tmp_path), "CONSULT_BASE_URL": f"http://127.0.0.1:{port}",
        "PYTHONWARNINGS": "ignore",  # Celery warns where tests are run as root
    }  # fmt: skip
    options = ["--bind", f"127.0.0.1:{port}"] if process == "web" else []
    with (tmp_path / "log").open("wb") as log:
        started = subprocess.Popen(
            [sys.executable, "-m", "consult.cli", *command, *options], env={**os.environ, **settings}, stdout=log,
            stderr=log, start_new_session=True,
        )  # fmt: skip
        try:
            until(lambda: sign in (tmp_path / "log").read_text() or started.poll() is not None)
        finally:
            os.killpg(started.pid, signal.SIGTERM)
            started.wait()
    written = [line for line in (tmp_path / "log").read_text().splitlines() if line not in _SAID_WHEN_STOPPED]
    lines = [json.loads(line) for line in written]
    assert any(sign in line["event"] for line in lines)
    assert all(list(line)[:4] == ["time", "level", "process", "event"] for line in lines)
    assert {line["process"] for line in lines} == {process}
