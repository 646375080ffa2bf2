"""A broker that takes connections and says nothing, as a frozen machine does: who writes here hardly waits for it."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult import create_app
from consult.core import queue
from consult.core.db import db
from consult.core.limits import limiter
from consult.core.settings import Settings
from consult.mail.model import Letter
from tests import factories

MOST = 1.5
"""Seconds: 0.5 for the broker and the limits together, and a busy machine."""


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
    limiter.enabled = False
    with made.app_context():
        db.engine.dispose()


def test_a_request_waits_half_a_second_for_a_broker_that_says_nothing(frozen: Flask, session: Session) -> None:
    factories.account(session, email="ada@example.org")
    session.commit()
    client = frozen.test_client()
    began = time.monotonic()
    answer = client.post("/sign-in/link", data={"email": "ada@example.org"})
    assert time.monotonic() - began < MOST
    assert answer.status_code == 303
    assert session.scalars(select(Letter)).one()
