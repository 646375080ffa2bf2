"""A database knows its seal key: under another nothing is opened, sealed or started, and everybody is told."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import LargeBinary, text
from sqlalchemy.orm import Session

from consult import create_app
from consult.cli.database import migrate
from consult.core import clock, queue
from consult.core.crypto import seal
from consult.core.database.key_check import SEALED_COLUMNS, WrongSealKey, is_database_key, require_key
from consult.core.db import Base, db
from consult.core.settings import Secret, Settings
from consult.core.web.limits import limiter
from tests import factories
from tests.conftest import KEY
from tests.site.test_health import all_beat, checks

OTHER = "another-key-that-is-long-enough-to-be-one"
NAMED = "CONSULT_SEAL_KEY is not set, and CONSULT_SECRET_KEY is not the key that encrypts the records of this"
OURS = Settings(secret_key=Secret(KEY))
THEIRS = Settings(secret_key=Secret(OTHER))


@pytest.fixture
def empty(empty_database: str) -> Iterator[psycopg.Connection]:
    """A migrated database without a record, from outside."""
    migrate(empty_database)
    with psycopg.connect(empty_database.replace("+psycopg", ""), autocommit=True) as connection:
        yield connection


def add_account(connection: psycopg.Connection, settings: Settings) -> None:
    """An account whose address is sealed under these settings' key."""
    with create_app(replace(settings, limits_url="memory://", broker_url="memory://")).app_context():
        address = seal("ada@example.org")
    connection.execute(
        "INSERT INTO account (email_index, email_sealed, display_name, role, language, session_epoch, created_at)"
        " VALUES (%s, %s, 'Ada', 'admin', 'en', 0, now())",
        (secrets.token_bytes(32), address),
    )


def kept(connection: psycopg.Connection) -> int:
    (found,) = connection.execute("SELECT count(*) FROM seal_check").fetchone() or (0,)
    return int(found)


def test_the_first_key_that_meets_an_empty_database_is_its_key_from_then_on(empty: psycopg.Connection) -> None:
    for _start in range(2):
        require_key(empty, OURS)
        assert (kept(empty), is_database_key(empty, OURS), is_database_key(empty, THEIRS)) == (1, True, False)
    with pytest.raises(WrongSealKey, match=NAMED):
        require_key(empty, THEIRS)
    with pytest.raises(WrongSealKey, match=r"^CONSULT_SEAL_KEY is not the key"):
        require_key(empty, Settings(secret_key=Secret(KEY), seal_key=Secret(OTHER)))


def test_the_secret_key_is_changed_where_the_seal_key_keeps_the_old_one(empty: psycopg.Connection) -> None:
    require_key(empty, OURS)
    changed = Settings(secret_key=Secret(OTHER), seal_key=Secret(KEY))
    require_key(empty, changed)
    assert (kept(empty), is_database_key(empty, changed), is_database_key(empty, THEIRS)) == (1, True, False)


def test_a_key_for_development_is_nobodys(empty: psycopg.Connection) -> None:
    require_key(empty, Settings())
    assert kept(empty) == 0
    require_key(empty, OURS)
    with pytest.raises(WrongSealKey):
        require_key(empty, Settings())


def test_a_database_of_before_takes_the_key_that_opens_its_records(empty: psycopg.Connection) -> None:
    add_account(empty, OURS)
    require_key(empty, OURS)
    assert kept(empty) == 1


def test_a_database_of_before_refuses_a_key_that_does_not_open_its_records(empty: psycopg.Connection) -> None:
    add_account(empty, THEIRS)
    for _start in range(2):
        with pytest.raises(WrongSealKey, match=NAMED):
            require_key(empty, OURS)
    assert (kept(empty), is_database_key(empty, OURS)) == (0, False)


def test_a_database_without_the_table_is_left_to_the_migration(empty_database: str) -> None:
    with psycopg.connect(empty_database.replace("+psycopg", ""), autocommit=True) as connection:
        require_key(connection, OURS)
        assert connection.execute("SELECT to_regclass('seal_check')").fetchone() == (None,)


def test_what_is_kept_of_the_key_tells_nothing_of_it(empty: psycopg.Connection) -> None:
    require_key(empty, OURS)
    salt, mark = empty.execute("SELECT salt, mark FROM seal_check").fetchone() or (b"", b"")
    assert (len(salt), len(mark)) == (32, 32)
    assert KEY.encode() not in bytes(salt) + bytes(mark)


def test_every_sealed_column_is_among_those_that_are_tried() -> None:
    listed = {(table, column) for table, column, _salt in SEALED_COLUMNS}
    found = {
        (table.name, column.name)
        for table in Base.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, LargeBinary) and (column.name == "sealed" or column.name.endswith("_sealed"))
    }
    assert found <= listed
    assert all(column in Base.metadata.tables[table].columns for table, column in listed)


def test_every_place_can_be_asked_for_its_oldest_record(empty: psycopg.Connection) -> None:
    assert is_database_key(empty, OURS)  # it has none, so that all were asked


@pytest.fixture
def stranger(app: Flask, settings: Settings, session: Session) -> Iterator[FlaskClient]:
    """A client of a process that has another key than the database."""
    db.session.commit()
    made = create_app(replace(settings, secret_key=Secret(OTHER)))
    made.config.update(WTF_CSRF_ENABLED=False)
    limiter.enabled = False
    yield made.test_client()
    with made.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def known(session: Session) -> None:
    """The database has the check value of the usual key."""
    driver = session.connection().connection.driver_connection
    session.rollback()
    driver.autocommit = True  # type: ignore[union-attr]
    require_key(driver, OURS)  # type: ignore[arg-type]
    driver.autocommit = False  # type: ignore[union-attr]


@pytest.mark.usefixtures("known")
def test_a_process_with_another_key_opens_and_keeps_nothing_and_says_so(stranger: FlaskClient) -> None:
    with stranger.session_transaction() as cookie:
        cookie["_user_id"] = "1.0"
    for path in ("/", "/account", "/c/none/respond"):
        assert stranger.get(path).status_code == 503
    assert stranger.post("/sign-in", data={"email": "ada@example.org", "password": "x" * 12}).status_code == 503
    answer = stranger.get("/health", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json["checks"]["key"]) == (503, "down")  # type: ignore[index]
    assert "The encryption key of this process does not match the database." in stranger.get("/health").text


@pytest.mark.usefixtures("known")
def test_a_database_that_is_swapped_under_a_running_process_is_told(session: Session, client: FlaskClient) -> None:
    all_beat(session)
    assert set(checks(client).values()) == {"ok"}
    session.execute(text("UPDATE seal_check SET salt = :salt"), {"salt": secrets.token_bytes(32)})
    session.commit()
    found = checks(client)
    assert (found["status"], found["key"]) == ("down", "down")
    assert client.get("/health").status_code == 503


@pytest.mark.usefixtures("known")
def test_clock_and_worker_write_one_line_and_no_traceback(
    stranger: FlaskClient, capsys: pytest.CaptureFixture[str]
) -> None:
    with stranger.application.app_context():
        assert not clock.run_chore(next(chore for chore in clock.CHORES if chore.name.endswith("clock_beat")))
        queue.find_task("site.beat").published()
    said = capsys.readouterr()
    assert "Traceback" not in said.out + said.err


def test_a_record_that_does_not_open_is_a_sentence_on_a_page(
    session: Session, client: FlaskClient, sign_in: object
) -> None:
    person = factories.account(session, email="ada@example.org")
    person.email_sealed = b"sealed by somebody else, long ago"
    session.commit()
    client.application.testing = False
    try:
        answer = sign_in(person).get("/account")  # type: ignore[operator]
    finally:
        client.application.testing = True
    assert answer.status_code == 500
    assert "We cannot open some data on this page because they were encrypted with another key." in answer.text
