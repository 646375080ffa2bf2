"""Behind PgBouncer in transaction mode everything works, and nothing that is set for one meets another."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import InternalError

from consult.cli.database import migrate
from consult.cli.schema_check import require_ready
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.database.connections import is_pooled
from consult.core.db import ReadMode, db, set_read_only, transaction
from consult.core.settings import Settings
from consult.mail import drain, outbox
from consult.mail import service as mail
from consult.mail.model import Letter, State
from consult.submissions import imports
from consult.submissions.model import Submission
from tests import factories
from tests.core.database.pooler import SERVERS, bouncer
from tests.filing import file

pytestmark = pytest.mark.process


def test_pages_are_read_and_submissions_filed_by_many_at_once(through: Flask) -> None:
    with through.app_context(), transaction() as session:
        slug = factories.consultation(session).slug
        file(session, session.scalars(select(Consultation)).one(), "Words that are looked for.", published=True)

    def visit(number: int) -> set[int]:
        client = through.test_client()
        pages = ("/", f"/c/{slug}", "/search?q=words", "/search.csv?q=words", "/log.csv", f"/c/{slug}/respond")
        found = {client.get(page, buffered=True).status_code for page in pages}
        with through.app_context(), transaction() as session:
            file(session, session.scalars(select(Consultation)).one(), f"Words of {number}.")
        return found

    with ThreadPoolExecutor(8) as people:
        assert set().union(*people.map(visit, range(24))) == {200}
    with through.app_context():
        assert db.session.scalar(select(func.count()).select_from(Submission)) == 25


@pytest.mark.parametrize("how", [None, *ReadMode])
def test_every_transaction_has_our_limits_and_leaves_none_behind(through: Flask, how: ReadMode | None) -> None:
    names = ("lock_timeout", "statement_timeout", "jit", "timezone", "transaction_read_only")
    asked = text("SELECT " + ", ".join(f"current_setting('{name}')" for name in names))
    with through.app_context():
        if how:
            set_read_only(how)
        assert is_pooled(db.session.connection())
        assert tuple(db.session.execute(asked).one()) == ("15s", "2min", "off", "UTC", "on" if how else "off")
    with through.app_context(), psycopg.connect(_plain(through), autocommit=True) as other:
        found = {other.execute("SHOW lock_timeout").fetchone() for _each in range(3 * SERVERS)}
        assert found == {("0",)}


def _plain(app: Flask) -> str:
    return str(app.config["SETTINGS"].database_url).replace("+psycopg", "")


@pytest.mark.parametrize("how", ReadMode)
def test_what_only_reads_can_write_nothing_there_either(through: Flask, how: ReadMode) -> None:
    write = text("INSERT INTO heartbeat (name, at, detail) VALUES ('test', now(), '{}')")
    with through.app_context():
        set_read_only(how)
        with pytest.raises(InternalError, match="read-only transaction"):
            db.session.execute(write)
    with through.app_context(), transaction() as session:
        session.execute(write)


def test_no_statement_is_prepared_by_name(through: Flask) -> None:
    for _each in range(12):
        with through.app_context():
            set_read_only(ReadMode.APART)
            db.session.execute(text("SELECT now()"))
    with psycopg.connect(_plain(through), autocommit=True, prepare_threshold=None) as other:
        assert other.execute("SELECT count(*) FROM pg_prepared_statements").fetchone() == (0,)


def test_letters_go_out_and_no_submission_is_kept_with_less_care_for_them(through: Flask) -> None:
    with through.app_context():
        with transaction() as session:
            for number in range(30):
                mail.post(session, key=f"note:{number}", to=f"a{number}@example.org", template="accounts/mail/role",
                          language="en", role="moderator", had="contributor", at=now())  # fmt: skip
        with outbox.open_connection() as connection, outbox.wait_for_disk(connection):
            assert connection.scalar(text("SHOW synchronous_commit")) == "on"
        assert drain.drain(budget=20) == 30
        assert set(db.session.scalars(select(Letter.state))) == {State.SENT}
    with psycopg.connect(_plain(through), autocommit=True) as other:
        assert {other.execute("SHOW synchronous_commit").fetchone() for _each in range(3 * SERVERS)} == {("on",)}


def test_comments_are_taken_in_and_leave_no_table_behind(through: Flask) -> None:
    with through.app_context():
        with transaction() as session:
            slug = factories.consultation(session).slug
        for batch in range(3):
            with transaction() as session:
                into = imports.get_target(session, slug=slug, source="docket")
                rows = [imports.check_record(into, source_id=f"{batch}-{n}", body=f"Comment {n}.") for n in range(5)]
                assert imports.file_batch(session, into, imports.seal_batch(into, rows), at=now()) == 5
        left = text("SELECT count(*) FROM pg_class WHERE relname IN ('incoming', 'filed')")
        assert db.session.scalar(left) == 0


def test_the_database_is_brought_up_to_date_and_the_lock_is_given_back(empty_database: str) -> None:
    with bouncer(empty_database) as pooler:
        url = pooler.url
        reached = {migrate(url) for _each in range(2)}
        require_ready(Settings(database_url=url))
        with psycopg.connect(url, autocommit=True) as other:
            here = "database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            held = f"SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND {here}"
            assert other.execute(held).fetchone() == (0,)
    assert len(reached) == 1


def test_a_process_opens_as_many_connections_as_the_documents_reckon_with(app: Flask, settings: Settings) -> None:
    with app.app_context():
        pool: Any = db.engine.pool
        assert pool.size() + pool._max_overflow == settings.most_connections == 2 * settings.database_pool


def test_a_connection_of_our_own_has_the_limits_from_its_start(app: Flask) -> None:
    with app.app_context():
        assert not is_pooled(db.session.connection())
        assert db.session.scalar(text("SHOW lock_timeout")) == "15s"
        assert db.session.scalar(text("SHOW default_transaction_read_only")) == "on"
