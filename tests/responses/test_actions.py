"""An accepted answer leads to an action with an owner and a due date, and to e-mails when it is done or late."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.arguments.model import Argument
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.errors import Refusal
from consult.ledger.model import Kind, LedgerEntry
from consult.mail.model import Letter
from consult.plans.model import ActionReport, PlanAction, Progress
from consult.plans.reports import service as reports
from consult.plans.reports.service import GivenReport
from consult.plans.timetables import due
from consult.responses import service
from consult.responses.actions import promises
from consult.responses.actions.service import ProposedAction
from consult.responses.model import AnswerOutcome, Response, ResponseAction
from consult.responses.service import ProposedAnswer
from consult.submissions.model import Submission
from tests import factories
from tests.arguments.speaking import PRISONS, holding
from tests.responses.answering import LEADS, PROMISED, REASONS, answer, argued, owner

SignIn = Callable[[Any], FlaskClient]


@pytest.fixture
def argument(session: Session) -> Argument:
    return argued(session)[1]


def promised(session: Session) -> PlanAction:
    return session.scalars(select(PlanAction)).one()


def kinds(session: Session) -> list[str]:
    rows = select(LedgerEntry.kind).where(LedgerEntry.kind.startswith("action.")).order_by(LedgerEntry.id)
    return list(session.scalars(rows))


def test_an_answer_and_its_action_are_written_together_and_shown(
    session: Session, client: FlaskClient, sign_in: SignIn, argument: Argument
) -> None:
    row = session.get_one(Consultation, argument.consultation_id)
    browser, here = sign_in(owner(session, row)), f"/desk/arguments/{argument.id}/answer"
    bare = {"stands": "", "outcome": "accepted", "reasons": REASONS, "change": "", "do": "check"}
    refused = browser.post(here, data=bare)
    assert (refused.status_code, "Enter what will be done, by whom and by when." in refused.text) == (422, True)
    past = LEADS | {"action_due": ["1", "6", "2020"]}
    refused = browser.post(here, data=bare | past)
    assert (refused.status_code, "Choose a day in the future." in refused.text) == (422, True)
    assert 'value="Pay for the exchanges"' in refused.text, "what was typed is kept"
    checked = browser.post(here, data=bare | LEADS | {"action_owner": ""}).text
    assert "Action:" in checked
    assert row.body in checked, "who is left empty is the body that answers"
    seen = dict(re.findall(r'name="(seen)"[^>]*value="([^"]*)"', checked))
    assert browser.post(here, data=bare | LEADS | seen | {"do": "publish"}).status_code == 303
    action = promised(session)
    assert (action.title, action.owner_name, action.due_on) == (PROMISED.title, PROMISED.owner_name, PROMISED.due_on)
    assert kinds(session) == [Kind.ACTION_PROMISED]
    for page in (f"/c/{row.slug}/outcome", f"/c/{row.slug}/arguments/{argument.id}"):
        assert f"Due by {action.due_on:%-d %B %Y}" in client.get(page).text
    shown = client.get(f"/actions/{action.id}")
    assert f'href="/c/{row.slug}/arguments/{argument.id}"' in shown.text, "it leads back to what was said"
    changed = dict(re.findall(r'name="(seen|stands)"[^>]*value="([^"]*)"', browser.get(here).text))
    bare = {"outcome": "not_accepted", "reasons": "No money.", "do": "check"}
    assert "We will show this commitment as dropped:" in browser.post(here, data=bare | changed).text


def test_an_old_answer_that_says_nothing_of_it_is_shown_as_that(
    session: Session, client: FlaskClient, argument: Argument
) -> None:
    made = answer(session, argument)
    session.delete(session.get_one(ResponseAction, made.id))
    session.commit()
    row = session.get_one(Consultation, argument.consultation_id)
    assert "No action stated yet" in client.get(f"/c/{row.slug}/outcome").text
    assert ",not said," in client.get(f"/c/{row.slug}/answers.csv").text


def test_the_change_in_the_draft_is_all_only_where_there_is_one(session: Session, argument: Argument) -> None:
    row = session.get_one(Consultation, argument.consultation_id)
    for suffices, action in ((True, None), (False, None), (True, PROMISED)):
        given = ProposedAnswer(AnswerOutcome.ACCEPTED, REASONS, text_suffices=suffices, action=action)
        with pytest.raises(Refusal):
            service.clean_answer(session, row, given)
    undated = ProposedAnswer(AnswerOutcome.IN_PART, REASONS, action=ProposedAction("Pay", "MoH", None))
    with pytest.raises(Refusal):
        service.clean_answer(session, row, undated)
    refused = ProposedAnswer(AnswerOutcome.NOT_ACCEPTED, REASONS, action=PROMISED)
    assert service.clean_answer(session, row, refused).action is None


def test_the_same_answer_to_two_arguments_is_one_promise(session: Session, argument: Argument) -> None:
    row = session.get_one(Consultation, argument.consultation_id)
    other = holding(session, row, PRISONS[0])
    given = ProposedAnswer(AnswerOutcome.ACCEPTED, REASONS, action=PROMISED)
    by = owner(session, row)
    service.answer_arguments(session, argument_id=argument.id, by=by, given=given, seen="", also={other.id: ""})
    assert len({link.action_id for link in session.scalars(select(ResponseAction))}) == 1
    of_other = session.scalars(select(Response).where(Response.argument_id == other.id)).one()
    later = ProposedAction("Pay more", "Ministry of Health", PROMISED.due_on)
    answer(session, other, seen=of_other.token, action=later)
    assert sorted(session.scalars(select(PlanAction.title))) == ["Pay for the exchanges", "Pay more"]


def test_a_changed_answer_moves_its_promise_or_drops_it_in_public(session: Session, argument: Argument) -> None:
    first = answer(session, argument)
    moved = ProposedAction(PROMISED.title, PROMISED.owner_name, PROMISED.due_on + timedelta(days=90))
    second = answer(session, argument, seen=first.token, action=moved)
    assert promised(session).moved[0]["was"] == PROMISED.due_on.isoformat()
    answer(session, argument, seen=second.token, outcome="not_accepted", reasons="No money.")
    assert session.scalars(select(ActionReport.progress)).all() == [Progress.DROPPED]
    assert session.scalars(select(ResponseAction)).all() == []
    assert kinds(session) == [Kind.ACTION_PROMISED, Kind.ACTION_CHANGED, Kind.ACTION_DROPPED]


def test_contributors_hear_once_more_when_it_is_late_and_when_it_is_done(session: Session, argument: Argument) -> None:
    answer(session, argument)
    action = promised(session)
    for submission in session.scalars(select(Submission)):
        submission.account_id = factories.account(session).id
    session.commit()
    after = now().replace(year=PROMISED.due_on.year, month=7, day=1, hour=12)
    assert promises.begin_news(session, at=after) == 0
    assert due.record_overdue(session, at=after) == 1
    assert [promises.begin_news(session, at=after) for _twice in range(2)] == [1, 0]

    def write() -> list[str]:
        for number, occasion in promises.list_unfinished(session):
            promises.write_letters(session, number, occasion)
        assert promises.list_unfinished(session) == []
        return list(session.scalars(select(Letter.key).where(Letter.key.startswith("promise:")).order_by(Letter.id)))

    late = write()
    assert len(late) == 3
    row = session.get_one(Consultation, argument.consultation_id)
    done = GivenReport(Progress.DONE, "Paid.", ("https://example.org/paid",), "en")
    reports.report_for_government(session, action, by=owner(session, row), given=done)
    assert promises.begin_news(session, at=after) == 1
    assert len(write()) == 6
    assert promises.begin_news(session, at=after) == 0
