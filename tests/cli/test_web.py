"""`consult web` as an operator runs it: what its log tells of who came."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from consult import ROOT
from tests.conftest import KEY
from tests.drills.conftest import until

pytestmark = pytest.mark.process

CALLER = "127.0.0.9"
CLOSED = "postgresql://ada@127.0.0.1:1/consult"
MALFORMED = {
    "version": b"GET /r/secret-word HTTP/9.9\r\n\r\n",
    "method": b"get<> /r/secret-word HTTP/1.1\r\n\r\n",
    "line": b"secret-word\r\n\r\n",
    "header": b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 203.0.113.9 secret-word\x00\r\n\r\n",
    "length": b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: secret-word\r\n\r\n",
}


def ask(port: int, request: bytes) -> bytes:
    """The beginning of the answer to these bytes; nothing where nobody listens yet."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=60, source_address=(CALLER, 0)) as line:
            line.sendall(request)
            return line.recv(4096)
    except ConnectionRefusedError:
        return b""


@pytest.mark.skipif(sys.platform != "linux", reason="calls from another address of this machine")
def test_who_sends_what_cannot_be_read_is_in_no_log(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {"CONSULT_DATABASE_URL": CLOSED, "CONSULT_SECRET_KEY": KEY, "CONSULT_LOG_LEVEL": "DEBUG",
                "CONSULT_BASE_URL": "http://localhost", "CONSULT_DATA_DIR": str(tmp_path)}  # fmt: skip
    log = tmp_path / "log"
    with log.open("wb") as kept, subprocess.Popen(
        [sys.executable, "-m", "consult.cli", "web", "--bind", f"127.0.0.1:{port}", "--workers", "1"], cwd=ROOT,
        env={**os.environ, **settings}, stdout=kept, stderr=kept,
    ) as web:  # fmt: skip
        try:
            until(lambda: ask(port, b"GET /robots.txt HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
            answers = {name: ask(port, request)[:12] for name, request in MALFORMED.items()}
        finally:
            web.terminate()
    assert answers == dict.fromkeys(MALFORMED, b"HTTP/1.1 400")
    said = log.read_text()
    assert said.count("A request could not be read") == len(MALFORMED)
    for secret in (CALLER, "203.0.113.9", "secret-word"):
        assert secret not in said
