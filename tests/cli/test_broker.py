"""A broker that lets nobody in is told in one sentence, by `consult` and by Celery's own command."""

from __future__ import annotations

import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from consult.core.queue import celery, configure, require_broker_access
from consult.core.settings import Settings, SettingsError
from tests.conftest import KEY
from tests.processes import run_python

pytestmark = pytest.mark.process

CLOSED = "postgresql://ada:hidden-word@127.0.0.1:1/consult"
COMMANDS = [
    "consult.cli worker", "consult.cli worker --clock", "consult.cli clock",
    "celery -A consult.worker worker --concurrency 1", "celery -A worker.celery worker --concurrency 1",
]  # fmt: skip


class Redis(socketserver.BaseRequestHandler):
    """Says to whatever is asked that the password is wrong."""

    def handle(self) -> None:
        while self.request.recv(4096):
            self.request.sendall(b"-WRONGPASS invalid username-password pair or user is disabled.\r\n")


class SlowRedis(Redis):
    """The same a second later, as a machine that is busy."""

    def handle(self) -> None:
        threading.Event().wait(1)
        super().handle()


def method(kind: tuple[int, int], arguments: bytes) -> bytes:
    """A frame of AMQP 0-9-1 on channel 0."""
    payload = struct.pack(">HH", *kind) + arguments
    return struct.pack(">BHI", 1, 0, len(payload)) + payload + b"\xce"


class RabbitMQ(socketserver.BaseRequestHandler):
    """Greets, and closes the connection once it was told who asks."""

    def handle(self) -> None:
        self.request.recv(8)
        offered = b"".join(struct.pack(">I", len(each)) + each for each in (b"", b"PLAIN AMQPLAIN", b"en_US"))
        self.request.sendall(method((10, 10), b"\x00\x09" + offered))
        self.request.recv(4096)
        said = b"ACCESS_REFUSED"
        self.request.sendall(method((10, 50), struct.pack(">HB", 403, len(said)) + said + struct.pack(">HH", 10, 11)))
        self.request.recv(4096)


@contextmanager
def served(handler: type[socketserver.BaseRequestHandler]) -> Iterator[str]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.fixture
def addresses() -> Iterator[dict[str, str]]:
    with served(Redis) as redis, served(RabbitMQ) as rabbit:
        yield {"redis": f"redis://ada:hidden-word@{redis}/0", "amqp": f"amqp://ada:hidden-word@{rabbit}//"}


@pytest.mark.parametrize("scheme", ["redis", "amqp"])
@pytest.mark.parametrize("command", COMMANDS)
def test_a_password_that_the_broker_refuses_ends_the_process_with_one_sentence(
    addresses: dict[str, str], command: str, scheme: str
) -> None:
    settings = {"CONSULT_DATABASE_URL": CLOSED, "CONSULT_SECRET_KEY": KEY, "CONSULT_LOG_LEVEL": "ERROR",
                "CONSULT_BASE_URL": "http://localhost", "CONSULT_BROKER_URL": addresses[scheme]}  # fmt: skip
    done = run_python(["-m", *command.split()], settings)
    assert done.returncode == 1
    assert done.stderr == (
        "Warning: The database does not answer yet: No server responds at the network address of the database.\n"
        "Error: The broker rejects the user, the password or the virtual host in CONSULT_BROKER_URL.\n"
    )
    assert done.stdout == ""


def test_the_setting_that_gives_the_broker_is_the_one_that_is_named(
    addresses: dict[str, str], settings: Settings
) -> None:
    try:
        with pytest.raises(SettingsError, match="in CONSULT_REDIS_URL"):
            require_broker_access(Settings(redis_url=addresses["redis"]))
    finally:
        configure(settings)


def test_who_starts_waits_longer_for_a_busy_broker_than_a_request_does(settings: Settings) -> None:
    with served(SlowRedis) as slow:
        try:
            with pytest.raises(SettingsError, match="rejects the user"):
                require_broker_access(Settings(redis_url=f"redis://ada:hidden-word@{slow}/0"))
        finally:
            configure(settings)


@pytest.mark.parametrize("url", ["redis://127.0.0.1:1/0", "amqp://ada:word@127.0.0.1:1//", "memory://"])
def test_a_broker_that_is_away_may_come_later(settings: Settings, url: str) -> None:
    try:
        require_broker_access(Settings(broker_url=url))
        assert celery.conf.broker_url == url
    finally:
        configure(settings)
