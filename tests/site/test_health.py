"""Health: plain sentences, and red within two minutes of a part that stopped."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.orm import Session

from consult import create_app
from consult.core import queue, task_retries
from consult.core.clock import now
from consult.core.database import connections
from consult.core.db import db
from consult.core.queue import QUEUES
from consult.core.scripts import fonts
from consult.core.settings import Settings
from consult.site import service


def checks(client: FlaskClient) -> dict[str, str]:
    answer = client.get("/health", headers={"Accept": "application/json"})
    assert answer.json
    return {"status": answer.json["status"], **answer.json["checks"]}


def all_beat(session: Session) -> None:
    for name in ("clock", *map(service.worker_beat_name, QUEUES)):
        service.record_beat(session, name)
    session.commit()


def test_everything_that_beats_is_well(session: Session, client: FlaskClient) -> None:
    all_beat(session)
    assert set(checks(client).values()) == {"ok"}
    assert "Everything works" in client.get("/health").text


@pytest.mark.parametrize("part", ["clock", "worker"])
def test_a_part_that_has_not_beaten_for_two_minutes_is_down(session: Session, client: FlaskClient, part: str) -> None:
    all_beat(session)
    for name in ["clock"] if part == "clock" else map(service.worker_beat_name, QUEUES):
        service.record_beat(session, name, at=now() - timedelta(seconds=120))
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
    service.record_beat(session, service.worker_beat_name(name), at=now() - timedelta(seconds=120))
    session.commit()
    assert {name for name, state in checks(client).items() if state != "ok"} == {"status", "worker"}
    assert f"No worker has taken work lately from: {name}." in client.get("/health").text


def test_any_work_that_is_taken_from_a_queue_tells_that_it_is_served(
    session: Session, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "_told_again", {})
    service.record_beat(session, "clock")
    session.commit()
    for work in ("site.beat", "mail.drain", "files.beat", "digests.beat"):
        queue.find_task(work).published()
    assert "No worker has taken work lately from: analysis." in client.get("/health").text
    queue.find_task("analysis.beat").published()
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


def test_nobody_who_does_the_work_that_waits_is_down(session: Session, client: FlaskClient) -> None:
    assert client.get("/health").status_code == 503
    assert checks(client) == checks(client) | {"status": "down", "clock": "down", "worker": "down", "database": "ok"}
    service.record_beat(session, "clock")
    assert client.get("/health").status_code == 200


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"username": "nobody-of-this-name"}, "It does not know the user, or does not let the user in."),
        ({"database": "no-database-of-this-name"}, "It has no database of this name."),
        ({"query": {"host": "/no-folder-of-this-name"}}, "Nothing listens at its address."),
    ],
)
def test_the_reason_why_the_database_does_not_answer_is_told_without_names(
    application: Flask, settings: Settings, changed: dict[str, Any], said: str
) -> None:
    url = make_url(settings.database_url).set(**changed).render_as_string(hide_password=False)
    made = create_app(replace(settings, database_url=url))
    page = made.test_client().get("/health")
    assert page.status_code == 503
    assert f"The database does not answer. Nothing can be filed or read. {said}" in page.text
    assert "of-this-name" not in page.text


def test_a_server_without_connections_left_is_told_before_and_when_it_happens(
    session: Session, client: FlaskClient, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    all_beat(session)
    monkeypatch.setattr(connections, "count_connections", lambda _session: (96, 100))
    assert checks(client)["database"] == "degraded"
    assert "The database has few connections left: 96 of 100 are taken." in client.get("/health").text
    monkeypatch.setattr(connections, "count_connections", lambda _session: (3, 12))
    own = 2 * settings.database_pool
    said = f"One process of this site may open {own} connections, and the database takes 12 in all."
    assert said in client.get("/health").text


def test_a_role_that_may_open_no_more_connections_is_answered_with_the_reason(
    application: Flask, settings: Settings
) -> None:
    admin = create_engine(settings.database_url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("CREATE ROLE narrow LOGIN CONNECTION LIMIT 0"))
    try:
        url = make_url(settings.database_url).set(username="narrow").render_as_string(hide_password=False)
        page = create_app(replace(settings, database_url=url)).test_client().get("/health")
        assert "It has no connection left." in page.text
    finally:
        with admin.connect() as connection:
            connection.execute(text("DROP ROLE narrow"))
        admin.dispose()


def test_work_that_rests_because_it_failed_five_times_is_named(session: Session, client: FlaskClient) -> None:
    all_beat(session)
    for _time in range(task_retries.MAX_RUNS):
        task_retries.begin_attempt(session, "analysis.follow 7", rest=timedelta(minutes=30))
    session.commit()
    assert {name for name, state in checks(client).items() if state != "ok"} == {"status", "work"}
    assert "rests for half an hour or more: analysis.follow." in client.get("/health").text


def test_fonts_that_are_missing_are_told(
    session: Session, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    all_beat(session)
    monkeypatch.setattr(fonts, "FOLDER", fonts.FOLDER / "gone")
    assert {name for name, state in checks(client).items() if state != "ok"} == {"status", "fonts"}
    assert "Fonts are missing: gone." in client.get("/health").text


def test_a_full_disk_is_told(session: Session, client: FlaskClient, settings: Settings) -> None:
    all_beat(session)
    probe = settings.data_dir / ".write-probe"
    probe.symlink_to("/dev/full")  # takes a file, and no byte of it
    assert checks(client)["files"] == "down"
    assert "The disk of the data folder is full." in client.get("/health").text
    probe.unlink()
    assert checks(client)["files"] == "ok"
