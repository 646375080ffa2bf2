"""A proxy that CONSULT_PROXIES does not count is told in health, and nothing of what it says is kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from consult import create_app
from consult.core.clock import now
from consult.core.db import db
from consult.core.settings import Settings
from consult.site import service
from tests.site.test_health import all_beat, checks

VISITOR = "203.0.114.77"


@pytest.fixture(params=[0])
def client(app: Flask, settings: Settings, request: pytest.FixtureRequest) -> Iterator[FlaskClient]:
    """Of a process that has seen no request yet; `app` empties the database afterwards."""
    made = create_app(replace(settings, proxies=request.param))
    made.test_client_class = app.test_client_class
    yield made.test_client()
    with made.app_context():
        db.engine.dispose()


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
@pytest.mark.parametrize("sender", ["127.0.0.1", "172.18.0.1", "fd00::1"])
def test_a_proxy_that_is_not_counted_is_told(session: Session, client: FlaskClient, header: str, sender: str) -> None:
    all_beat(session)
    assert "proxy" not in checks(client)
    client.get("/how", headers={header: VISITOR}, environ_base={"REMOTE_ADDR": sender})
    found = checks(client)
    assert (found["proxy"], found["status"]) == ("degraded", "degraded")
    page = client.get("/health").text
    assert "CONSULT_PROXIES is 0" in page
    kept = str(session.execute(text("SELECT * FROM heartbeat")).all())
    assert VISITOR not in page + kept
    assert sender not in page + kept


def test_a_header_of_a_visitor_raises_no_alarm(session: Session, client: FlaskClient) -> None:
    all_beat(session)
    client.get("/how", headers={"X-Forwarded-For": "127.0.0.1"}, environ_base={"REMOTE_ADDR": VISITOR})
    assert "proxy" not in checks(client)


@pytest.mark.parametrize("client", [1], indirect=True)
def test_a_proxy_that_is_counted_is_not_told(session: Session, client: FlaskClient) -> None:
    all_beat(session)
    client.get("/how", headers={"X-Forwarded-For": VISITOR})
    assert "proxy" not in checks(client)


def test_an_hour_after_the_last_such_request_it_is_not_told_any_more(session: Session, client: FlaskClient) -> None:
    all_beat(session)
    service.record_beat(session, service.FORWARDED, now() - timedelta(minutes=59))
    assert checks(client)["proxy"] == "degraded"
    service.record_beat(session, service.FORWARDED, now() - timedelta(minutes=61))
    assert "proxy" not in checks(client)
