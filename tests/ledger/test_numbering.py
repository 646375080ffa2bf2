"""Numbers of entries: in their order, without gaps, and at a cost that no statistics change."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, create_engine, select, text
from sqlalchemy.orm import Session

from consult.core.db import db
from consult.ledger import service, tasks
from consult.ledger.model import LedgerEntry
from tests.counting import rows_read, statements

_BURST = text(
    "INSERT INTO ledger (at, kind, subject_id, detail) "
    "SELECT now(), 'submission.received', n, '{}' FROM generate_series(1, :n) AS n"
)


def burst(session: Session, n: int) -> None:
    session.execute(_BURST, {"n": n})
    session.commit()


def entries(session: Session) -> list[tuple[int, int | None]]:
    return [
        (row.subject_id, row.number) for row in session.execute(select(LedgerEntry).order_by(LedgerEntry.id)).scalars()
    ]


@pytest.fixture
def in_threes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "BATCH", 3)
    monkeypatch.setattr(service, "_AT_ONCE", 7)


@pytest.mark.usefixtures("in_threes")
@pytest.mark.parametrize("n", [0, 1, 3, 7, 20])
def test_a_burst_is_numbered_in_its_order_without_gaps_over_the_ends_of_batches(session: Session, n: int) -> None:
    for _twice in range(2):
        before = service.head(session)
        burst(session, n)
        assert service.number_entries(session) == before + n
        session.commit()
    assert [number for _subject, number in entries(session)] == list(range(1, 2 * n + 1))


@pytest.mark.usefixtures("in_threes")
def test_some_of_a_burst_can_be_numbered_and_the_rest_later(session: Session) -> None:
    burst(session, 20)
    assert service.number_entries(session, most=8) == 9
    assert [number for _subject, number in entries(session)] == [*range(1, 9), *[None] * 12]
    assert service.number_entries(session) == 21


def test_the_clock_numbers_a_burst_in_transactions_of_their_own(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "PART", 10)
    burst(session, 25)
    with statements() as seen:
        tasks.number(session)
    assert sum("UPDATE ledger" in statement for statement in seen) == 3
    assert sum("pg_advisory_xact_lock" in statement for statement in seen) == 3, "held to the end of each transaction"
    assert [number for _subject, number in entries(db.session())] == list(range(1, 26))


@pytest.fixture
def server(session: Session) -> Iterator[Connection]:
    """A connection for what no transaction may hold; nothing else looks at the ledger meanwhile."""
    engine = create_engine(db.engine.url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("ALTER TABLE ledger SET (autovacuum_enabled = off)"))
        connection.execute(text("VACUUM FULL ANALYZE ledger"))  # of what earlier tests have left
        yield connection
        session.rollback()
        connection.execute(text("ALTER TABLE ledger RESET (autovacuum_enabled)"))
    engine.dispose()


@pytest.mark.parametrize("statistics", ["fresh", "of a tiny ledger", "of an empty ledger"])
def test_an_entry_of_a_large_burst_is_numbered_at_the_cost_of_one_of_a_small_burst(
    session: Session, server: Connection, statistics: str
) -> None:
    """The connection has often numbered a tiny ledger: the plan that it keeps for that must not be used."""
    cost = {}
    for n in (400, 4000):
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text("DELETE FROM ledger"))
        session.commit()
        server.execute(text("VACUUM ANALYZE ledger"))
        for often in range(15):
            if statistics == "of a tiny ledger" and often == 1:
                server.execute(text("ANALYZE ledger"))
            burst(session, 1 if often else 3)
            service.number_entries(session)
            session.commit()
        burst(session, n)
        if statistics == "fresh":
            server.execute(text("ANALYZE ledger"))
        with rows_read(session) as read:
            service.number_entries(session)
        cost[n] = read["ledger"] / n
        session.commit()
    assert cost[4000] < 2 * cost[400]
    assert cost[4000] < 10
