"""A broker that takes connections and says nothing, as a frozen machine does: who writes here hardly waits for it."""

from __future__ import annotations

import _socket
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult import create_app
from consult.core import queue
from consult.core.db import db
from consult.core.settings import Settings
from consult.core.web.limits import limiter
from consult.mail.model import Letter
from tests import factories
from tests.conftest import reclaim

MOST = 0.25
"""Seconds that a request may wait for one answer: of the broker, and of what counts the limits."""


@pytest.fixture
def silent() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture(params=["redis", "amqp"])
def frozen(request: pytest.FixtureRequest, app: Flask, settings: Settings, silent: str) -> Iterator[Flask]:
    """The application where neither the broker nor what counts the limits says anything."""
    redis = f"redis://{silent}/0"
    broker = redis if request.param == "redis" else f"amqp://guest:guest@{silent}//"
    made = create_app(replace(settings, broker_url=broker, limits_url=redis))
    made.config.update(WTF_CSRF_ENABLED=False)
    queue.celery._after_fork()
    limiter.enabled, limiter._storage_dead = True, False
    yield made
    reclaim(app)
    with made.app_context():
        db.engine.dispose()


@contextmanager
def patience(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[socket.socket, float | None]]:
    """Yield the timeout, in seconds, of each connection that this process opens."""
    asked: dict[socket.socket, float | None] = {}
    kernel: dict[socket.socket, float] = {}

    def settimeout(line: socket.socket, seconds: float | None) -> None:
        asked[line] = seconds if seconds is not None else kernel.get(line)
        _socket.socket.settimeout(line, seconds)

    def setsockopt(line: socket.socket, level: int, option: int, *value: Any) -> None:
        if (level, option) == (socket.SOL_SOCKET, socket.SO_RCVTIMEO):
            seconds, micros = struct.unpack("ll", value[0])
            asked[line] = kernel[line] = seconds + micros / 1e6
        _socket.socket.setsockopt(line, level, option, *value)

    with monkeypatch.context() as patched:
        patched.setattr(socket.socket, "settimeout", settimeout)
        patched.setattr(socket.socket, "setsockopt", setsockopt)
        yield asked


def test_a_request_waits_half_a_second_for_a_broker_that_says_nothing(
    frozen: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.account(session, email="ada@example.org")
    session.commit()
    client = frozen.test_client()
    with patience(monkeypatch) as asked:
        answer = client.post("/sign-in/link", data={"email": "ada@example.org"})
    assert asked, "somebody was asked"
    assert all(each is not None and each <= MOST for each in asked.values()), asked
    assert sum(each for each in asked.values() if each) <= 4 * MOST, "and not again and again"
    assert answer.status_code == 303
    assert session.scalars(select(Letter)).one()
