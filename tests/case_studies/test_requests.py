"""Asking for appraisals: two of the public list, conflicts refused at once, one letter and one reminder, a decline."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.case_studies import queries, service
from consult.case_studies.appraisal import appraisers, requests
from consult.case_studies.appraisal.certainty import GradeDomain
from consult.case_studies.appraisal.model import AppraisalRequest
from consult.case_studies.appraisal.requests import AskedWithInterest
from consult.case_studies.labels import waiting_words
from consult.case_studies.model import CaseStudy, WithdrawnBy
from consult.core.clock import now
from consult.core.errors import Conflict, Forbidden, NotFound, Refusal
from consult.core.web.access import Role
from consult.mail.model import Letter, State
from tests import factories
from tests.accounts.letters import letters
from tests.case_studies.test_case_studies import hidden
from tests.case_studies.test_conflicts import organisation
from tests.case_studies.written import appraiser, judge, person, published

SignIn = Callable[[Any], FlaskClient]


def author_of(session: Session, row: CaseStudy) -> Account:
    return session.get_one(Account, row.account_id)


def ask(session: Session, row: CaseStudy, *people: Account, by: Account | None = None) -> None:
    requests.ask(session, row, by=by or author_of(session, row), account_ids=[one.id for one in people])


def keys(session: Session, begin: str) -> list[str]:
    wanted = select(Letter.key).where(Letter.key.startswith(f"case_study:{begin}"), Letter.state == State.PENDING)
    return list(session.scalars(wanted.order_by(Letter.id)))


def test_two_of_the_list_are_asked_by_one_letter_each_and_no_more(session: Session) -> None:
    row, one, other, third = published(session), appraiser(session), appraiser(session), appraiser(session)
    with pytest.raises(Refusal, match="2 more"):
        ask(session, row, one, other, third)
    assert session.scalars(select(AppraisalRequest)).all() == []
    ask(session, row, one, other)
    assert len(keys(session, "asked:")) == 2
    with pytest.raises(Refusal, match="0 more"):
        ask(session, row, third)
    requests.decline(session, row, by=one)
    requests.decline(session, row, by=one)
    with pytest.raises(Refusal, match="asked already"):
        ask(session, row, one)
    ask(session, row, third, by=factories.account(session, Role.MODERATOR))
    assert [it.state for it in requests.list_requests(session, row)] == ["declined", "open", "open"]


def test_a_conflict_is_refused_when_asked_with_its_reason_and_nobody_gets_a_letter(session: Session) -> None:
    author, free = person(session), appraiser(session)
    row = published(session, author, run_by="Casa Alivio")
    tied = appraiser(session, "Treasurer of Casa Alivio", account=person(session, display_name="Rosa Quispe"))
    with pytest.raises(
        AskedWithInterest, match="Rosa Quispe cannot appraise this: has declared an interest in who ran"
    ):
        ask(session, row, free, tied)
    with pytest.raises(Refusal, match="list of appraisers"):
        ask(session, row, person(session))


def test_who_asks_is_its_author_or_a_moderator_and_nobody_asks_themselves(session: Session) -> None:
    row, who = published(session), appraiser(session)
    with pytest.raises(Forbidden):
        ask(session, row, who, by=person(session))
    moderator = appraiser(session, account=person(session, Role.MODERATOR))
    with pytest.raises(Refusal, match="yourself"):
        ask(session, row, moderator, by=moderator)
    judge(session, row, moderator)
    with pytest.raises(Forbidden, match="appraised it yourself"):
        ask(session, row, who, by=moderator)


def test_one_organisation_is_asked_once(session: Session) -> None:
    row, one, other = published(session), appraiser(session), appraiser(session)
    organisation(session, "Institute of Nights", one, other)
    with pytest.raises(Refusal, match="one voice"):
        ask(session, row, one, other)


def test_the_asked_are_reminded_once_and_only_while_they_are_wanted(session: Session) -> None:
    row, one, other, third = published(session), appraiser(session), appraiser(session), appraiser(session)
    ask(session, row, one, other)
    early, late = now() + timedelta(days=22), now() + timedelta(days=24)
    assert requests.remind(session, at=early) == 0
    requests.decline(session, row, by=other)
    assert requests.remind(session, at=late) == 1
    assert requests.remind(session, at=late) == 0
    assert len([key for key in keys(session, "asked:") if key.endswith(":again")]) == 1
    gone = published(session)
    ask(session, gone, third)
    service.withdraw(session, gone, by=author_of(session, gone), who=WithdrawnBy.AUTHOR, reason="Counted twice.")
    assert requests.remind(session, at=late) == 0
    [asked] = session.scalars(select(AppraisalRequest.id).where(AppraisalRequest.case_study_id == gone.id))
    assert f"case_study:asked:{asked}:first" not in keys(session, "asked:"), "withdrawn before the letter went"


def test_an_appraiser_declines_by_one_press_or_appraises_and_the_author_answers(
    session: Session, sign_in: SignIn
) -> None:
    row, one, other = published(session), appraiser(session), appraiser(session)
    author = author_of(session, row)
    session.commit()
    writing = sign_in(author)
    page = f"/evidence/case-studies/{row.id}/ask"
    writing.post(page, data={**hidden(writing.get(page).text), "people": [one.id, other.id]})
    assert letters(session)[-1].subject == f"Would you appraise {row.reference}?"
    asked = sign_in(one)
    queue = asked.get("/evidence/appraisers/queue").text
    assert row.title in queue
    form = f"/evidence/case-studies/{row.slug}/appraise"
    assert "You were asked to appraise it by" in asked.get(form).text
    answer = asked.post(f"/evidence/case-studies/{row.slug}/decline", data=hidden(asked.get(form).text))
    assert answer.status_code == 303
    assert "Nothing waits for you by name." in asked.get("/evidence/appraisers/queue").text
    judge(session, row, other)
    session.commit()
    assert "asked by the author" in asked.get(f"/evidence/case-studies/{row.slug}").text
    assert letters(session)[-1].subject == f"Your case study was appraised ({row.reference})"
    mine = sign_in(author).get("/evidence/case-studies/mine").text
    assert "You can answer beside it." in mine
    assert f"/evidence/case-studies/{row.id}/answer" in mine
    service.answer_appraisals(session, row, by=author, words="We counted all.")
    service.answer_appraisals(session, row, by=author, words="We counted all.")
    assert len(keys(session, "answered:")) == 1
    session.commit()
    assert "waits for your answer" not in sign_in(author).get("/evidence/case-studies/mine").text
    judge(session, row, other)
    session.commit()
    assert letters(session)[-1].subject == f"An appraisal was replaced ({row.reference})"
    assert "waits for your answer" in sign_in(author).get("/evidence/case-studies/mine").text


def test_nobody_declines_what_they_were_not_asked_or_have_done(session: Session) -> None:
    row, who = published(session), appraiser(session)
    with pytest.raises(NotFound):
        requests.decline(session, row, by=who)
    ask(session, row, who)
    judge(session, row, who)
    with pytest.raises(Conflict):
        requests.decline(session, row, by=who)


def test_a_stranger_does_not_open_the_page_that_asks(session: Session, sign_in: SignIn) -> None:
    row = published(session)
    session.commit()
    assert sign_in(person(session)).get(f"/evidence/case-studies/{row.id}/ask").status_code == 404


def test_what_waits_is_said_by_the_clock_and_shown_oldest_first(session: Session, client: FlaskClient) -> None:
    old, older, who = published(session), published(session, title="Older"), appraiser(session)
    old.published_at, older.published_at = now() - timedelta(days=31), now() - timedelta(days=60)
    judge(session, older, appraiser(session))
    new = published(session)
    session.commit()
    assert waiting_words(new) == ""
    assert waiting_words(older).startswith("Waiting for a second independent appraisal since")
    assert waiting_words(old).startswith("Waiting for two independent appraisals since")
    assert "Waiting for a second independent" in client.get(f"/evidence/case-studies/{older.slug}").text
    assert client.get("/evidence/case-studies").text.count("Waiting for ") == 2
    assert [it.id for it in requests.list_others(session, who)] == [older.id, old.id, new.id]


def test_how_many_had_two_appraisals_in_time_counts_the_first_of_each_appraiser(
    session: Session, client: FlaskClient
) -> None:
    row, one, other = published(session), appraiser(session), appraiser(session)
    for who in (one, other):
        judge(session, row, who)
    row.published_at = now() - timedelta(days=29)
    session.flush()
    assert queries.count_in_time(session) == queries.AppraisalPace(0, 0)
    row.published_at = now() - timedelta(days=31)
    session.flush()
    assert queries.count_in_time(session) == queries.AppraisalPace(1, 0), "both came on the 31st day"
    row.published_at = now() - timedelta(days=31)
    for said in session.scalars(select(queries.Appraisal)):
        said.at = now() - timedelta(days=20)
    session.flush()
    judge(session, row, other, GradeDomain.BIAS)
    assert queries.count_in_time(session) == queries.AppraisalPace(1, 1), "a later replacement takes nothing away"
    session.commit()
    page = re.sub(r"\s+", " ", client.get("/evidence/appraisers").text)
    assert "Of 1 case study published more than 30 days ago, 1 had two independent appraisals" in page


def test_who_left_the_list_cannot_be_asked(session: Session) -> None:
    row, who = published(session), appraiser(session)
    appraisers.end_role(session, who)
    with pytest.raises(Refusal):
        ask(session, row, who)
