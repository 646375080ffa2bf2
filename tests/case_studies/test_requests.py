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
from consult.case_studies.appraisal import service as appraisal
from consult.case_studies.appraisal.certainty import GradeDomain
from consult.case_studies.appraisal.model import AppraisalRequest
from consult.case_studies.appraisal.requests import AskedWithInterest
from consult.case_studies.labels import waiting_words
from consult.case_studies.model import CaseStudy, FormerAppraisal, WithdrawnBy
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
    with pytest.raises(Refusal, match="you can still ask: 2"):
        ask(session, row, one, other, third)
    assert session.scalars(select(AppraisalRequest)).all() == []
    ask(session, row, one, other)
    assert len(keys(session, "asked:")) == 2
    with pytest.raises(Refusal, match="still ask: 0"):
        ask(session, row, third)
    requests.decline(session, row, by=one)
    requests.decline(session, row, by=one)
    with pytest.raises(Refusal, match="You have already asked"):
        ask(session, row, one)
    ask(session, row, third, by=factories.account(session, Role.MODERATOR))
    assert [it.state for it in requests.list_requests(session, row)] == ["declined", "open", "open"]


def test_a_conflict_is_refused_when_asked_with_its_reason_and_nobody_gets_a_letter(session: Session) -> None:
    author, free = person(session), appraiser(session)
    row = published(session, author, run_by="Casa Alivio")
    tied = appraiser(session, "Treasurer of Casa Alivio", account=person(session, display_name="Rosa Quispe"))
    with pytest.raises(
        AskedWithInterest,
        match="Rosa Quispe cannot review this case study: has declared an interest in the person or body",
    ):
        ask(session, row, free, tied)
    with pytest.raises(Refusal, match="list of reviewers"):
        ask(session, row, person(session))


def test_who_asks_is_its_author_or_a_moderator_and_nobody_asks_themselves(session: Session) -> None:
    row, who = published(session), appraiser(session)
    with pytest.raises(Forbidden):
        ask(session, row, who, by=person(session))
    moderator = appraiser(session, account=person(session, Role.MODERATOR))
    with pytest.raises(Refusal, match="yourself"):
        ask(session, row, moderator, by=moderator)
    judge(session, row, moderator)
    with pytest.raises(Forbidden, match="You reviewed this case study"):
        ask(session, row, who, by=moderator)


def test_one_organisation_is_asked_once(session: Session) -> None:
    row, one, other = published(session), appraiser(session), appraiser(session)
    organisation(session, "Institute of Nights", one, other)
    with pytest.raises(Refusal, match="Each organisation can give one review"):
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
    assert letters(session)[-1].subject == f"Review request for {row.reference}"
    asked = sign_in(one)
    queue = asked.get("/evidence/appraisers/queue").text
    assert row.title in queue
    form = f"/evidence/case-studies/{row.slug}/appraise"
    assert "You were asked to review this case study by" in asked.get(form).text
    answer = asked.post(f"/evidence/case-studies/{row.slug}/decline", data=hidden(asked.get(form).text))
    assert answer.status_code == 303
    assert "Nobody has sent you a request." in asked.get("/evidence/appraisers/queue").text
    judge(session, row, other)
    session.commit()
    assert "requested by the author" in asked.get(f"/evidence/case-studies/{row.slug}").text
    assert letters(session)[-1].subject == f"Your case study was reviewed ({row.reference})"
    mine = sign_in(author).get("/evidence/case-studies/mine").text
    assert "You can answer the review." in mine
    assert f"/evidence/case-studies/{row.id}/answer" in mine
    service.answer_appraisals(session, row, by=author, words="We counted all.")
    service.answer_appraisals(session, row, by=author, words="We counted all.")
    assert len(keys(session, "answered:")) == 1
    session.commit()
    assert "waiting for your answer" not in sign_in(author).get("/evidence/case-studies/mine").text
    judge(session, row, other, GradeDomain.BIAS)
    session.commit()
    assert letters(session)[-1].subject == f"Review replaced ({row.reference})"
    assert "waiting for your answer" in sign_in(author).get("/evidence/case-studies/mine").text


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
    assert waiting_words(older).startswith("Published on ")
    assert waiting_words(older).endswith(". One valid independent review so far. Two are needed.")
    assert waiting_words(old).endswith(". No valid independent review. Two are needed.")
    assert "One valid independent review so far." in client.get(f"/evidence/case-studies/{older.slug}").text
    assert client.get("/evidence/case-studies").text.count("Two are needed") == 2
    assert [it.id for it in requests.list_others(session, who)] == [older.id, old.id, new.id]


def test_what_waits_is_true_where_two_stood_and_one_was_set_aside(session: Session, client: FlaskClient) -> None:
    row, one, other = published(session, run_by="Casa Alivio"), appraiser(session), appraiser(session)
    row.published_at = now() - timedelta(days=60)
    for who in (one, other):
        judge(session, row, who)
    assert waiting_words(row) == ""
    appraisers.declare_interests(session, other, typed="Treasurer of Casa Alivio")
    appraisal.check_again(session, row)
    session.commit()
    assert "since" not in waiting_words(row), "it had two for a time"
    page = client.get(f"/evidence/case-studies/{row.slug}").text
    assert "Conflicts of interest found later: has declared an interest in the person or body that ran it." in page
    appraisers.declare_interests(session, one, typed="Member of Casa Alivio")
    appraisal.check_again(session, row)
    session.commit()
    page = client.get(f"/evidence/case-studies/{row.slug}").text
    assert "no independent reviewer" in page
    assert " yet" not in plain_part(page, "judgements") + waiting_words(row), "two have appraised it"


def plain_part(page: str, name: str) -> str:
    """Return the text of the element with this class, up to the next heading of the page."""
    return page.partition(f'class="{name}"')[2].partition('<section aria-labelledby="part')[0].partition("</dl>")[0]


@pytest.mark.usefixtures("limits")
def test_the_same_again_writes_to_nobody_and_changes_are_limited_for_each_account(
    session: Session, sign_in: SignIn
) -> None:
    row, who = published(session), appraiser(session)
    session.commit()
    judging, form = sign_in(who), f"/evidence/case-studies/{row.slug}/appraise"
    said = {f"concern_{domain.value}": "none" for domain in GradeDomain} | {"direction": "helped", "interests": "none"}
    for sent in range(2):
        answer = judging.post(form, data={**hidden(judging.get(form).text), **said})
        assert answer.status_code == 303, answer.text
        told = "We e-mail the author" in judging.get(f"/evidence/case-studies/{row.slug}").text
        assert told is (sent == 0)
    assert len(keys(session, "appraised:")) == 1
    assert session.scalars(select(FormerAppraisal)).all() == []
    author = author_of(session, row)
    writing, page = sign_in(author), f"/evidence/case-studies/{row.id}/answer"
    codes = []
    for n in range(12):
        answer = writing.post(page, data={**hidden(writing.get(page).text), "answer": f"We counted all {n // 2}."})
        codes.append(answer.status_code)
    assert codes == [303] * 10 + [429] * 2
    assert len(keys(session, "answered:")) == 5
    assert judging.post(form, data=hidden(judging.get(form).text)).status_code == 422, "others have their own count"


@pytest.mark.parametrize(("page", "most"), [("{slug}/appraise", 20), ("{id}/ask", 20), ("{id}/appeal", 10)])
@pytest.mark.usefixtures("limits")
def test_each_form_that_writes_letters_has_a_limit(session: Session, sign_in: SignIn, page: str, most: int) -> None:
    row, who = published(session), appraiser(session)
    session.commit()
    browser = sign_in(who if "slug" in page else author_of(session, row))
    here = f"/evidence/case-studies/{page.format(slug=row.slug, id=row.id)}"
    codes = [browser.post(here).status_code for _n in range(most + 1)]
    assert 429 not in codes[:-1]
    assert codes[-1] == 429


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
    assert "1 of 1 case study published more than 30 days ago had two independent reviews" in page


def test_who_left_the_list_cannot_be_asked(session: Session) -> None:
    row, who = published(session), appraiser(session)
    appraisers.end_role(session, who)
    with pytest.raises(Refusal):
        ask(session, row, who)
