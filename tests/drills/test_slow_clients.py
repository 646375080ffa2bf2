"""`consult web` without a proxy, while hundreds of clients are slow on purpose."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from consult import ROOT
from tests.conftest import KEY
from tests.drills.conftest import until

pytestmark = pytest.mark.drill
PAGE = b"GET /robots.txt HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
HEADERS = b"GET / HTTP/1.1\r\nHost: localhost\r\n"
BODY = (
    b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Content-Length: 7000000\r\n\r\n"
)


@dataclass
class Site:
    port: int
    process: subprocess.Popen[bytes]
    lines: list[socket.socket] = field(default_factory=list)

    def connect(self, first: bytes = b"") -> socket.socket:
        line = socket.socket()
        self.lines.append(line)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.settimeout(60)
        line.connect(("127.0.0.1", self.port))
        line.setblocking(False)
        with suppress(BlockingIOError):
            line.send(first)
        return line

    def accepts(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5):
                return True
        except OSError:
            return False

    def answers(self) -> bool:
        """Return True if a page arrives within a minute."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=60) as line:
                line.sendall(PAGE)
                return line.recv(12) == b"HTTP/1.1 200"
        except OSError:
            return False


@pytest.fixture
def more() -> dict[str, str]:
    return {"CONSULT_HEADER_TIMEOUT": "3", "CONSULT_BODY_TIMEOUT": "3"}


@pytest.fixture
def site(tmp_path: Path, more: dict[str, str]) -> Iterator[Site]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {"CONSULT_DATABASE_URL": "postgresql://ada@127.0.0.1:1/consult", "CONSULT_SECRET_KEY": KEY,
                "CONSULT_BASE_URL": "http://localhost", "CONSULT_DATA_DIR": str(tmp_path), **more}  # fmt: skip
    command = [sys.executable, "-m", "consult.cli", "web", "--bind", f"127.0.0.1:{port}"]
    with subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **settings}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:  # fmt: skip
        found = Site(port, process)
        try:
            until(found.answers)
            yield found
        finally:
            for line in found.lines:
                line.close()
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def read_rest(line: socket.socket) -> tuple[bytes, bool]:
    """Return what has arrived, and whether the server has closed the connection."""
    got = b""
    try:
        while piece := line.recv(65536):
            got += piece
    except BlockingIOError:
        return got, False
    except OSError:
        pass
    return got, True


def count_open(lines: list[socket.socket], piece: bytes) -> int:
    """Count the connections that are still open after one more piece on each."""
    for line in lines:
        with suppress(OSError):
            line.send(piece)
    return sum(not read_rest(line)[1] for line in lines)


def test_pages_are_answered_while_hundreds_are_slow_and_the_slow_ones_are_cut(site: Site) -> None:
    kinds = [
        ([site.connect() for _one in range(200)], b""),
        ([site.connect(HEADERS) for _one in range(200)], b"X-More: 1\r\n"),
        ([site.connect(BODY) for _one in range(100)], b"x"),
    ]
    assert [count_open(lines, b"") for lines, _piece in kinds] == [200, 200, 100]
    assert all(site.answers() for _page in range(10))
    for lines, piece in kinds:
        until(lambda lines=lines, piece=piece: count_open(lines, piece) == 0, 60)
    assert site.answers()

    for _late in range(50):
        site.connect(HEADERS)
    begun = site.connect(BODY.replace(b"7000000", b"4") + b"a=")
    assert not read_rest(begun)[1]
    site.process.terminate()
    until(lambda: not site.accepts(), 30)
    begun.setblocking(True)
    begun.sendall(b"bc")
    assert begun.recv(9) == b"HTTP/1.1 ", "what was begun before the end is answered"
    site.process.wait(12)  # gunicorn would wait fifteen seconds for them


@pytest.mark.parametrize("more", [{"CONSULT_HEADER_TIMEOUT": "600", "GUNICORN_CMD_ARGS": "--worker-connections 40"}])
def test_where_no_connection_is_left_those_that_say_nothing_make_room(site: Site) -> None:
    for _one in range(120):  # two processes of forty
        site.connect()
    assert all(site.answers() for _page in range(5))
