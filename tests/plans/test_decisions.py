"""Decisions on reports on actions: half a minute to undo, two people to withhold what an organisation says."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.core.errors import Conflict, Forbidden, Refusal
from consult.core.web.access import Role
from consult.decisions import service as decisions
from consult.decisions.model import DecisionEnd, Outcome
from consult.ledger.model import LedgerEntry
from consult.mail.model import Letter
from consult.plans.model import ActionReport, ReportState
from consult.plans.reports import service as reports
from consult.plans.reports.process import PROCESS
from tests import factories
from tests.bodies.working import make_body, work
from tests.plans.planned import find, given, half_a_minute_later, planned, speaking


def moderator(session: Session) -> Account:
    return factories.account(session, Role.MODERATOR)


@pytest.fixture
def row(session: Session) -> ActionReport:
    """A report of an organisation that waits."""
    body = make_body(session)
    action = find(session, planned(session, body, by=work(session, body)))
    organisation, person = speaking(session)
    return reports.report_for_organisation(
        session, action, by=person, organisation_id=organisation.id, given=given("late")
    )


def decide(session: Session, row: ActionReport, by: Account, outcome: Outcome, reason: str | None = None) -> Any:
    return decisions.decide(session, PROCESS, item_id=row.id, by=by, outcome=outcome, policy=1, reason=reason)


def count_entries(session: Session) -> int:
    return len(session.scalars(select(LedgerEntry.id).where(LedgerEntry.kind == "action.reported")).all())


def test_a_published_report_can_be_undone_for_half_a_minute(session: Session, row: ActionReport) -> None:
    by = moderator(session)
    made = decide(session, row, by, Outcome.PUBLISH)
    with pytest.raises(Conflict, match="already decided on this"):
        decide(session, row, moderator(session), Outcome.WITHHOLD, "off_topic")
    decisions.undo(session, PROCESS, decision_id=made.id, by=by)
    assert (half_a_minute_later(session), row.state, count_entries(session)) == (0, ReportState.WAITING, 0)
    decide(session, row, by, Outcome.PUBLISH)
    assert (half_a_minute_later(session), row.state, count_entries(session)) == (1, ReportState.PUBLISHED, 1)


def test_two_people_withhold_a_report_and_its_author_is_told_once(session: Session, row: ActionReport) -> None:
    first, second = moderator(session), moderator(session)
    made = decide(session, row, first, Outcome.WITHHOLD, "off_topic")
    assert (made.due_at, half_a_minute_later(session), row.state) == (None, 0, ReportState.WAITING)
    with pytest.raises(Forbidden):
        decisions.agree(session, PROCESS, decision_id=made.id, by=first)
    decisions.disagree(session, PROCESS, decision_id=made.id, by=second)
    assert made.ended is DecisionEnd.TAKEN_BACK
    again = decide(session, row, first, Outcome.WITHHOLD, "off_topic")
    decisions.agree(session, PROCESS, decision_id=again.id, by=second)
    assert [half_a_minute_later(session) for _again in range(2)] == [1, 0]
    assert (row.state, row.reason, row.decided_by) == (ReportState.WITHHELD, "off_topic", first.id)
    detail = session.scalars(select(LedgerEntry.detail).where(LedgerEntry.kind == "action.reported")).one()
    assert (detail["withheld"], detail["second_reader"]) == (1, True)
    assert len(session.scalars(select(Letter.key).where(Letter.key.startswith("action_report:decided:"))).all()) == 1


def test_nobody_withholds_a_report_alone_or_without_a_reason_of_the_policy(session: Session, row: ActionReport) -> None:
    with pytest.raises(Refusal) as refused:
        decide(session, row, moderator(session), Outcome.WITHHOLD, "no such reason")
    assert refused.value.field == "reason"
    with pytest.raises(Forbidden, match="Two moderators"):
        decisions.decide_at_once(
            session, PROCESS, item_id=row.id, by=moderator(session), outcome=Outcome.WITHHOLD, reason="off_topic"
        )
