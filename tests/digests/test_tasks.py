from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from consult.core import queue
from consult.core.db import db
from consult.core.queue import celery
from consult.digests import service, tasks
from consult.digests.model import Digest, Subscription
from tests import factories
from tests.filing import file, numbered

Subscribe = Callable[..., Subscription]
MONDAY = datetime(2026, 11, 23, 5, tzinfo=UTC)  # 06:00 in Vienna


@pytest.fixture(autouse=True)
def nothing_asked() -> Iterator[None]:
    tasks._asked.clear()
    yield
    tasks._asked.clear()


@pytest.fixture
def no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(queue._away, "until", math.inf)


def begin(session: Session, subscribe: Subscribe, cadence: str = "weekly", **values: Any) -> int:
    row = factories.consultation(session, opens_at=MONDAY - timedelta(days=9), **values)
    subscribe(row, cadence, at=MONDAY - timedelta(days=8))
    file(session, row, "One.", published=True, at=MONDAY - timedelta(days=2))
    numbered(session)
    return row.id


def compiled(session: Session) -> list[datetime]:
    """The slots that have a digest. The chore leaves the registry of sessions empty, so this one is closed by hand."""
    session.rollback()
    found = list(session.scalars(select(Digest.slot_at).order_by(Digest.id)))
    session.close()
    return found


def messages() -> list[Any]:
    """The tasks that were published and nobody has taken."""
    with celery.connection_for_read() as connection, connection.SimpleQueue("digests") as waiting:
        found = []
        while True:
            try:
                message = waiting.get_nowait()
            except waiting.Empty:
                return found
            message.ack()
            found.append(message.payload[0])


def test_a_due_digest_is_asked_of_a_worker_once(session: Session, subscribe: Subscribe) -> None:
    messages()
    number = begin(session, subscribe)
    with time_machine.travel(MONDAY + timedelta(seconds=5), tick=False):
        for _tick in range(5):
            tasks.due(session)
    assert messages() == [[number, "weekly", MONDAY.isoformat()]]
    assert compiled(session) == []
    tasks.compile_slot(session, number, "weekly", MONDAY.isoformat())
    session.commit()
    assert compiled(session) == [MONDAY]


def test_nothing_is_due_before_the_slot(session: Session, subscribe: Subscribe) -> None:
    begin(session, subscribe)
    assert [due.slot_at for due in service.list_due(session, at=MONDAY - timedelta(seconds=1))] == [
        MONDAY - timedelta(days=7)
    ]
    assert [due.slot_at for due in service.list_due(session, at=MONDAY)] == [MONDAY]


def test_a_slot_at_which_the_first_reader_subscribes_has_no_digest(session: Session, subscribe: Subscribe) -> None:
    row = factories.consultation(session)
    kept = subscribe(row, at=MONDAY)
    assert service.list_due(session, at=MONDAY) == []
    kept.created_at = MONDAY - timedelta(microseconds=1)
    session.commit()
    assert [due.slot_at for due in service.list_due(session, at=MONDAY)] == [MONDAY]


def test_without_a_broker_the_clock_compiles(session: Session, subscribe: Subscribe, no_broker: None) -> None:
    begin(session, subscribe)
    with time_machine.travel(MONDAY + timedelta(seconds=5), tick=False):
        tasks.due(session)
    assert compiled(session) == [MONDAY]


def test_a_slot_whose_task_was_lost_is_compiled_by_the_clock(
    session: Session, subscribe: Subscribe, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(session, subscribe)
    watch = [1000.0]
    monkeypatch.setattr(tasks.time, "monotonic", lambda: watch[0])
    with time_machine.travel(MONDAY + timedelta(seconds=5), tick=False):
        for later in (0, 30, 59):
            watch[0] = 1000.0 + later
            tasks.due(session)
        assert compiled(session) == []
        watch[0] = 1061.0
        tasks.due(session)
    assert compiled(session) == [MONDAY]


def test_a_subscription_begun_after_the_slot_waits_for_the_next(
    session: Session, subscribe: Subscribe, no_broker: None
) -> None:
    row = factories.consultation(session, opens_at=MONDAY - timedelta(days=9))
    subscribe(row, at=MONDAY + timedelta(hours=1))
    with time_machine.travel(MONDAY + timedelta(hours=2), tick=False):
        tasks.due(session)
    assert compiled(session) == []


def test_one_digest_that_cannot_be_compiled_does_not_stop_the_others(
    session: Session, subscribe: Subscribe, no_broker: None
) -> None:
    broken, sound = begin(session, subscribe), begin(session, subscribe)
    wrong = """INSERT INTO analysis_state (consultation_id, received, withheld, withdrawn, erased, pending,
        texts, campaigns, organisations) VALUES (:id, 5, 0, 0, 0, 0, 0, 0, 0)"""
    session.execute(text(wrong), {"id": broken})
    session.commit()
    with time_machine.travel(MONDAY + timedelta(seconds=5), tick=False):
        tasks.due(session)
    assert compiled(session) == [MONDAY]
    assert db.session.scalars(select(Digest.consultation_id)).all() == [sound]


def test_the_digest_on_closing_is_due_when_the_consultation_closes(session: Session, subscribe: Subscribe) -> None:
    closes = MONDAY + timedelta(days=1, minutes=59)
    begin(session, subscribe, "closing", closes_at=closes)
    assert service.list_due(session, at=closes - timedelta(seconds=1)) == []
    assert [due.slot_at for due in service.list_due(session, at=closes)] == [closes]
