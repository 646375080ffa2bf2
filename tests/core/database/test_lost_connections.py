"""A connection that is lost costs the request that had it, and nobody after it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any

import psycopg
import pytest
from flask import Flask, request_tearing_down
from sqlalchemy import event, select, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from consult.core import clock
from consult.core.clock import Chore
from consult.core.crypto import blind_index
from consult.core.db import ReadMode, RequestSession, db, set_read_only, transaction
from consult.mail import outbox
from consult.mail.model import Letter
from tests import factories
from tests.core.database.pooler import Pooler
from tests.filing import file

CONTEXTS = 1_600
_READ = text("SELECT count(*) FROM heartbeat")
_WRITE = text(
    "INSERT INTO heartbeat (name, at, detail) VALUES (:name, now(), '{}') ON CONFLICT (name) DO UPDATE SET at = now()"
)
_BACKEND = text("SELECT pg_backend_pid()")


class Connections:
    """Ends the server's side of a connection, as a restart or a failover does, and waits until it has ended."""

    def __init__(self, admin: psycopg.Connection[Any]) -> None:
        self.admin = admin

    def end(self, process: int | None) -> None:
        self.admin.execute("SELECT pg_terminate_backend(%s, 5000)", [process])

    def end_of(self, session: Session) -> None:
        self.end(session.scalar(_BACKEND))


@pytest.fixture
def connections(database_url: str) -> Iterator[Connections]:
    with psycopg.connect(database_url.replace("+psycopg", ""), autocommit=True) as admin:
        yield Connections(admin)


@dataclass
class Trial:
    """Contexts one after another as requests have them, some of which lose their connection at a chosen moment."""

    app: Flask
    lose: Callable[[Session], None]
    chance: Random
    found: Counter[str] = field(default_factory=Counter)

    def run(self, contexts: int, *, often: float = 0.05) -> None:
        before = len(db.session.registry.registry)
        for number in range(contexts):
            lost_before = self.chance.randrange(4) if self.chance.random() < often else None
            self.found["lost"] += lost_before is not None
            try:
                with self.app.app_context():
                    self._use(number, lost_before)
            except DBAPIError as error:
                expected = lost_before is not None and isinstance(error, OperationalError)
                self.found["failed as it was lost" if expected else f"failed: {error.orig!r}"] += 1
        self.found["left"] = len(db.session.registry.registry) - before

    def _use(self, number: int, lost_before: int | None) -> None:
        """Three statements; what writes then commits, rolls back or does neither."""
        self.found["inherited"] += db.session.registry.has()
        session = db.session()
        self.found["inherited"] += "owner" in session.info
        session.info["owner"] = number
        how = self.chance.choice([None, None, *ReadMode])
        if how:
            set_read_only(how)
        for step in range(3):
            if step == lost_before:
                self.lose(session)
            session.execute(_READ if how or step == 0 else _WRITE, {"name": f"context {number % 50}"})
        if lost_before == 3:
            self.lose(session)
        end = self.chance.choice(["commit", "rollback", "neither"])
        if end == "commit" and not how:
            session.commit()
        elif end == "rollback" and not how:
            session.rollback()

    def check(self) -> None:
        """Some were lost; nothing was inherited, nothing failed that had its connection, and no session is left."""
        assert self.found["lost"] > 0
        assert {name: n for name, n in self.found.items() if n and "lost" not in name} == {}


def test_no_context_inherits_the_session_of_another_whose_connection_was_lost(
    app: Flask, connections: Connections, chance: Random
) -> None:
    trial = Trial(app, connections.end_of, chance)
    trial.run(CONTEXTS)
    trial.check()


def test_nor_behind_a_pooler(through: Flask, connections: Connections, chance: Random) -> None:
    trial = Trial(through, connections.end_of, chance)
    trial.run(CONTEXTS // 2)  # in each of its two ways
    trial.check()


def test_nor_where_the_pooler_itself_ends_and_comes_back(through: Flask, pooler: Pooler, chance: Random) -> None:
    def restart(_session: Session) -> None:
        pooler.kill()
        pooler.start()

    trial = Trial(through, restart, chance)
    trial.run(200)
    trial.check()


@contextmanager
def leaving(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> Iterator[None]:
    """Sessions whose closing is interrupted by this error before anything was closed."""

    def fail(_session: RequestSession) -> None:
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(RequestSession, "close", fail)
        yield


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, MemoryError])
def test_nobody_reads_through_a_session_that_another_left_unclosed(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    """Its objects, what it noted and its half-done changes stay unseen, whatever interrupted the end of its request."""
    secret = factories.account(session, email="ada@example.org").id
    session.commit()
    seen: list[Session] = []
    for number in range(200):
        with suppress(error), leaving(monkeypatch, error()), app.app_context():
            own = db.session()
            assert not any(own is other for other in seen)
            assert (len(own.identity_map), len(own.new), own.info) == (0, 0, {})
            seen.append(own)
            set_read_only(ReadMode.APART)
            own.add(Letter(key=f"unsent:{number}"))
            own.info["owner"] = secret
    assert len(seen) == 200
    assert len(db.session.registry.registry) <= 1, "that of this test"


def test_a_lost_connection_does_not_hide_the_error_that_was_on_its_way(app: Flask, connections: Connections) -> None:
    def lose() -> None:
        with app.app_context(), transaction() as session:
            session.execute(_WRITE, {"name": "never kept"})
            connections.end_of(session)
            raise LookupError("the cause")

    with pytest.raises(LookupError, match="the cause"):
        lose()


def test_what_was_rolled_back_on_a_lost_connection_can_be_tried_again(app: Flask, connections: Connections) -> None:
    with app.app_context():
        session = db.session()
        session.execute(_WRITE, {"name": "first"})
        connections.end_of(session)
        session.rollback()
        session.execute(_WRITE, {"name": "second"})
        session.commit()
        assert session.scalars(text("SELECT name FROM heartbeat")).all() == ["second"]


def test_the_clock_goes_on_with_the_next_chore(session: Session, connections: Connections, chance: Random) -> None:
    """All its chores run in one context. A chore fails that wrote when its connection was lost, and no other."""
    failed, lost = 0, 0
    for number in range(200):
        loses = chance.random() < 0.2

        def write(session: Session, number: int = number, loses: bool = loses) -> None:
            assert "owner" not in session.info
            session.info["owner"] = number
            session.execute(_WRITE, {"name": f"chore {number}"})
            if loses:
                connections.end_of(session)

        lost += loses
        failed += not clock.run_chore(Chore("test", 1, write, timeless=True))
    assert failed == lost > 0
    assert session.scalar(_READ) == 200 - lost


def test_an_outbox_that_lost_its_connection_leaves_no_careless_one_behind(app: Flask, connections: Connections) -> None:
    for _letter in range(5):
        with suppress(OperationalError), outbox.open_connection() as connection, outbox.wait_for_disk(connection):
            connections.end(connection.scalar(_BACKEND))
            connection.execute(_READ)
        with app.app_context():
            assert db.session.scalar(text("SHOW synchronous_commit")) == "on"


@dataclass
class Visits:
    """Requests of pages, some of which lose their connection before a statement or between answer and end."""

    app: Flask
    connections: Connections
    chance: Random
    countdown: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    refused: set[bytes] = field(default_factory=set)

    def lose(self, connection: Any, *_statement: Any) -> None:
        self.countdown -= 1
        if self.countdown == 0:
            with connection.connection.driver_connection.cursor() as cursor:
                self.connections.end(cursor.execute("SELECT pg_backend_pid()").fetchone()[0])

    def lose_at_end(self, *_sender: Any, **_more: Any) -> None:
        loses, self.countdown = self.countdown > 0, 0
        if loses and db.session.registry.has() and db.session().in_transaction():
            self.connections.end_of(db.session())

    def run(self, requests: int, pages: list[str]) -> None:
        client = self.app.test_client()
        with self.app.app_context():
            event.listen(db.engine, "before_cursor_execute", self.lose)
        with request_tearing_down.connected_to(self.lose_at_end, self.app):
            for number in range(requests):
                loses = self.chance.random() < 0.3
                self.countdown = self.chance.randint(1, 12) if loses else 0
                if self.chance.random() < 0.4:
                    email = f"person{number}@example.org"
                    answer = client.post("/sign-in/link", data={"email": email})
                    self.refused |= {blind_index(email)} if answer.status_code == 503 else set()
                else:
                    answer = client.get(self.chance.choice(pages), buffered=True)
                self.answers[f"{answer.status_code}{' after a loss' if loses else ''}"] += 1
        with self.app.app_context():
            event.remove(db.engine, "before_cursor_execute", self.lose)


def _visit(app: Flask, connections: Connections, chance: Random, session: Session) -> None:
    consultation = factories.consultation(session)
    file(session, consultation, "Words that are looked for.", published=True)
    pages = ["/", f"/c/{consultation.slug}", "/search?q=words", "/log", f"/c/{consultation.slug}/respond", "/signals"]
    session.commit()
    visits = Visits(app, connections, chance)
    visits.run(250, pages)
    assert set(visits.answers) <= {"200", "303", "200 after a loss", "303 after a loss", "503 after a loss"}
    assert visits.answers["503 after a loss"] > 0
    written = set(session.scalars(select(Letter.to_index)))
    assert written
    assert visits.refused
    assert not written & visits.refused, "what was answered with 503 left nothing"


def test_a_page_whose_connection_is_lost_answers_503_and_the_next_one_is_served(
    app: Flask, connections: Connections, chance: Random, session: Session
) -> None:
    _visit(app, connections, chance, session)


def test_so_does_a_page_behind_a_pooler(
    through: Flask, connections: Connections, chance: Random, session: Session
) -> None:
    _visit(through, connections, chance, session)


def test_a_server_that_takes_no_changes_is_an_outage_and_its_connections_are_dropped(app: Flask) -> None:
    """As after a failover, when a pooler still leads to the server that is a standby now."""
    with app.app_context():
        session = db.session()
        process = session.scalar(_BACKEND)
        session.execute(text("SET TRANSACTION READ ONLY"))
        with pytest.raises(OperationalError, match="read-only transaction"):
            session.execute(_WRITE, {"name": "refused"})
        session.rollback()
        assert session.scalar(_BACKEND) != process
        session.execute(_WRITE, {"name": "kept"})
