"""Addresses that are closed by two failures, and opened again by a letter that arrives."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from consult.core.clock import now
from consult.core.crypto import blind_index
from consult.core.db import db
from consult.mail import drain, suppression
from consult.mail.model import AddressFailure, Letter, State, Suppression
from tests.mail.post_office import PostOffice

Post = Callable[..., Letter]
ADA = "ada@example.org"


@pytest.fixture
def closed(session: Session) -> str:
    """An address that failed twice."""
    index = blind_index(ADA)
    assert not suppression.note_failure(session, index, "bounced: 5.1.1", at=now() - timedelta(days=3))
    assert suppression.note_failure(session, index, "bounced: 5.1.1", at=now() - timedelta(days=2))
    session.commit()
    return ADA


def _outcome(session: Session, post: Post, **values: object) -> State:
    letter = post(ADA, **values)
    drain.drain(budget=5)
    session.refresh(letter)
    return letter.state


def test_a_letter_that_is_asked_for_goes_to_a_closed_address_once_a_day(
    session: Session, office: PostOffice, post: Post, closed: str
) -> None:
    assert _outcome(session, post, key="a") is State.SUPPRESSED
    assert _outcome(session, post, key="b", asked=True) is State.SENT
    assert _outcome(session, post, key="c", asked=True) is State.SUPPRESSED
    found = suppression.get_closed_address(session, closed)
    assert found
    assert (found.unsent, found.tried_lately, found.lasting) == (2, True, False)
    with time_machine.travel(now(), tick=False):
        for tried_at, outcome in ((timedelta(microseconds=1), State.SUPPRESSED), (timedelta(), State.SENT)):
            session.execute(update(Suppression).values(tried_at=now() - suppression.ASKED_EVERY + tried_at))
            session.commit()
            assert _outcome(session, post, key=f"d{outcome}", asked=True) is outcome


def test_two_failures_close_an_address_from_exactly_a_day_apart(session: Session) -> None:
    index, at = blind_index(ADA), now()
    for later, closed in ((timedelta(days=1, microseconds=-1), False), (timedelta(days=1), True)):
        assert suppression.note_failure(session, index, "bounced: 5.1.1", at=at) is False
        assert suppression.note_failure(session, index, "bounced: 5.1.1", at=at + later) is closed
        session.rollback()


def test_a_letter_that_was_let_through_and_is_refused_for_now_is_tried_again(
    session: Session, office: PostOffice, post: Post, closed: str
) -> None:
    office.faults = lambda _to, n: "rcpt 451 later" if n == 1 else ""
    letter = post(ADA, asked=True)
    drain.drain(budget=5)
    session.execute(update(Letter).values(next_at=now() - timedelta(seconds=1)))
    session.commit()
    drain.drain(budget=5)
    session.refresh(letter)
    assert letter.state is State.SENT


def test_a_lasting_closure_lets_nothing_through_and_no_letter_lifts_it(
    session: Session, office: PostOffice, post: Post
) -> None:
    suppression.close_address(session, address=ADA, reason="complaint")
    suppression.confirm_address(session, ADA)
    session.commit()
    assert _outcome(session, post, asked=True) is State.SUPPRESSED
    assert office.taken == []
    assert suppression.reopen(session, ADA)
    assert suppression.get_closed_address(session, ADA) is None


def test_a_letter_that_was_read_opens_its_address_and_forgets_its_failures(session: Session, closed: str) -> None:
    suppression.note_failure(session, blind_index(closed), "bounced: 5.1.1", at=now())
    suppression.confirm_address(session, closed)
    assert suppression.get_closed_address(session, closed) is None
    assert session.scalars(select(AddressFailure)).all() == []


def test_a_failure_of_long_ago_is_forgotten(session: Session) -> None:
    suppression.note_failure(session, blind_index(ADA), "bounced: 5.1.1", at=now() - timedelta(days=181))
    suppression.forget_old_failures(session, at=now())
    assert not suppression.note_failure(session, blind_index(ADA), "bounced: 5.1.1", at=now())
    db.session.rollback()
