"""Followers cost as much for each entry after a burst as after a few entries, without new statistics."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from consult import create_app
from consult.analysis import service as analysis
from consult.cli.database import migrate
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.db import db
from consult.core.settings import Settings
from consult.digests import count_queries
from consult.ledger import service as ledger
from consult.moderation import waiting_list as queue
from consult.moderation.statistics import service as statistics
from consult.search import service as search
from consult.submissions import counters, imports
from tests import factories
from tests.counting import rows_read

_BUSY = ("ledger", "submission", "comment", "waiting", "analysis_counted", "text_group", "heard_counted", "decision")
_OFTEN = 13
Verb = Callable[[Session, int], Any]


def to_the_end(verb: Callable[[Session], int]) -> Verb:
    def run(session: Session, _consultation: int) -> None:
        while verb(session):
            pass

    return run


FOLLOWERS: dict[str, Verb] = {
    "numbers": lambda session, _number: ledger.number_entries(session),
    "queue": to_the_end(queue.FOLLOWER.follow_site),
    "statistics of moderation": to_the_end(statistics.FOLLOWER.follow_site),
    "search": to_the_end(search.FOLLOWER.follow_site),
    "analysis": lambda session, number: analysis.FOLLOWER.follow(
        session, consultation_id=number, until=ledger.head(session)
    ),
    "what was heard": lambda session, number: count_queries.FOLLOWER.follow(
        session, consultation_id=number, until=ledger.head(session)
    ),
    "tally": lambda session, _number: counters.fold(session),
}


@pytest.fixture
def session(settings: Settings, empty_database: str) -> Iterator[Session]:
    """Of a database and connections of its own: statistics and plans that other tests left would change the rows."""
    migrate(empty_database)
    with create_app(replace(settings, database_url=empty_database)).app_context():
        yield db.session()
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def it(session: Session) -> Iterator[Consultation]:
    """A consultation in tables that nothing looks at meanwhile, looked at when they were empty."""
    engine = create_engine(db.engine.url, isolation_level="AUTOCOMMIT")
    with engine.connect() as server:
        for table in _BUSY:
            server.execute(text(f"ALTER TABLE {table} SET (autovacuum_enabled = off)"))
        server.execute(text(f"VACUUM FULL ANALYZE {', '.join(_BUSY)}"))
        yield factories.consultation(session, slug="plan")
        session.rollback()
        for table in _BUSY:
            server.execute(text(f"ALTER TABLE {table} RESET (autovacuum_enabled)"))
    engine.dispose()


def file(session: Session, numbers: range) -> None:
    into = imports.get_target(session, slug="plan", source="burst", published=True)
    rows = [
        imports.check_record(into, source_id=f"{n}", body=f"Words of number {n}.", provision="1.1", stance="concern")
        for n in numbers
    ]
    imports.file_batch(session, into, imports.seal_batch(into, rows), at=now())
    session.commit()


def cost(session: Session, it: Consultation, numbers: range) -> dict[str, dict[str, float]]:
    """Count the rows of each table that each follower reads for each comment."""
    file(session, numbers)
    found = {}
    for name, verb in FOLLOWERS.items():
        with rows_read(session) as read:
            verb(session, it.id)
            session.flush()
        session.commit()
        found[name] = {table: round(n / len(numbers), 1) for table, n in read.items()}
    return found


def test_followers_of_the_ledger_cost_the_same_for_each_entry_of_a_burst(session: Session, it: Consultation) -> None:
    """The connection knows plans of when there was next to nothing: they must not be used."""
    for n in range(_OFTEN):
        cost(session, it, range(2 * n, 2 * n + 2))
    few, many = cost(session, it, range(100, 200)), cost(session, it, range(1000, 2500))
    grown = {
        name: (few[name], many[name]) for name in few if sum(many[name].values()) > 3 * max(sum(few[name].values()), 5)
    }
    assert grown == {}, "rows read for each comment of 100, and for each of 1,500"
