"""One e-mail each morning tells authors of all answers since the last, and links to them."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from consult.arguments import service as arguments
from consult.arguments.model import Argument
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.crypto import unseal
from consult.mail import model as mail
from consult.responses import notifications, tasks
from consult.responses import service as responses
from consult.responses.model import Obligation, ResponseNotice, ResponseRound
from consult.submissions import service as submissions
from consult.submissions.model import NameRule, State, Submission
from consult.submissions.values import Submitter
from consult.trace import account_deletion
from tests import factories, filing
from tests.accounts.letters import Letter, letters
from tests.arguments.speaking import NEEDLES, PRISONS, holding, said
from tests.counting import statements
from tests.responses.answering import REASONS, answer, argued, name_argument, owner

SignIn = Callable[[Any], FlaskClient]
MORNING = datetime(2026, 11, 20, 9, tzinfo=UTC)


def sent(session: Session, row: Consultation, words: str, **who: Any) -> Submission:
    """Published words of somebody with an address or an account."""
    rule = NameRule.NONE
    made = submissions.file(
        session, consultation=row, key=f"by:{words}:{who}", by=Submitter(name_rule=rule, language="en", **who),
        comments=[filing.comment(session, row, words)],
    )  # fmt: skip
    filing.decide(session, made, State.PUBLISHED)
    session.commit()
    return made


def spoken(session: Session, **who: Any) -> tuple[Consultation, Argument, Submission]:
    """A consultation in which somebody with an address says one of three words for needles."""
    row = factories.consultation(session)
    mine = sent(session, row, NEEDLES[0], **(who or {"email": "ana@example.org"}))
    said(session, row, *NEEDLES[1:], *PRISONS)
    return row, holding(session, row, NEEDLES[0]), mine


def tell(session: Session, at: datetime) -> list[Letter]:
    """One round of the clock, until nothing is left; gives the letters that tell of answers."""
    notifications.begin_rounds(session, at=at)
    session.commit()
    for number in notifications.list_unfinished_rounds(session):
        while notifications.write_letters(session, number):
            session.commit()
        session.commit()
    return told(session)


def told(session: Session) -> list[Letter]:
    return [
        letter
        for letter in letters(session)
        if letter.subject.startswith(("Answered", "Answer published", "Answers published"))
    ]


def test_who_made_an_argument_is_told_of_its_answer_once(session: Session) -> None:
    _row, argument, _mine = spoken(session)
    assert tell(session, MORNING) == []
    answer(session, argument, at=MORNING - timedelta(hours=20))
    (letter,) = tell(session, MORNING)
    assert letter.to == "ana@example.org"
    assert REASONS in letter.text
    assert REASONS in letter.html
    for later in (0, 1, 30):
        assert len(tell(session, MORNING + timedelta(days=later))) == 1
    assert session.scalar(select(func.count()).select_from(ResponseNotice)) == 0


def test_a_days_answers_are_one_letter_for_one_person_whatever_they_filed(session: Session) -> None:
    row, argument, _mine = spoken(session)
    sent(session, row, PRISONS[0] + " Yes.", email="ana@example.org")
    said(session, row)
    other = holding(session, row, PRISONS[0])
    answer(session, argument)
    answer(session, other, outcome="not_accepted", reasons="Not now.")
    (letter,) = tell(session, MORNING)
    assert "Answers published to 2 arguments" in letter.subject
    assert REASONS in letter.text
    assert "Not now." in letter.text


def test_letters_go_in_the_morning_there_and_at_most_once_a_day(session: Session) -> None:
    row, argument, _mine = spoken(session)
    row.timezone = "America/Lima"
    first = answer(session, argument)
    dawn = datetime(2026, 11, 20, 11, 59, tzinfo=UTC)  # one minute before seven in Lima
    assert tell(session, dawn) == []
    assert len(tell(session, dawn + timedelta(minutes=2))) == 1
    answer(session, argument, outcome="in_part", reasons="Half.", seen=first.token)
    assert len(tell(session, dawn + timedelta(hours=9))) == 1
    assert len(tell(session, dawn + timedelta(days=1))) == 1
    (_first, second) = tell(session, dawn + timedelta(days=1, minutes=2))
    assert "Half." in second.text


def test_what_only_changed_its_reasons_is_not_told_again(session: Session) -> None:
    _row, argument, _mine = spoken(session)
    first = answer(session, argument)
    tell(session, MORNING)
    answer(session, argument, reasons="Spelt rightly.", seen=first.token)
    assert len(tell(session, MORNING + timedelta(days=1))) == 1
    assert session.scalar(select(func.count()).select_from(ResponseRound)) == 2


def test_a_round_that_stops_half_way_goes_on_and_tells_nobody_twice(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notifications, "CHUNK", 2)
    row = factories.consultation(session)
    for n in range(5):
        sent(session, row, f"{NEEDLES[0]} Number {n}.", email=f"p{n}@example.org")
    said(session, row, *NEEDLES[1:])
    answer(session, holding(session, row, NEEDLES[1]))
    (number,) = notifications.begin_rounds(session, at=MORNING)
    session.commit()
    assert notifications.begin_rounds(session, at=MORNING) == []
    assert notifications.write_letters(session, number)
    session.rollback()  # its worker was killed
    left = []
    for _turn in range(9):
        left.append(session.scalar(select(func.count()).select_from(ResponseNotice)))
        tasks.work(session)
        tasks.tell(session, number)
        session.commit()
    assert left[0] == 5
    assert left[-1] == 0
    assert sorted(letter.to for letter in told(session)) == [f"p{n}@example.org" for n in range(5)]


def test_nobody_is_told_who_took_their_words_back_or_gave_no_address(session: Session) -> None:
    row, argument, mine = spoken(session)
    sent(session, row, NEEDLES[0], email="bea@example.org")
    other = sent(session, row, NEEDLES[0], email="eva@example.org")
    answer(session, argument)
    filing.decide(session, mine, State.WITHDRAWN)
    (number,) = notifications.begin_rounds(session, at=MORNING)
    filing.decide(session, other, State.WITHHELD, "off_topic")
    session.commit()
    notifications.write_letters(session, number)
    session.commit()
    assert [letter.to for letter in told(session)] == ["bea@example.org"]
    assert session.scalar(select(func.count()).select_from(ResponseNotice)) == 0


def test_the_letter_leads_to_the_page_on_which_its_reader_sees_the_answer(
    session: Session, client: FlaskClient
) -> None:
    _row, argument, mine = spoken(session)
    answer(session, argument)
    tell(session, MORNING)
    fields = session.scalars(select(mail.Letter.fields_sealed).where(mail.Letter.key.startswith("answers:"))).one()
    found = re.search(r"https?://[^/]+(/r/[^\"]+)", unseal(fields or b""))
    assert found
    page = html.unescape(client.get(found[1]).text)
    assert mine.reference in page
    assert "Answered: Accepted" in page
    assert REASONS in page
    public = html.unescape(client.get(f"/r/{mine.reference}").text)
    assert REASONS not in public, "which words are in which argument is told to their author only"


def test_an_account_is_told_in_its_language_and_finds_the_answer_on_its_page(session: Session, sign_in: SignIn) -> None:
    person = factories.account(session, email="luz@example.org", language="es")
    _row, argument, _mine = spoken(session, account_id=person.id)
    answer(session, argument)
    assert tell(session, MORNING) == []
    (letter,) = [one for one in letters(session) if one.subject.startswith("Respuesta publicada a un argumento")]
    assert letter.to == "luz@example.org"
    assert "Aceptado" in letter.text
    assert "1 respuesta" in sign_in(person).get("/my", headers={"Accept-Language": "es"}).text


def test_the_answer_to_a_merged_argument_reaches_those_whose_words_went_with_it(session: Session) -> None:
    row, argument, _mine = spoken(session)
    other = holding(session, row, PRISONS[0])
    answer(session, argument)
    arguments.merge(session, argument_id=argument.id, into_id=other.id, by=owner(session, row))
    session.commit()
    (letter,) = tell(session, MORNING)
    assert REASONS in letter.text


def test_the_promise_stands_until_every_argument_of_a_submission_is_answered(
    session: Session, client: FlaskClient
) -> None:
    row = factories.consultation(session, answer_by=(now() + timedelta(days=9)).date())
    both = [filing.comment(session, row, words) for words in (NEEDLES[0], PRISONS[0])]
    mine = submissions.file(session, consultation=row, key="both", comments=both,
                            by=Submitter(name_rule=NameRule.NONE, language="en"))  # fmt: skip
    filing.decide(session, mine, State.PUBLISHED)
    said(session, row, *NEEDLES[1:], *PRISONS[1:])
    for words in (NEEDLES[0], PRISONS[0]):
        name_argument(session, holding(session, row, words), words[:20])
    way = f"/r/{mine.reference}/{submissions.author_secret(mine)}"
    assert "Due by" in client.get(way).text
    answer(session, holding(session, row, NEEDLES[0]))
    for address in (way, f"/r/{mine.reference}"):
        assert "Due by" in client.get(address).text
    other = holding(session, row, PRISONS[0])
    later = answer(session, other, outcome="deferred", due_on=(now() + timedelta(days=30)).date())
    assert "Due by" in client.get(way).text
    answer(session, other, seen=later.token)
    assert "Due by" not in client.get(way).text
    assert "Due by" not in client.get(f"/r/{mine.reference}").text


def test_who_leaves_is_asked_for_nothing_any_more(session: Session) -> None:
    row, argument = argued(session)
    person = factories.account(session, "policymaker")
    responses.assign(session, argument_id=argument.id, by=owner(session, row), owner_id=person.id)
    account_deletion.delete_account(session, person)
    session.commit()
    assert session.scalars(select(Obligation)).all() == []


def test_a_round_asks_the_same_however_many_are_told(session: Session) -> None:
    counted = []
    for many in (2, 20):
        row = factories.consultation(session)
        for n in range(many):
            sent(session, row, f"{NEEDLES[0]} Number {n} of {many}.", email=f"p{n}of{many}@example.org")
        said(session, row, *NEEDLES[1:])
        answer(session, holding(session, row, NEEDLES[1]))
        (number,) = notifications.begin_rounds(session, at=MORNING)
        session.commit()
        with statements() as seen:
            notifications.write_letters(session, number)
        counted.append(len(seen))
        session.commit()
    assert counted[0] == counted[1]
