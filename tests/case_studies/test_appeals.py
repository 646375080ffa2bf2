"""Appeals against a return or a withdrawal by the site; drafts that are deleted, by their author or the clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.case_studies import drafts, service
from consult.case_studies.content import from_json
from consult.case_studies.model import CaseStudy, StudyState, WithdrawnBy
from consult.case_studies.review.process import PROCESS
from consult.core.clock import now
from consult.core.errors import Conflict, Refusal
from consult.core.web.access import Role
from consult.decisions import appeals
from consult.decisions.model import Outcome
from consult.decisions.process import InvolvedInDecision, NothingToAppeal
from consult.ledger.model import LedgerEntry
from consult.mail.model import Letter, LetterContent
from consult.operator import retention
from tests import factories
from tests.accounts.letters import letters
from tests.case_studies.test_case_studies import cite, hidden
from tests.case_studies.written import decide, file_appeal, half_a_minute_later, person, published, written

SignIn = Callable[[Any], FlaskClient]


def author_of(session: Session, row: CaseStudy) -> Account:
    return session.get_one(Account, row.account_id)


def returned(session: Session, **values: Any) -> tuple[CaseStudy, Account]:
    """A case study that was returned, and the moderator who did it."""
    row, moderator = written(session, **values), factories.account(session, Role.MODERATOR)
    service.send(session, row, by=author_of(session, row), asked=True)
    decide(session, row, moderator, Outcome.RETURN, "Take the names out.")
    return row, moderator


def test_a_return_is_appealed_against_once_and_published_by_another_moderator(
    session: Session, sign_in: SignIn
) -> None:
    row, decided = returned(session)
    other = factories.account(session, Role.MODERATOR)
    session.commit()
    writing = sign_in(author_of(session, row))
    assert "you can appeal until" in letters(session)[-1].text
    page = f"/evidence/case-studies/{row.id}/appeal"
    assert f'href="{page}"' in writing.get("/evidence/case-studies/mine").text
    for _again in range(2):
        writing.post(page, data={**hidden(writing.get("/evidence/case-studies/new").text), "words": "They agreed."})
    [(appeal, _row, _decision)] = appeals.list_waiting(session, PROCESS)
    assert "They agreed." in writing.get(page).text
    with pytest.raises(InvolvedInDecision):
        decide(session, row, decided, Outcome.ACCEPT_APPEAL, "x")
    reviewing = sign_in(other)
    desk = f"/review/case-studies/appeals/{appeal.id}"
    assert desk in reviewing.get("/review/case-studies").text
    assert "They agreed." in reviewing.get(desk).text
    data = {**hidden(reviewing.get(desk).text), "note": "They did agree.", "outcome": "overturn"}
    answer = reviewing.post(desk, data=data)
    assert answer.status_code == 303, answer.text
    assert half_a_minute_later(session) == 1
    session.commit()
    session.expire_all()
    assert row.state is StudyState.PUBLISHED
    assert "They did agree." in letters(session)[-1].text
    with pytest.raises(Conflict):
        decide(session, row, other, Outcome.REJECT_APPEAL, "x")
    kinds = session.scalars(
        select(LedgerEntry.kind).where(LedgerEntry.kind.startswith("case_study")).order_by(LedgerEntry.id)
    ).all()
    assert kinds == ["case_study.published"], "a text that was not public leaves no line about its appeal"


def test_a_change_of_the_text_ends_the_appeal_and_time_ends_the_right_to_it(session: Session) -> None:
    row, _moderator = returned(session)
    by = author_of(session, row)
    late = now() + timedelta(days=400)
    with pytest.raises(NothingToAppeal, match="has passed"):
        file_appeal(session, row, "Late.", at=late)
    appeal = file_appeal(session, row, "They agreed.")
    service.edit(session, row, by=by, revision=row.revision, content=from_json(row.working))
    session.refresh(appeal)
    assert appeal.outcome == "lapsed"
    assert appeals.list_waiting(session, PROCESS) == []
    with pytest.raises(NothingToAppeal):
        file_appeal(session, written(session, by), "x")


def test_a_returned_text_is_its_authors_again_once_the_appeal_is_over(session: Session, sign_in: SignIn) -> None:
    row, _moderator = returned(session, title="As it was sent")
    by, other = author_of(session, row), factories.account(session, Role.MODERATOR)
    appeal = file_appeal(session, row, "They agreed.")
    session.commit()
    reviewing, desk = sign_in(other), f"/review/case-studies/appeals/{appeal.id}"
    assert "As it was sent" in reviewing.get(desk).text
    changed = replace(from_json(row.working), title="Never sent to anybody")
    service.edit(session, row, by=by, revision=row.revision, content=changed)
    session.commit()
    said = reviewing.get(desk).text
    assert "There is nothing left to answer" in said
    assert "Never sent to anybody" not in said


def test_a_withdrawal_by_the_site_is_appealed_against_and_restored_and_who_cited_it_is_told(
    session: Session, client: FlaskClient
) -> None:
    row, moderator = published(session), factories.account(session, Role.MODERATOR)
    _consultation, sent = cite(session, row)
    sent.account_id = person(session).id
    decide(session, row, moderator, Outcome.WITHDRAW, "It names a patient.")
    told = [letter for letter in letters(session) if letter.subject.startswith("Withdrawn: ")]
    assert "you can appeal until" in told[0].text
    file_appeal(session, row, "It names nobody.")
    decide(session, row, factories.account(session, Role.MODERATOR), Outcome.ACCEPT_APPEAL, "True.")
    session.commit()
    assert row.state is StudyState.PUBLISHED
    assert "Withdrawn" not in client.get(f"/evidence/case-studies/{row.slug}").text
    assert any("is restored" in letter.subject for letter in letters(session))
    kinds = session.scalars(
        select(LedgerEntry.kind).where(LedgerEntry.kind.startswith("case_study")).order_by(LedgerEntry.id)
    ).all()
    assert kinds[-2:] == ["case_study.appealed", "case_study.restored"]


def test_an_appeal_against_a_withdrawal_is_on_what_was_public_and_a_draft_is_one_again(
    session: Session, sign_in: SignIn
) -> None:
    row = published(session, title="What was public")
    by = author_of(session, row)
    changed = replace(from_json(row.working), title="Never sent to anybody")
    service.edit(session, row, by=by, revision=row.revision, content=changed)
    moderator = factories.account(session, Role.MODERATOR)
    decide(session, row, moderator, Outcome.WITHDRAW, "It names a patient.")
    appeal = file_appeal(session, row, "It names nobody.")
    session.commit()
    other = factories.account(session, Role.MODERATOR)
    session.commit()
    reviewing = sign_in(other)
    for page in ("/review/case-studies", f"/review/case-studies/appeals/{appeal.id}"):
        said = reviewing.get(page).text
        assert "What was public" in said
        assert "Never sent to anybody" not in said
    decide(session, row, other, Outcome.ACCEPT_APPEAL, "It does not.")
    assert (row.title, row.next_state) == ("What was public", StudyState.DRAFT)
    service.send(session, row, by=by, asked=True)


def test_nobody_appeals_against_their_own_withdrawal(session: Session) -> None:
    row = published(session)
    by = author_of(session, row)
    service.withdraw(session, row, by=by, who=WithdrawnBy.AUTHOR, reason="Counted twice.")
    assert appeals.find_ground(session, PROCESS, row) is None
    assert not [letter for letter in letters(session) if letter.subject.startswith("Withdrawn: ")]


def test_the_release_before_reads_our_appeals_and_names_no_decision_in_its_own(session: Session) -> None:
    row, moderator = returned(session)
    ours = file_appeal(session, row, "They agreed.")
    assert (ours.against, ours.decided_by_id, ours.why) == ("return", moderator.id, "Take the names out.")
    other, _moderator = returned(session)
    session.execute(
        text(
            "INSERT INTO case_study_appeal "
            "(case_study_id, against, decided_at, decided_by_id, why, words, received_at, answer) "
            "SELECT id, 'return', decided_at, decided_by_id, returned_why, 'They agreed.', decided_at, '' "
            "FROM case_study WHERE id = :id"
        ),
        {"id": other.id},
    )
    ground = appeals.find_ground(session, PROCESS, other)
    assert ground is not None
    assert ground.appeal.words == "They agreed."


def test_an_appeal_is_rejected_with_reasons(session: Session) -> None:
    row, _moderator = returned(session)
    file_appeal(session, row, "They agreed.")
    other = factories.account(session, Role.MODERATOR)
    with pytest.raises(Refusal):
        decide(session, row, other, Outcome.REJECT_APPEAL, "  ")
    decide(session, row, other, Outcome.REJECT_APPEAL, "No paper of theirs.")
    assert row.state is StudyState.RETURNED
    assert "Your appeal is rejected" in letters(session)[-1].text


def test_a_draft_is_deleted_with_its_words_once_its_author_confirms(session: Session, sign_in: SignIn) -> None:
    row, _moderator = returned(session, title="A secret night")
    number = row.id
    session.commit()
    client, page = sign_in(author_of(session, row)), f"/evidence/case-studies/{row.id}/delete"
    assert page in client.get("/evidence/case-studies/mine").text
    client.post(page, data=hidden(client.get(page).text))
    assert session.get(CaseStudy, number) is not None, "the button says what it does"
    client.post(page, data={**hidden(client.get(page).text), "do": "delete"})
    session.expire_all()
    assert session.get(CaseStudy, number) is None
    left = select(LetterContent).join(Letter, Letter.content_id == LetterContent.id)
    assert session.scalars(left.where(Letter.key.startswith(f"case_study:decided:{number}:"))).all() == []


def test_what_was_published_is_not_deleted(session: Session, sign_in: SignIn) -> None:
    row = published(session)
    with pytest.raises(Conflict, match="withdraw"):
        drafts.delete(session, row, by=author_of(session, row))


def test_drafts_nobody_touched_are_destroyed_by_the_clock_and_no_others(session: Session) -> None:
    old, touched, public = written(session), written(session), published(session)
    long_ago = now() - timedelta(days=366)
    old.touched_at = touched.touched_at = public.touched_at = long_ago
    session.flush()
    [due] = [it for it in retention.list_due(session) if it.rule == drafts.RULE]
    assert (due.consultation_id, due.count) == (None, 2)
    by = author_of(session, touched)
    service.edit(session, touched, by=by, revision=touched.revision, content=from_json(touched.working))
    assert drafts.purge(session) == 1
    assert set(session.scalars(select(CaseStudy.id))) == {touched.id, public.id}


def test_the_page_of_periods_shows_drafts_of_case_studies(session: Session, sign_in: SignIn) -> None:
    written(session)
    session.commit()
    page = sign_in(person(session, Role.ADMIN)).get("/desk/site/retention").text
    assert page.count("Unfinished case studies") >= 2
