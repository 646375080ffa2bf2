"""Appeals and reports by readers: case studies, reports of use, and reports on actions of either side."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import url_for
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account, Membership
from consult.audit import statements
from consult.case_studies import service as studies
from consult.case_studies import uses
from consult.case_studies.model import WithdrawnBy
from consult.case_studies.review.process import PROCESS as STUDIES
from consult.case_studies.review.process import USE_PROCESS as USES
from consult.core.clock import now
from consult.core.errors import Conflict, Forbidden, NotFound, Refusal
from consult.core.web.access import Role
from consult.decisions import appeals, reports, service
from consult.decisions.model import AppealOutcome, Outcome, ReportKind
from consult.decisions.process import (
    DecisionMatter,
    DecisionProcess,
    InvolvedInDecision,
    NothingToAppeal,
    OwnPublication,
)
from consult.ledger.model import LedgerEntry
from consult.plans.model import ActionReport, Progress
from consult.plans.reports import service as action_reports
from consult.plans.reports.process import PROCESS as ACTIONS
from consult.plans.standings import load_standings
from tests import factories
from tests.accounts.letters import letters
from tests.bodies.working import make_body, work
from tests.case_studies.written import person, published, written
from tests.forms import hidden
from tests.plans.planned import find, given, planned, speaking

SignIn = Callable[[Any], FlaskClient]
Make = Callable[[Session], tuple[DecisionProcess, Any]]


def _study(session: Session) -> tuple[DecisionProcess, Any]:
    author, ngo = person(session), factories.organisation(session)
    session.add(Membership(organisation_id=ngo.id, account_id=author.id, since=now()))
    session.flush()
    row = written(session, author, organisation_id=ngo.id)
    studies.send(session, row, by=author, asked=True)
    return STUDIES, row


def _use(session: Session) -> tuple[DecisionProcess, Any]:
    ngo, author = speaking(session, "Casa Luz")
    return USES, uses.report_use(
        session, published(session), by=author, country="PE", organisation=ngo.name, happened="It held."
    )


def _action(session: Session) -> tuple[DecisionProcess, Any]:
    body = make_body(session)
    action = find(session, planned(session, body, by=work(session, body)))
    ngo, author = speaking(session)
    return ACTIONS, action_reports.report_for_organisation(
        session, action, by=author, organisation_id=ngo.id, given=given("late")
    )


def _government(session: Session) -> tuple[DecisionProcess, Any]:
    """It is public at once."""
    body = make_body(session)
    lead = work(session, body)
    action = find(session, planned(session, body, by=lead))
    return ACTIONS, action_reports.report_for_government(session, action, by=lead, given=given("under_way"))


ROOMS: dict[str, Make] = {
    "case_study": _study,
    "case_study_use": _use,
    "action_report": _action,
    "government's action_report": _government,
}
HOLDS = {"case_study": Outcome.WITHDRAW, "case_study_use": Outcome.WITHHOLD, "action_report": Outcome.WITHHOLD}
every_room = pytest.mark.parametrize("room", ROOMS)


def moderator(session: Session) -> Account:
    return person(session, Role.MODERATOR)


def decide(session: Session, process: DecisionProcess, row: Any, outcome: Outcome, **values: Any) -> Any:
    """With effect at this moment, by two moderators where two are needed."""
    by = values.pop("by", None) or moderator(session)
    values = {"second": moderator(session), "note": "It names a patient."} | values
    return service.decide_at_once(session, process, item_id=row.id, by=by, outcome=outcome, **values)


def publish(session: Session, process: DecisionProcess, row: Any, **values: Any) -> None:
    if not process.is_public(row):
        decide(session, process, row, Outcome.PUBLISH, **values)


def hold(session: Session, process: DecisionProcess, row: Any, **values: Any) -> Any:
    return decide(session, process, row, HOLDS[process.kind.name], reason="third_person", **values)


def file(session: Session, process: DecisionProcess, row: Any, **values: Any) -> Any:
    author = session.get_one(Account, row.account_id)
    values = {"by": author, "words": "It names nobody."} | values
    return appeals.file(session, process, item_id=row.id, **values)


def kinds(session: Session) -> list[str]:
    return list(session.scalars(select(LedgerEntry.kind).order_by(LedgerEntry.id)))


def check_audit(session: Session) -> None:
    for kind in statements.KINDS:
        assert statements.check_next(session, kind, after=0)[0] == []


@every_room
def test_an_appeal_restores_what_two_people_withheld_if_two_others_say_so(session: Session, room: str) -> None:
    process, row = ROOMS[room](session)
    publish(session, process, row)
    held = hold(session, process, row)
    assert not process.is_public(row)
    appeal = file(session, process, row)
    assert file(session, process, row, words="Again.").id == appeal.id
    with pytest.raises(InvolvedInDecision):
        decide(session, process, row, Outcome.ACCEPT_APPEAL, by=session.get_one(Account, held.second_id))
    with pytest.raises(Forbidden, match="wo moderators"):
        decide(session, process, row, Outcome.ACCEPT_APPEAL, second=None)
    session.expire_all()
    for open_one in session.scalars(select(process.decision).where(process.decision.ended.is_(None))):
        session.delete(open_one)
    decide(session, process, row, Outcome.ACCEPT_APPEAL)
    assert process.is_public(row)
    assert (appeal.outcome, letters(session)[-1].subject[:21]) == (AppealOutcome.ACCEPTED, "Answer to your appeal")
    with pytest.raises(NothingToAppeal):
        file(session, process, row)
    check_audit(session)


@every_room
def test_an_appeal_is_made_by_the_author_within_the_days_of_the_policy(session: Session, room: str) -> None:
    process, row = ROOMS[room](session)
    with pytest.raises(NothingToAppeal):
        file(session, process, row)
    publish(session, process, row)
    hold(session, process, row)
    assert "you can appeal until" in letters(session)[-1].text
    with pytest.raises(Forbidden):
        file(session, process, row, by=person(session))
    with pytest.raises(NothingToAppeal, match="has passed"):
        file(session, process, row, at=now() + timedelta(days=31))
    with pytest.raises(Refusal):
        file(session, process, row, words=" ")
    file(session, process, row)
    with pytest.raises(Refusal):
        decide(session, process, row, Outcome.REJECT_APPEAL, note=" ")
    decide(session, process, row, Outcome.REJECT_APPEAL)
    with pytest.raises(Conflict):
        decide(session, process, row, Outcome.REJECT_APPEAL)
    assert not process.is_public(row)
    check_audit(session)


@every_room
def test_a_reader_reports_what_is_public_and_is_told_that_it_stays(session: Session, room: str) -> None:
    process, row = ROOMS[room](session)
    given_report = {"item_id": row.id, "kind": ReportKind.PERSON, "words": "That is me.", "email": "me@example.net"}
    publisher = moderator(session)
    if waits := not process.is_public(row):
        with pytest.raises(NotFound):
            reports.file(session, process, key="a", **given_report)
    publish(session, process, row, by=publisher)
    filed = [reports.file(session, process, key=key, **given_report) for key in ("a", "a", "b")]
    assert len({it.id for it in filed}) == 2
    assert sum(kind.endswith(".notice_filed") for kind in kinds(session)) == 1
    if waits:
        with pytest.raises(OwnPublication):
            decide(session, process, row, Outcome.KEEP, by=publisher)
    made = decide(session, process, row, Outcome.KEEP, note="It is public already.")
    assert (process.is_public(row), made.second_id) == (True, None)
    assert [(it.outcome, it.words, it.contact, it.salt) for it in filed] == [("kept", None, None, None)] * 3
    told = [letter for letter in letters(session) if letter.subject.startswith("Answer to your report")]
    assert len(told) == 2
    assert "It is public already." in told[0].text
    assert kinds(session)[-1].endswith(".notice_closed")
    with pytest.raises(Conflict):
        decide(session, process, row, Outcome.KEEP)


@every_room
def test_what_is_withheld_or_withdrawn_answers_the_reports_on_it(session: Session, room: str) -> None:
    process, row = ROOMS[room](session)
    publish(session, process, row)
    made = reports.file(session, process, item_id=row.id, kind=ReportKind.HATE, key="a", email="me@example.net")
    later = reports.file(session, process, item_id=row.id, kind=ReportKind.HATE, key="b")
    hold(session, process, row)
    assert (made.outcome, later.outcome) == ("withheld", "withheld")
    assert "The text is no longer published." in letters(session)[-1].text
    with pytest.raises(NotFound):
        reports.file(session, process, item_id=row.id, kind=ReportKind.HATE, key="c")
    check_audit(session)


def test_what_its_author_withdraws_ends_the_reports_on_it(session: Session) -> None:
    process, row = _study(session)
    publish(session, process, row)
    made = reports.file(session, process, item_id=row.id, kind=ReportKind.HATE, key="a")
    by = session.get_one(Account, row.account_id)
    studies.withdraw(session, row, by=by, who=WithdrawnBy.AUTHOR, reason="Counted twice.")
    assert reports.close_unpublished(session, process) == 1
    assert made.outcome == "lapsed"


@every_room
def test_the_words_of_an_appeal_go_with_the_account(session: Session, room: str) -> None:
    process, row = ROOMS[room](session)
    publish(session, process, row)
    hold(session, process, row)
    appeal = file(session, process, row)
    appeals.detach_account(session, account_id=row.account_id)
    session.expire_all()
    assert (appeal.words, appeal.outcome) == ("", "lapsed")


@every_room
def test_anybody_reports_on_a_page_and_a_moderator_answers_on_another(
    session: Session, sign_in: SignIn, client: FlaskClient, room: str
) -> None:
    process, row = ROOMS[room](session)
    publish(session, process, row)
    facts = process.describe(session, row)
    other = moderator(session)
    session.commit()
    page = f"/report/{process.kind.name}/{row.id}"
    with client.application.test_request_context():
        public = url_for(facts.endpoint, **facts.values)
    assert page in client.get(public, follow_redirects=True).text
    form = client.get(page)
    assert "I did not send this" not in form.text
    fields = {name: hidden(form, name) for name in ("csrf_token", "key")}
    assert client.post(page, data={**fields}).status_code == 422
    thanks = client.post(page, data={**fields, "kind": "person", "words": "That is me.", "email": "me@example.net"})
    assert (thanks.status_code, "Set-Cookie" in thanks.headers) == (200, False)
    reviewing = sign_in(other)
    queue = reviewing.get(f"/review/{'action-reports' if process is ACTIONS else 'case-studies'}").text
    [(_item, _reports)] = reports.load_waiting(session, process).items()
    assert "Identifies another person" in queue
    with client.application.test_request_context():
        desk = url_for(process.endpoints[DecisionMatter.PUBLIC], number=row.id)
    assert "That is me." in reviewing.get(desk).text
    token = hidden(reviewing.get(desk), "csrf_token")
    answer = reviewing.post(desk, data={"csrf_token": token, "outcome": "keep", "note": "It stays."})
    assert answer.status_code == 303, answer.text
    assert "Undo" in reviewing.get(answer.headers["Location"]).text
    assert service.apply_due(session, process, at=now() + timedelta(seconds=31)) == 1
    assert "It stays." in letters(session)[-1].text


@every_room
def test_the_author_appeals_on_a_page_and_nobody_else_sees_it(session: Session, sign_in: SignIn, room: str) -> None:
    process, row = ROOMS[room](session)
    publish(session, process, row)
    hold(session, process, row)
    author, stranger, other = session.get_one(Account, row.account_id), person(session), moderator(session)
    session.commit()
    page = f"/appeals/{process.kind.name}/{row.id}"
    assert sign_in(stranger).get(page).status_code == 404
    writing = sign_in(author)
    first = writing.get(page)
    assert "Identifies another person" in first.text
    filed = writing.post(page, data={"csrf_token": hidden(first, "csrf_token"), "words": "It names nobody."})
    assert filed.status_code == 303
    assert "A moderator who was not involved" in writing.get(page).text
    appeal = session.scalars(select(process.appeal)).one()
    reviewing = sign_in(other)
    with reviewing.application.test_request_context():
        desk = url_for(process.endpoints[DecisionMatter.APPEAL], number=appeal.id)
    shown = reviewing.get(desk)
    assert "It names nobody." in shown.text
    data = {"csrf_token": hidden(shown, "csrf_token"), "outcome": "uphold", "note": "It does."}
    assert reviewing.post(desk, data=data).status_code == 303
    assert service.apply_due(session, process, at=now() + timedelta(seconds=31)) == 1
    session.commit()
    assert "It does." in writing.get(page).text
    assert reviewing.post(desk, data=data).status_code == 409


def test_a_single_persons_report_of_use_is_withheld_by_one(session: Session) -> None:
    use = uses.report_use(
        session, published(session), by=person(session), country="PE", organisation="Casa Luz", happened="It held."
    )
    with pytest.raises(Refusal) as refused:
        decide(session, USES, use, Outcome.WITHHOLD, reason=None)
    assert refused.value.field == "reason"
    made = decide(session, USES, use, Outcome.WITHHOLD, reason="off_topic", second=None)
    assert (made.second_id, USES.is_public(use)) == (None, False)
    assert [kind for kind in kinds(session) if kind.startswith("case_study.use")] == []


def test_of_a_governments_report_the_words_are_hidden_and_its_progress_counts(
    session: Session, client: FlaskClient
) -> None:
    process, row = _government(session)
    hold(session, process, row)
    session.commit()
    page = client.get(f"/actions/{row.action_id}", follow_redirects=True).text
    assert "Moderators have hidden the words of this report." in page
    assert "So it is." not in page
    assert load_standings(session, ActionReport.id == row.id)[row.action_id].government is Progress.UNDER_WAY
    with pytest.raises(Conflict):
        decide(session, process, row, Outcome.PUBLISH)
