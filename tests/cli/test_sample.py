"""Loading the sample: once, in order of time, with books that balance."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import distinct, func, select
from sqlalchemy.orm import Session

from consult.accounts import service as accounts
from consult.accounts.model import Organisation
from consult.cli.sample import load
from consult.consultations.model import Consultation, Phase
from consult.core.clock import now
from consult.ledger.model import Entry
from consult.mail.model import Letter
from consult.moderation.model import Decision
from consult.submissions import queries as submissions
from consult.submissions.model import Comment, State, Submission

TABLES = (Consultation, Submission, Comment, Entry, Decision, Letter, Organisation)


@pytest.fixture
def loaded(session: Session) -> Session:
    load(session, now=now())
    return session


def count(session: Session) -> dict[str, int]:
    return {table.__tablename__: session.scalar(select(func.count()).select_from(table)) or 0 for table in TABLES}


def test_every_page_has_something_to_show(loaded: Session) -> None:
    states = Counter(loaded.scalars(select(Submission.state)))
    phases = Counter(loaded.scalars(select(Consultation.phase)))

    assert sum(states.values()) >= 90
    assert set(states) == set(State) - {State.ERASED}
    assert phases == {Phase.OPEN: 3, Phase.UPCOMING: 1, Phase.CLOSED: 1}
    assert loaded.scalar(select(func.count(distinct(Submission.organisation_id)))) >= 12
    assert set(loaded.scalars(select(Comment.language))) == {"en", "es", "fr", "ar"}


def test_the_books_of_every_consultation_balance(loaded: Session) -> None:
    for number in loaded.scalars(select(Consultation.id)):
        submissions.audit(loaded, number)


def test_a_second_load_adds_nothing(loaded: Session) -> None:
    before = count(loaded)

    load(loaded, now=now() + timedelta(days=3))

    assert count(loaded) == before


def test_the_ledger_tells_it_in_order_and_nothing_is_still_to_come(loaded: Session) -> None:
    instants = list(loaded.scalars(select(Entry.at).order_by(Entry.id)))

    assert instants == sorted(instants)
    assert instants[-1] <= now()


def test_each_of_the_demos_people_can_sign_in(session: Session) -> None:
    people = load(session, now=now())

    assert {person.role for person in people} == {"contributor", "moderator", "policymaker", "admin"}
    for person in people:
        assert accounts.sign_in(session, email=person.email, password=person.password).role == person.role
