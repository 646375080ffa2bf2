"""Health: plain sentences, and red within two minutes of a part that stopped."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, make_url, select, text
from sqlalchemy.orm import Session

from consult import create_app
from consult.consultations.model import Consultation
from consult.core import queue, task_retries
from consult.core.clock import now
from consult.core.database import connections
from consult.core.db import db
from consult.core.queue import QUEUES
from consult.core.scripts import fonts
from consult.core.settings import Settings
from consult.core.web.template_filters import format_moment
from consult.gateway import service as gateway
from consult.gateway.model import InboundChannel, InboundItem, InboundState
from consult.ledger import chain, followers
from consult.ledger import service as ledger
from consult.ledger.model import Kind, LedgerHead
from consult.site import database_checks, service
from tests import factories, filing


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
    assert f"No worker has recently taken jobs from: {name}." in client.get("/health").text


def test_any_work_that_is_taken_from_a_queue_tells_that_it_is_served(
    session: Session, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "_told_again", {})
    service.record_beat(session, "clock")
    session.commit()
    for work in ("site.beat", "mail.drain", "files.beat", "digests.beat"):
        queue.find_task(work).published()
    assert "No worker has recently taken jobs from: analysis." in client.get("/health").text
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
        (
            {"username": "nobody-of-this-name"},
            "The database does not know this user, or does not let the user connect.",
        ),
        ({"database": "no-database-of-this-name"}, "The server has no database with this name."),
        ({"query": {"host": "/no-folder-of-this-name"}}, "No server responds at the network address of the database."),
    ],
)
def test_the_reason_why_the_database_does_not_answer_is_told_without_names(
    application: Flask, settings: Settings, changed: dict[str, Any], said: str
) -> None:
    url = make_url(settings.database_url).set(**changed).render_as_string(hide_password=False)
    made = create_app(replace(settings, database_url=url))
    page = made.test_client().get("/health")
    assert page.status_code == 503
    assert f"The database does not respond. Nobody can send or read anything. {said}" in page.text
    assert "of-this-name" not in page.text


def test_a_server_without_connections_left_is_told_before_and_when_it_happens(
    session: Session, client: FlaskClient, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    all_beat(session)
    monkeypatch.setattr(connections, "count_connections", lambda _session: (96, 100))
    assert checks(client)["database"] == "degraded"
    assert "The database has few connections left: 96 of 100 are in use." in client.get("/health").text
    monkeypatch.setattr(connections, "count_connections", lambda _session: (3, 12))
    own = 2 * settings.database_pool
    said = f"One process of this site can open {own} connections, but the database accepts only 12 in total."
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
        assert "The database has no free connection." in page.text
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
    assert "are paused for half an hour or more: analysis.follow." in client.get("/health").text


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


def test_health_tells_when_incoming_mail_was_read_and_how_much_is_in_quarantine(
    session: Session, client: FlaskClient
) -> None:
    all_beat(session)
    assert "inbound" not in checks(client), "where no mail is read, none is late"
    gateway.record_reading(session, InboundChannel.LETTER, polled=True, at=now() - timedelta(minutes=59))
    for number in range(2):
        session.add(put_aside(number))
    session.commit()
    assert checks(client)["inbound"] == "ok"
    page = client.get("/health").text
    assert "Incoming e-mail was last read on" in page
    assert "2 messages could not be read and are in quarantine" in page


def test_a_mailbox_that_was_not_read_for_an_hour_is_told(session: Session, client: FlaskClient) -> None:
    all_beat(session)
    gateway.record_reading(session, InboundChannel.LETTER, polled=True, at=now() - timedelta(minutes=61))
    session.commit()
    assert checks(client)["inbound"] == "degraded"
    assert "not been read for more than an hour" in client.get("/health").text


def test_mail_that_is_handed_over_letter_by_letter_is_never_late(session: Session, client: FlaskClient) -> None:
    all_beat(session)
    gateway.record_reading(session, InboundChannel.LETTER, polled=False, at=now() - timedelta(days=9))
    session.commit()
    assert checks(client)["inbound"] == "ok"


def test_five_messages_in_quarantine_within_a_day_are_a_fault(session: Session, client: FlaskClient) -> None:
    all_beat(session)
    gateway.record_reading(session, InboundChannel.LETTER, polled=True)
    for number in range(5):
        session.add(put_aside(number))
    session.commit()
    assert checks(client)["inbound"] == "degraded"


def test_a_mailbox_for_reports_that_was_never_read_is_told(app: Flask, session: Session, client: FlaskClient) -> None:
    all_beat(session)
    before = app.config["SETTINGS"]
    app.config["SETTINGS"] = replace(before, signals_mailbox="signals@consult.example.org")
    assert checks(client)["inbound"] == "degraded"
    app.config["SETTINGS"] = before


def entry(session: Session, *, seconds: int) -> None:
    """Commits an entry of the public record that was written so long ago and has no number."""
    ledger.record(session, Kind.SITE_STARTED, subject_id=1, at=now() - timedelta(seconds=seconds))
    session.commit()


def test_entries_that_wait_for_their_number_are_counted_with_the_time(session: Session, client: FlaskClient) -> None:
    all_beat(session)
    entry(session, seconds=20)
    assert checks(client)["ledger"] == "ok"
    assert "1 entry in the public record has been waiting for its number since" in client.get("/health").text
    entry(session, seconds=61)
    assert (checks(client)["ledger"], checks(client)["status"]) == ("degraded", "degraded")
    page = client.get("/health").text
    assert "2 entries in the public record are waiting for a number, the first since" in page
    assert format_moment(now() - timedelta(seconds=61)).split(",")[0] in page
    ledger.number_entries(session)
    session.commit()
    assert checks(client)["ledger"] == "ok"
    assert "All entries in the public record have a number." in client.get("/health").text


def test_followers_that_are_ten_minutes_behind_are_named(session: Session, client: FlaskClient) -> None:
    all_beat(session)
    filing.file(session, factories.consultation(session), "The number 60 is too low.", published=True)
    filing.numbered(session)
    chain.FOLLOWER.follow_site(session)
    head = session.scalars(select(LedgerHead)).one()
    session.commit()
    assert checks(client)["followers"] == "ok"
    head.at = now() - timedelta(minutes=11)
    session.commit()
    assert (checks(client)["followers"], checks(client)["status"]) == ("degraded", "degraded")
    behind = re.search(r"ten minutes behind the public record: ([a-z0-9_., ]+)\.", client.get("/health").text)
    assert behind
    assert {"analysis", "arguments", "heard", "search"} <= set(behind[1].split(", "))
    for each in followers.find_late(session, until=head.number):
        for number in [followers.SITE] if each.site else session.scalars(select(Consultation.id)).all():
            while (window := each.next_window(session, number)[0]).since < window.until:
                each.handle_window(session, window)
    session.commit()
    assert checks(client)["followers"] == "ok"
    assert "Counts and lists are up to date." in client.get("/health").text


def test_a_transaction_that_stays_open_is_told_with_its_age(
    session: Session, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    all_beat(session)
    engine = create_engine(db.engine.url)
    with engine.connect() as other:
        other.execute(text("SELECT 1"))
        other.execute(text("SELECT pg_sleep(1.1)"))
        assert checks(client)["transactions"] == "ok"
        assert "The oldest open database transaction has been running for" in client.get("/health").text
        monkeypatch.setattr(database_checks, "TRANSACTION_LATE", timedelta(seconds=1))
        assert (checks(client)["transactions"], checks(client)["status"]) == ("degraded", "degraded")
        other.rollback()
        assert checks(client)["transactions"] == "ok"
    engine.dispose()


def test_a_backup_is_no_transaction_that_holds_others_up(
    session: Session, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    all_beat(session)
    monkeypatch.setattr(database_checks, "TRANSACTION_LATE", timedelta(seconds=1))
    engine = create_engine(db.engine.url, connect_args={"application_name": "pg_dump"})
    with engine.connect() as dump:
        dump.execute(text("SELECT pg_sleep(1.1)"))
        assert checks(client)["transactions"] == "ok"
    engine.dispose()


def put_aside(number: int) -> InboundItem:
    return InboundItem(
        channel=InboundChannel.LETTER, key=bytes([number]), arrived_at=now(), state=InboundState.ASIDE, size=1
    )
