"""Commitments in answers, found from the plans: states, counts, and pages with a fixed number of statements."""

from __future__ import annotations

import re
from datetime import timedelta

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.plans import queries, reviews, service
from consult.plans.model import PlanAction
from consult.plans.promises import queries as promises
from consult.plans.reports import service as reports
from consult.plans.standings import build_status
from consult.plans.state import ActionStanding, ActionState, Due, compute_state, is_awaited
from tests import factories
from tests.bodies.working import make_body, work
from tests.counting import statements
from tests.plans.planned import day, find, given, planned, said_by, terms


def promise(session: Session, row: Consultation, lead: Account, title: str, *, days: int = 100) -> PlanAction:
    body_id = row.body_id
    made = service.promise_action(
        session, by=lead, terms=terms(title=title), consultation_id=row.id, body_id=body_id, language="en"
    )
    made.due_on = day(days)
    session.flush()
    return made


def working(session: Session) -> tuple[Consultation, Account]:
    """A consultation whose body somebody works for."""
    body = make_body(session)
    lead = work(session, body)
    return factories.consultation(session, owner=lead, body_id=body.id), lead


def test_promises_are_found_from_the_plans_with_states_and_books_that_balance(
    session: Session, client: FlaskClient
) -> None:
    row, lead = working(session)
    assert "Commitments made in answers" not in client.get("/plans").text
    late = promise(session, row, lead, "Publish the figures", days=-3)
    done, _new = promise(session, row, lead, "Name a contact"), promise(session, row, lead, "Ask the prisons")
    reports.report_for_government(session, done, by=lead, given=given("done"))
    said_by(session, done, "not_started")
    session.commit()
    listed = client.get("/plans").text
    assert "Commitments made in answers" in listed
    for said in ("Publish the figures", "Name a contact", "Ask the prisons", "No government report yet", ">Late<"):
        assert said in listed
    balance = promises.get_promises(session).balance
    assert balance.actions == sum(n for _name, n in balance.parts) == 3
    assert dict(balance.parts) == {"done": 1, "late": 1, "no_report": 1}
    assert "No plans yet" in listed, "a promise is no plan"
    shown = client.get("/actions?show=late").text
    assert re.findall(r'<h3><a href="([^"]+)"', shown) == [f"/actions/{late.id}"]
    assert re.findall(r'<h3><a href="([^"]+)"', client.get("/actions?show=differ").text) == [f"/actions/{done.id}"]
    assert client.get("/actions?show=nothing").status_code == 404
    assert "No actions in this list" in client.get("/actions?show=dropped").text


def test_promises_come_in_pages_and_each_asks_the_same_however_many_there_are(
    session: Session, client: FlaskClient
) -> None:
    row, lead = working(session)

    def asked(path: str, count: int) -> int:
        for n in range(count):
            reports.report_for_government(
                session, promise(session, row, lead, f"Do {n}"), by=lead, given=given("under_way")
            )
        session.commit()
        with statements() as seen:  # of a page that is made anew: there are more promises
            client.get(path)
        return len([one for one in seen if "SELECT" in one])

    assert asked("/actions", 2) == asked("/actions", 60) <= 4
    assert asked("/plans", 0) <= 7
    assert asked("/plans", 0) == asked("/actions", 0) == 1, "a visitor gets the page that was made before"
    first = client.get("/actions").text
    assert first.count('class="plan-what"') == promises.PAGE
    follow = re.search(r'href="(/actions\?[^"]+)" rel="next"', first)
    assert follow is not None
    second = client.get(follow[1].replace("&amp;", "&")).text
    assert second.count('class="plan-what"') == 12
    numbers = re.findall(r'<h3><a href="/actions/(\d+)"', first + second)
    assert numbers == sorted(numbers, key=int, reverse=True)
    assert len(set(numbers)) == 62
    assert "See all 62 commitments" in client.get("/plans").text


def test_a_new_promise_says_that_no_report_is_there_yet_and_an_old_one_that_none_is_current(
    session: Session, client: FlaskClient
) -> None:
    today = day(0)
    assert is_awaited(ActionStanding(), began=today, today=today)
    assert is_awaited(ActionStanding(), began=day(400), today=today), "it is still to begin"
    assert not is_awaited(ActionStanding(), began=day(-366), today=today)
    assert compute_state(ActionStanding(), Due(day(9)), today) is ActionState.NO_REPORT
    row, lead = working(session)
    made = promise(session, row, lead, "Ask the prisons")
    session.commit()
    page = client.get(f"/actions/{made.id}").text
    assert "No government report yet" in page
    assert "No current report" not in page
    made.created_at = now() - timedelta(days=366)
    session.commit()
    page = client.get(f"/actions/{made.id}").text
    assert "No current report" in page
    assert "No government report yet" not in page
    made.due_on = day(-1)
    assert not build_status(made, None).awaited, "it is late, whatever was said"


def test_an_action_of_a_plan_says_the_same_and_its_books_count_it_as_without_a_report(
    session: Session, client: FlaskClient
) -> None:
    body = make_body(session)
    lead = work(session, body)
    plan = planned(session, body, by=lead, actions=2)
    find(session, plan, "1.2").begins_on = day(-800)
    session.commit()
    page = client.get(f"/plans/{plan.slug}").text
    tags = [re.sub(r"<[^>]+>", "", one).strip() for one in re.findall(r"<p>(<span class=\"tag.*?)</p>", page, re.S)]
    assert tags == ["No government report yet", "No current report"]
    assert queries.get_plan_page(session, plan).balance.parts == [("no_report", 2)]
    assert "Status today: no government report yet." in reviews.write_draft(queries.get_plan_page(session, plan))
