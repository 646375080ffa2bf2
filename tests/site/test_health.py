"""Health: plain sentences, and red within two minutes of a part that stopped."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from consult import create_app
from consult.core import attempts, queue
from consult.core.clock import now
from consult.core.db import db
from consult.core.queue import QUEUES
from consult.core.settings import Settings
from consult.site import service


def checks(client: FlaskClient) -> dict[str, str]:
    answer = client.get("/health", headers={"Accept": "application/json"})
    assert answer.json
    return {"status": answer.json["status"], **answer.json["checks"]}


def all_beat(session: Session) -> None:
    for name in ("clock", *map(service.taker, QUEUES)):
        service.beat(session, name)
    session.commit()


def test_everything_that_beats_is_well(session: Session, client: FlaskClient) -> None:
    all_beat(session)
    assert set(checks(client).values()) == {"ok"}
    assert "Everything works" in client.get("/health").text


@pytest.mark.parametrize("part", ["clock", "worker"])
def test_a_part_that_has_not_beaten_for_two_minutes_is_down(session: Session, client: FlaskClient, part: str) -> None:
    all_beat(session)
    for name in ["clock"] if part == "clock" else map(service.taker, QUEUES):
        service.beat(session, name, at=now() - timedelta(seconds=120))
    session.commit()
    found = checks(client)
    assert found[part] == "down"
    assert found["status"] == "degraded"
    assert found["database"] == "ok"


@pytest.mark.parametrize("name", QUEUES)
def test_a_queue_that_nobody_takes_from_is_named_while_the_others_are_served(
    session: Session, client: FlaskClient, name: str
) -> None:
    all_beat(session)
    service.beat(session, service.taker(name), at=now() - timedelta(seconds=120))
    session.commit()
    assert {name for name, state in checks(client).items() if state != "ok"} == {"status", "worker"}
    assert f"No worker has taken work lately from: {name}." in client.get("/health").text


def test_any_work_that_is_taken_from_a_queue_tells_that_it_is_served(
    session: Session, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "_told_again", {})
    service.beat(session, "clock")
    session.commit()
    for work in ("site.beat", "mail.drain", "files.beat", "digests.beat"):
        queue.named(work).published()
    assert "No worker has taken work lately from: analysis." in client.get("/health").text
    queue.named("analysis.beat").published()
    assert set(checks(client).values()) == {"ok"}


@pytest.mark.parametrize("signed_in", [False, True])
def test_a_database_that_is_not_migrated_is_down_and_the_page_says_what_to_run(
    application: Flask, settings: Settings, empty_database: str, signed_in: bool
) -> None:
    app = create_app(replace(settings, database_url=empty_database))
    client = app.test_client()
    if signed_in:
        with client.session_transaction() as kept:
            kept["_user_id"] = "1.0"
    answer = client.get("/health", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json["status"], answer.json["checks"]["database"]) == (503, "down", "down")  # type: ignore[index]
    page = client.get("/health")
    assert page.status_code == 503
    assert "must run: consult migrate." in page.text
    with app.app_context():
        db.engine.dispose()


def test_work_that_rests_because_it_failed_five_times_is_named(session: Session, client: FlaskClient) -> None:
    all_beat(session)
    for _time in range(attempts.MOST):
        attempts.begin(session, "analysis.follow 7", rest=timedelta(minutes=30))
    session.commit()
    assert {name for name, state in checks(client).items() if state != "ok"} == {"status", "work"}
    assert "rests for half an hour or more: analysis.follow." in client.get("/health").text


def test_a_full_disk_is_told(session: Session, client: FlaskClient, settings: Settings) -> None:
    all_beat(session)
    probe = settings.data_dir / ".write-probe"
    probe.symlink_to("/dev/full")  # takes a file, and no byte of it
    assert checks(client)["files"] == "down"
    assert "The disk of the data folder is full." in client.get("/health").text
    probe.unlink()
    assert checks(client)["files"] == "ok"
