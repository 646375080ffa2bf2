"""Feedback on a consultation: who is asked and when, what is published, and that answers stay anonymous."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from consult.arguments.model import Argument
from consult.consultations.model import Consultation, Phase
from consult.core.clock import now
from consult.core.crypto import unseal
from consult.core.errors import NotFound, Refusal
from consult.core.web.access import Role
from consult.mail import model as mail
from consult.responses.evaluation import letters as evaluation_letters
from consult.responses.evaluation import queries, service
from consult.responses.evaluation.model import QUESTIONS, Evaluation, EvaluationNotice
from consult.submissions import service as submissions
from consult.submissions.model import State, Submission
from consult.trace import erasure, export
from tests import factories, filing
from tests.accounts.letters import Letter, letters
from tests.counting import statements
from tests.responses.answering import answer, argued, owner
from tests.responses.test_letters import sent

SignIn = Callable[[Any], FlaskClient]
ALL = dict.fromkeys(QUESTIONS, 4)
BEFORE = now() - timedelta(days=3)


def close(session: Session, row: Consultation) -> None:
    row.opens_at, row.closes_at, row.phase = now() - timedelta(days=30), now() - timedelta(days=2), Phase.CLOSED
    session.commit()


def answered(session: Session) -> tuple[Consultation, Submission]:
    """A closed consultation in which every argument is answered, and somebody with an address took part."""
    row, _argument = argued(session)
    mine = sent(session, row, "The exchange hours are too short for who works.", email="ana@example.org")
    for one in session.scalars(select(Argument).where(Argument.statements > 0, Argument.merged_into_id.is_(None))):
        answer(session, one)
    close(session, row)
    return row, mine


def opened(session: Session) -> tuple[Consultation, Submission]:
    row, mine = answered(session)
    assert service.open_due(session) == [row.id]
    session.commit()
    return row, mine


def take_part(session: Session, row: Consultation, people: int, **answers: int) -> list[Submission]:
    found = []
    for number in range(people):
        made = filing.file(
            session, row, f"Somebody says a thing of their own, the {number}th.", published=True, at=BEFORE
        )
        service.give(session, made, answers={**ALL, **answers})
        found.append(made)
    session.commit()
    return found


def written(session: Session) -> list[Letter]:
    for number in evaluation_letters.list_unfinished(session):
        while evaluation_letters.write_letters(session, number):
            session.commit()
    session.commit()
    return [one for one in letters(session) if "How was this consultation" in one.subject]


def link(secret_of: Submission) -> str:
    return f"/r/{secret_of.reference}/{submissions.author_secret(secret_of)}/evaluation"


def test_participants_are_asked_once_every_argument_is_answered(session: Session) -> None:
    row, _argument = argued(session)
    close(session, row)
    assert service.open_due(session) == []
    for one in session.scalars(select(Argument).where(Argument.statements > 0)):
        answer(session, one)
    assert service.open_due(session) == [row.id]
    assert service.open_due(session) == []


def test_participants_are_asked_once_the_promised_day_has_passed_unanswered(session: Session) -> None:
    row, _argument = argued(session)
    close(session, row)
    row.answer_by = now().date()
    session.commit()
    assert service.open_due(session) == []
    row.answer_by = now().date() - timedelta(days=1)
    session.commit()
    assert service.open_due(session) == [row.id]


def test_nobody_is_asked_while_something_can_still_be_filed_or_waits_for_a_moderator(session: Session) -> None:
    row, _mine = answered(session)
    row.late_until = now() + timedelta(hours=1)
    session.commit()
    assert service.open_due(session) == []
    row.late_until = None
    waiting = filing.file(session, row, "This waits.", at=BEFORE)
    session.commit()
    assert service.open_due(session) == []
    filing.decide(session, waiting, State.WITHHELD, "hate")
    assert service.open_due(session) == [row.id]


def test_nobody_is_written_to_about_an_outcome_of_long_ago(session: Session) -> None:
    row, _mine = answered(session)
    later = now() + service.RECENT + timedelta(days=1)
    assert service.open_due(session, at=later) == []
    assert service.open_due(session, at=now()) == [row.id]


def test_who_gave_an_address_gets_one_letter_however_often_they_filed(session: Session) -> None:
    row, _argument = argued(session)
    for words in ("The hours are too short.", "And once more, on another matter."):
        last = sent(session, row, words, email="ana@example.org")
    for one in session.scalars(select(Argument).where(Argument.statements > 0)):
        answer(session, one)
    close(session, row)
    service.open_due(session)
    [letter] = written(session)
    assert letter.to == "ana@example.org"
    fields = session.scalars(
        select(mail.Letter.fields_sealed).where(mail.Letter.key == service.letter_key(last.id))
    ).one()
    assert link(last) in unseal(fields or b"")
    assert written(session) == [letter]
    assert session.scalar(select(func.count()).select_from(EvaluationNotice)) == 0


def test_who_erased_before_the_letter_was_written_gets_none(session: Session) -> None:
    _row, mine = opened(session)
    erasure.erase(session, mine)
    session.commit()
    assert written(session) == []


def test_the_answers_are_given_and_changed_behind_the_link_and_counted_once(
    session: Session, client: FlaskClient
) -> None:
    _row, mine = opened(session)
    story = client.get(link(mine).removesuffix("/evaluation"))
    assert "Answer five questions" in story.text
    page = client.get(link(mine))
    assert page.text.count("<fieldset") == 5
    sent_in = client.post(link(mine), data={"clear": "5", "time": "0", "remark": "Too little  time "})
    assert sent_in.status_code == 303
    assert service.get_own(session, mine) == service.OwnEvaluation({"clear": 5, "time": 0}, "Too little time")
    assert "Change my responses" in client.get(link(mine)).text
    client.post(link(mine), data={"clear": "1"})
    session.expire_all()
    assert service.get_own(session, mine) == service.OwnEvaluation({"clear": 1}, "")
    assert session.scalar(select(func.count()).select_from(Evaluation)) == 1


@pytest.mark.parametrize("given", [{}, {"clear": "7"}, {"clear": "x"}, {"remark": "Only this"}])
def test_no_answer_and_answers_off_the_scale_are_refused(
    session: Session, client: FlaskClient, given: dict[str, str]
) -> None:
    _row, mine = opened(session)
    assert client.post(link(mine), data=given).status_code == 422
    assert session.scalar(select(func.count()).select_from(Evaluation)) == 0


def test_nobody_can_answer_before_they_are_asked_or_with_another_link(session: Session, client: FlaskClient) -> None:
    _row, mine = answered(session)
    assert client.get(link(mine)).status_code == 404
    with pytest.raises(NotFound):
        service.give(session, mine, answers=ALL)
    assert client.get(link(mine).replace(submissions.author_secret(mine), "a" * 32)).status_code == 404


def test_seven_words_lead_to_the_questions_without_a_cookie(session: Session, client: FlaskClient) -> None:
    row, _mine = opened(session)
    words = "abandon ability able about above absent absorb"
    made = submissions.file(
        session, consultation=row, by=submissions.Submitter(language="en"),
        comments=[filing.comment(session, row, "Nobody may know that I wrote this.")], key="seven", code=words,
        at=BEFORE,
    )  # fmt: skip
    filing.decide(session, made, State.PUBLISHED)
    session.commit()
    assert made.by_code_only
    token = _hidden(client.get("/return").text, "csrf_token")
    story = client.post("/return", data={"words": words, "csrf_token": token})
    assert "Answer five questions" in story.text
    form = {name: _hidden(story.text, name) for name in ("csrf_token", "code")}
    asked = client.post("/return/do", data={**form, "do": "evaluate"})
    assert asked.text.count("<fieldset") == 5
    form = {name: _hidden(asked.text, name) for name in ("csrf_token", "code")}
    assert client.post("/return/do", data={**form, "do": "evaluate-now"}).status_code == 422
    done = client.post("/return/do", data={**form, "do": "evaluate-now", "again": "2"})
    assert done.status_code == 200
    assert "Set-Cookie" not in done.headers
    assert service.get_own(session, made).answers == {"again": 2}


def _hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*value="([^"]+)"', page) or re.search(
        rf'value="([^"]+)"[^>]*name="{name}"', page
    )
    assert found
    return found[1]


def test_nothing_is_told_of_fewer_than_ten(session: Session, client: FlaskClient) -> None:
    row, _mine = opened(session)
    take_part(session, row, queries.LEAST - 1)
    assert not queries.get_result(session, row.id).questions
    assert client.get(f"/c/{row.slug}/evaluation.csv").status_code == 404
    take_part(session, row, 1, clear=0)
    result = queries.get_result(session, row.id)
    assert (result.n, result.questions[0].shown, result.questions[1].shown) == (10, False, True)
    table = client.get(f"/c/{row.slug}/evaluation.csv").text.splitlines()
    assert table[1] == "clear,,,,,,,,10"
    assert table[2] == "said,10,0,0,0,0,10,0,10"


def test_an_erased_participant_is_no_longer_counted(session: Session) -> None:
    row, _mine = opened(session)
    people = take_part(session, row, 11)
    erasure.erase(session, people[0])
    session.commit()
    assert queries.get_result(session, row.id).n == 10


def test_no_row_of_an_evaluation_says_whose_it_is_or_when_it_was_given(session: Session) -> None:
    _row, mine = opened(session)
    service.give(session, mine, answers=ALL, remark="Only the owner reads this")
    session.commit()
    [kept] = session.execute(select(Evaluation.__table__)).mappings()
    assert not {"submission_id", "reference", "account_id"} & set(kept)
    assert not any(isinstance(value, datetime) for value in kept.values())
    assert mine.id not in [value for name, value in kept.items() if name != "consultation_id"]
    assert b"Only the owner" not in kept["remark_sealed"]


def test_the_download_of_ones_own_data_has_what_one_answered(session: Session) -> None:
    _row, mine = opened(session)
    assert export.submission_record(session, mine)["evaluation"] is None
    service.give(session, mine, answers={"seen": 2}, remark="Thanks")
    assert export.submission_record(session, mine)["evaluation"] == {"seen": 2, "remark": "Thanks"}


def test_remarks_are_read_by_the_owner_alone_and_not_while_they_are_few(session: Session, sign_in: SignIn) -> None:
    row, mine = opened(session)
    service.give(session, mine, answers=ALL, remark="The hall was locked")
    session.commit()
    page = f"/desk/evaluation/{row.slug}"
    mine_to_read = sign_in(owner(session, row))
    another = sign_in(factories.account(session, Role.POLICYMAKER))
    assert "The hall was locked" not in mine_to_read.get(page).text
    take_part(session, row, 9)
    told = mine_to_read.get(page).text
    assert "The hall was locked" in told
    assert "10 of 10" in told  # who chose the two highest, of each question
    assert another.get(page).status_code == 403


def test_the_sums_cost_as_many_statements_at_n_as_at_ten_n(session: Session) -> None:
    row, _mine = opened(session)
    take_part(session, row, 10)
    with statements() as few:
        queries.get_result(session, row.id)
    take_part(session, row, 40)
    with statements() as many:
        queries.get_result(session, row.id)
    assert len(few) == len(many)


def test_an_answer_is_refused_where_it_is_none_of_the_scale(session: Session) -> None:
    _row, mine = opened(session)
    with pytest.raises(Refusal):
        service.give(session, mine, answers={"clear": 9})


def test_the_owner_can_ask_once_something_is_answered_and_nothing_more_is_taken(
    session: Session, sign_in: SignIn
) -> None:
    row, argument = argued(session)
    desk, page = sign_in(owner(session, row)), f"/desk/evaluation/{row.slug}"
    close(session, row)
    assert desk.post(page).status_code == 422
    answer(session, argument)
    assert "Ask participants now" in desk.get(page).text
    assert desk.post(page).status_code == 303
    assert desk.post(page).status_code == 303
    assert "Ask participants now" not in desk.get(page).text
    row.late_until = now() + timedelta(hours=1)
    session.commit()
    assert desk.post(page).status_code == 422
