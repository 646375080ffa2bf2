"""Decisions on case studies: half a minute to undo, two people for what an organisation says, appeals to others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from consult.accounts.model import Account, Membership
from consult.case_studies import service
from consult.case_studies.content import from_json
from consult.case_studies.model import CaseStudy, StudyState, WithdrawnBy
from consult.case_studies.review.process import PROCESS
from consult.core.clock import now
from consult.core.errors import Conflict, Forbidden, NotFound, Refusal
from consult.core.web.access import Role
from consult.decisions import service as decisions
from consult.decisions.kinds import InterestedDecider
from consult.decisions.model import DecisionColumns, DecisionEnd, Outcome
from consult.decisions.process import InvolvedInDecision
from consult.decisions.service import TooLateToUndo
from consult.ledger.model import LedgerEntry
from tests import factories
from tests.accounts.letters import letters
from tests.case_studies.written import file_appeal, half_a_minute_later, person, published, written
from tests.forms import hidden

SignIn = Callable[[Any], FlaskClient]


def moderator(session: Session) -> Account:
    return person(session, Role.MODERATOR)


def waiting(session: Session, **values: Any) -> CaseStudy:
    row = written(session, **values)
    service.send(session, row, by=session.get_one(Account, row.account_id), asked=True)
    return row


def of_organisation(session: Session) -> CaseStudy:
    """A published case study of an organisation."""
    author, ngo = person(session), factories.organisation(session)
    session.add(Membership(organisation_id=ngo.id, account_id=author.id, since=now()))
    session.flush()
    return published(session, author, organisation_id=ngo.id)


def decide(session: Session, row: CaseStudy, by: Account, outcome: Outcome, note: str = "", **more: Any) -> Any:
    return decisions.decide(
        session, PROCESS, item_id=row.id, by=by, outcome=outcome, policy=1, note=note or "Take the names out.", **more
    )


def kinds(session: Session) -> list[str]:
    found = select(LedgerEntry.kind).where(LedgerEntry.kind.startswith("case_study")).order_by(LedgerEntry.id)
    return list(session.scalars(found))


@pytest.mark.parametrize("outcome", [Outcome.PUBLISH, Outcome.RETURN])
def test_a_decision_can_be_undone_until_it_takes_effect_and_nobody_sees_it_before(
    session: Session, outcome: Outcome
) -> None:
    row, by = waiting(session), moderator(session)
    made = decide(session, row, by, outcome)
    assert decisions.apply_due(session, PROCESS, at=made.at + timedelta(seconds=29)) == 0
    assert (row.state, kinds(session), letters(session)) == (StudyState.WAITING, [], [])
    with pytest.raises(NotFound):
        decisions.undo(session, PROCESS, decision_id=made.id, by=moderator(session))
    for _again in range(2):
        assert decisions.undo(session, PROCESS, decision_id=made.id, by=by).ended is DecisionEnd.TAKEN_BACK
    assert half_a_minute_later(session) == 0
    assert row.next_state is StudyState.WAITING
    again = decide(session, row, by, outcome)
    assert [half_a_minute_later(session) for _again in range(2)] == [1, 0]
    assert row.state is (StudyState.PUBLISHED if outcome is Outcome.PUBLISH else StudyState.RETURNED)
    assert len(letters(session)) == 1
    with pytest.raises(TooLateToUndo):
        decisions.undo(session, PROCESS, decision_id=again.id, by=by)


def test_of_two_moderators_the_second_is_told_that_somebody_has_decided(session: Session) -> None:
    row = waiting(session)
    decide(session, row, moderator(session), Outcome.PUBLISH)
    with pytest.raises(Conflict, match="already decided on this"):
        decide(session, row, moderator(session), Outcome.RETURN)


def test_what_its_author_changes_meanwhile_is_read_again(session: Session) -> None:
    row = waiting(session)
    author = session.get_one(Account, row.account_id)
    mark = PROCESS.get_mark(row)
    made = decide(session, row, moderator(session), Outcome.PUBLISH)
    changed = replace(from_json(row.working), summary="Open until eleven.")
    service.edit(session, row, by=author, revision=row.revision, content=changed)
    service.send(session, row, by=author, asked=True)
    assert half_a_minute_later(session) == 1
    assert (made.ended, row.state, row.next_state) == (
        DecisionEnd.OVERTAKEN, StudyState.WAITING, StudyState.WAITING,
    )  # fmt: skip
    assert kinds(session) == []
    with pytest.raises(Conflict, match="changed after you opened it"):
        decide(session, row, moderator(session), Outcome.PUBLISH, mark=mark)


def test_a_return_says_why(session: Session) -> None:
    row = waiting(session)
    with pytest.raises(Refusal) as refused:
        decisions.decide(
            session, PROCESS, item_id=row.id, by=moderator(session), outcome=Outcome.RETURN, policy=1, note=" "
        )
    assert refused.value.field == "reason"


def proposed(session: Session) -> tuple[CaseStudy, Account, DecisionColumns]:
    """The withdrawal of a case study of an organisation, by its first person."""
    row, first = of_organisation(session), moderator(session)
    return row, first, decide(session, row, first, Outcome.WITHDRAW, "It names a patient.")


def test_two_people_withdraw_what_an_organisation_says(session: Session) -> None:
    row, first, made = proposed(session)
    assert made.due_at is None
    assert half_a_minute_later(session) == 0
    with pytest.raises(Forbidden, match="someone else must approve it"):
        decisions.agree(session, PROCESS, decision_id=made.id, by=first)
    colleague = moderator(session)
    session.add(Membership(organisation_id=row.organisation_id, account_id=colleague.id, since=now()))
    session.flush()
    with pytest.raises(InterestedDecider):
        decisions.agree(session, PROCESS, decision_id=made.id, by=colleague)
    second = moderator(session)
    decisions.agree(session, PROCESS, decision_id=made.id, by=second)
    assert row.state is StudyState.PUBLISHED
    decisions.undo(session, PROCESS, decision_id=made.id, by=second)
    again = decide(session, row, first, Outcome.WITHDRAW, "It names a patient.")
    decisions.agree(session, PROCESS, decision_id=again.id, by=second)
    assert half_a_minute_later(session) == 1
    assert row.state is StudyState.WITHDRAWN
    detail = session.scalars(select(LedgerEntry.detail).order_by(LedgerEntry.id.desc()).limit(1)).one()
    assert (detail["who"], detail["second_reader"]) == ("site", True)
    with pytest.raises(Conflict):
        decisions.disagree(session, PROCESS, decision_id=again.id, by=second)


def test_one_person_withdraws_what_somebody_says_for_themselves(session: Session) -> None:
    row = published(session)
    assert decide(session, row, moderator(session), Outcome.RETRACT).due_at is not None
    assert half_a_minute_later(session) == 1
    assert (row.state, row.withdrawn_by) == (StudyState.WITHDRAWN, WithdrawnBy.PUBLISHER)


def test_who_does_not_agree_leaves_it_as_it_was(session: Session) -> None:
    row, _first, made = proposed(session)
    decisions.disagree(session, PROCESS, decision_id=made.id, by=moderator(session))
    assert (made.ended, row.state, half_a_minute_later(session)) == (
        DecisionEnd.TAKEN_BACK, StudyState.PUBLISHED, 0,
    )  # fmt: skip


def test_no_other_way_withdraws_what_an_organisation_says_by_one_person(session: Session) -> None:
    row, by = of_organisation(session), moderator(session)
    with pytest.raises(Forbidden, match="Two people are needed"):
        service.withdraw(session, row, by=by, who=WithdrawnBy.SITE, reason="It names a patient.")
    _row, first, made = proposed(session)
    with pytest.raises(IntegrityError, match="two_are_two"), session.begin_nested():
        session.execute(
            text("UPDATE case_study_decision SET second_id = :id WHERE id = :of"), {"id": first.id, "of": made.id}
        )


def test_what_two_decided_two_others_change(session: Session) -> None:
    row, first, made = proposed(session)
    second = moderator(session)
    decisions.agree(session, PROCESS, decision_id=made.id, by=second)
    half_a_minute_later(session)
    file_appeal(session, row, "It names nobody.")
    for involved in (first, second):
        with pytest.raises(InvolvedInDecision):
            decide(session, row, involved, Outcome.REJECT_APPEAL)
    third, fourth = moderator(session), moderator(session)
    answer = decide(session, row, third, Outcome.ACCEPT_APPEAL, "True.")
    assert answer.due_at is None
    with pytest.raises(InvolvedInDecision):
        decisions.agree(session, PROCESS, decision_id=answer.id, by=second)
    decisions.agree(session, PROCESS, decision_id=answer.id, by=fourth)
    assert half_a_minute_later(session) == 1
    assert (row.state, kinds(session)[-2:]) == (
        StudyState.PUBLISHED, ["case_study.appealed", "case_study.restored"],
    )  # fmt: skip


def test_the_pages_offer_to_undo_to_agree_and_not_to(session: Session, sign_in: SignIn) -> None:
    row, first, made = proposed(session)
    second = moderator(session)
    session.commit()
    one, other = sign_in(first), sign_in(second)
    desk, act = "/review/case-studies", f"/review/decisions/case_study/{made.id}"
    assert "A second person must approve it." in one.get(f"{desk}/{row.id}/withdraw").text
    page = other.get(desk)
    assert "It names a patient." in page.text
    assert "Refuse" in page.text
    token = {"csrf_token": hidden(page, "csrf_token")}
    assert other.post(act, data={**token, "do": "agree"}).status_code == 303
    assert "takes effect at" in one.get(desk).text
    assert other.post(act, data={**token, "do": "undo"}).status_code == 303
    session.expire_all()
    assert made.ended is DecisionEnd.TAKEN_BACK
    assert other.post(act, data={**token, "do": "agree"}).status_code == 409
    assert sign_in(person(session)).post(act, data={"do": "undo"}).status_code in (403, 400)
