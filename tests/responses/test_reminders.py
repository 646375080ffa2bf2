"""Those who owe answers are written to once a day at most: asked, due within a week, overdue."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.arguments.model import Argument
from consult.consultations.model import Consultation
from consult.core.web.access import Role
from consult.responses import reminders, service
from consult.responses.model import Obligation
from tests import factories
from tests.accounts.letters import Letter, letters
from tests.arguments.speaking import PRISONS, holding
from tests.responses.answering import answer, argued, owner

SignIn = Callable[[Any], FlaskClient]
TODAY = datetime(2027, 3, 10, 7, tzinfo=UTC)


def day(n: int) -> datetime:
    return TODAY + timedelta(days=n)


@pytest.fixture
def maria(session: Session) -> Account:
    return factories.account(session, Role.POLICYMAKER, email="maria@ministry.example", language="es")


def told(session: Session, at: datetime) -> list[Letter]:
    """The letters of one morning; the chore ticks twice."""
    before = len(letters(session))
    reminders.write_reminders(session, at=at)
    assert reminders.write_reminders(session, at=at + timedelta(minutes=5)) == 0
    session.commit()
    return letters(session)[before:]


def ask(session: Session, row: Consultation, argument: Argument, of: Account) -> None:
    service.assign(session, argument_id=argument.id, by=owner(session, row), owner_id=of.id, at=day(-1))
    session.commit()


def test_who_is_asked_for_answers_is_told_the_next_morning_in_one_letter(session: Session, maria: Account) -> None:
    row, argument = argued(session, answer_by=date(2027, 6, 1))
    other = holding(session, row, PRISONS[0])
    argument.name = "Pay for the exchanges"
    ask(session, row, argument, maria)
    ask(session, row, other, maria)
    assert told(session, TODAY.replace(hour=5)) == []
    (letter,) = told(session, TODAY)
    assert letter.to == "maria@ministry.example"
    assert 'lang="es"' in letter.html
    assert "Pay for the exchanges" in letter.text
    assert f"/desk/arguments/{argument.id}/answer" in letter.text
    assert f"/desk/arguments/{other.id}/answer" in letter.text
    assert f"/desk/consultations/{row.id}/answers?show=mine" in letter.text
    for word in PRISONS:
        assert word not in letter.text  # no contributor is quoted
    assert told(session, day(1)) == []


def test_an_answer_is_told_of_a_week_before_its_day_when_it_is_overdue_and_every_four_weeks(session: Session) -> None:
    row, argument = argued(session, answer_by=day(10).date())
    due = [n for n in range(80) if told(session, day(n))]
    assert due == [3, 11, 38, 66]
    assert letters(session)[0].subject == "2 answers from you are due soon"
    assert "due by 20 March 2027" in letters(session)[0].text
    assert letters(session)[1].subject == "2 answers from you are overdue"
    answer(session, argument, by=owner(session, row))
    answer(session, holding(session, row, PRISONS[0]), by=owner(session, row))
    assert told(session, day(94)) == []


def test_a_clock_that_was_away_over_the_day_tells_it_when_it_is_back(session: Session) -> None:
    argued(session, answer_by=day(10).date())
    assert told(session, day(0)) == []
    assert len(told(session, day(5))) == 1
    assert len(told(session, day(14))) == 1
    assert told(session, day(15)) == []


def test_what_was_deferred_is_told_of_to_who_is_to_answer_it(session: Session, maria: Account) -> None:
    row, argument = argued(session)
    ask(session, row, argument, maria)
    answer(session, argument, by=maria, outcome="deferred", due_on=day(20).date(), at=day(0))
    assert told(session, day(1)) == []
    (near,) = told(session, day(14))
    assert near.to == "maria@ministry.example"
    (late,) = told(session, day(21))
    assert late.to == near.to


def test_what_somebody_asks_of_themselves_or_again_is_no_news(session: Session, maria: Account) -> None:
    row, argument = argued(session)
    by = owner(session, row)
    service.assign(session, argument_id=argument.id, by=by, owner_id=by.id)
    assert told(session, day(0)) == []
    ask(session, row, argument, maria)
    assert len(told(session, day(1))) == 1
    ask(session, row, argument, maria)
    assert told(session, day(2)) == []
    assert session.get_one(Obligation, argument.id).told_at is not None


def test_who_is_no_policymaker_any_more_is_not_written_to(session: Session, maria: Account) -> None:
    row, argument = argued(session)
    ask(session, row, argument, maria)
    maria.role = Role.CONTRIBUTOR
    session.commit()
    assert told(session, day(0)) == []


def test_the_desk_counts_of_another_s_consultation_only_what_is_asked_of_its_reader(
    session: Session, maria: Account, sign_in: SignIn
) -> None:
    row, argument = argued(session, answer_by=date(2026, 1, 5))
    maria.language = "en"
    ask(session, row, argument, maria)
    desk = sign_in(maria).get("/desk").text
    assert "<b>1</b>" in desk
    assert "1 overdue" in desk
    assert f"/desk/consultations/{row.id}/answers?show=mine" in desk
    assert "<b>2</b>" in sign_in(owner(session, row)).get("/desk").text
    answer(session, argument, by=maria)
    assert "Consultations with answers due" not in sign_in(maria).get("/desk").text
