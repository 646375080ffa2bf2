from __future__ import annotations

import math
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from consult.core import queue
from consult.core.clock import now
from consult.mail import queries, tasks
from consult.mail.model import Letter, Reconciliation, State
from tests.mail.post_office import PostOffice

Post = Callable[..., Letter]


@pytest.fixture
def no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """The broker did not answer a moment ago; drill F3 shows the same with a real one."""
    monkeypatch.setitem(queue._away, "until", math.inf)


def age(session: Session, seconds: int) -> None:
    session.execute(update(Letter).values(next_at=now() - timedelta(seconds=seconds)))
    session.commit()


def test_the_task_sends_what_is_due(session: Session, office: PostOffice, post: Post) -> None:
    post()
    tasks.drain(session, 0)
    assert len(office.taken) == 1


def test_without_a_broker_the_sweep_sends_at_once(
    session: Session, office: PostOffice, post: Post, no_broker: None
) -> None:
    post()
    tasks.sweep(session)
    assert len(office.taken) == 1


def test_with_a_broker_the_sweep_leaves_a_worker_time(session: Session, office: PostOffice, post: Post) -> None:
    post()
    tasks.sweep(session)
    assert office.taken == []
    age(session, 60)
    tasks.sweep(session)
    assert len(office.taken) == 1


def test_the_sums_of_the_outbox_agree_whatever_became_of_the_letters(
    session: Session, office: PostOffice, post: Post
) -> None:
    office.faults = lambda to, _n: {"b": "rcpt 550 5.1.1 no", "c": "rcpt 451 later"}.get(to[0], "")
    for address in ("a@example.org", "b@example.org", "c@example.org"):
        post(address)
    for n in range(3):
        post(f"d{n}@example.org", shared_key="edition")
    tasks.drain(session, 0)
    tasks.reconcile(session)
    session.commit()
    row = session.scalars(select(Reconciliation)).one()
    assert (row.built, row.sent, row.failed, row.waiting, row.balanced) == (6, 4, 1, 1, True)
    assert queries.check_outbox(session) == queries.OutboxHealth(balanced=True, late=False, waiting=1)


def test_a_letter_that_vanished_turns_the_health_red(session: Session, post: Post) -> None:
    post("a@example.org", shared_key="edition")
    post("b@example.org", shared_key="edition")
    session.execute(text("DELETE FROM letter WHERE id = (SELECT max(id) FROM letter)"))
    tasks.reconcile(session)
    session.commit()
    assert not queries.check_outbox(session).balanced


def test_a_letter_that_waits_without_an_address_turns_the_health_red(session: Session, post: Post) -> None:
    post()
    session.execute(update(Letter).values(to_sealed=None))
    tasks.reconcile(session)
    session.commit()
    assert not queries.check_outbox(session).balanced


def test_a_letter_that_waits_too_long_shows(session: Session, post: Post) -> None:
    post()
    session.execute(update(Letter).values(created_at=now() - timedelta(minutes=11), state=State.UNCERTAIN))
    session.commit()
    assert queries.check_outbox(session) == queries.OutboxHealth(balanced=True, late=True, waiting=1)
