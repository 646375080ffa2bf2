"""Health: plain sentences, and red within two minutes of a part that stopped."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from consult.core.clock import now
from consult.site import service


def checks(client: FlaskClient) -> dict[str, str]:
    answer = client.get("/health", headers={"Accept": "application/json"})
    assert answer.json
    return {"status": answer.json["status"], **answer.json["checks"]}


def test_everything_that_beats_is_well(session: Session, client: FlaskClient) -> None:
    service.beat(session, "clock")
    service.beat(session, "worker")
    session.commit()
    assert set(checks(client).values()) == {"ok"}
    assert "Everything works" in client.get("/health").text


@pytest.mark.parametrize("part", ["clock", "worker"])
def test_a_part_that_has_not_beaten_for_two_minutes_is_down(session: Session, client: FlaskClient, part: str) -> None:
    service.beat(session, "clock")
    service.beat(session, "worker")
    service.beat(session, part, at=now() - timedelta(seconds=120))
    session.commit()
    found = checks(client)
    assert found[part] == "down"
    assert found["status"] == "degraded"
    assert found["database"] == "ok"
