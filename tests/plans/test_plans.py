"""Plans: both sides beside each other, states that follow from reports and the day, and who may say what."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from consult.accounts.model import Account, Membership
from consult.bodies.model import BodyRole, PublicBody
from consult.core.clock import now
from consult.core.crypto import unseal
from consult.core.errors import Conflict, Forbidden, Refusal
from consult.core.web.access import Role
from consult.decisions import process
from consult.decisions.kinds import InterestedDecider
from consult.ledger.model import Kind, LedgerEntry
from consult.mail.model import Letter, LetterContent
from consult.plans import queries, reviews, service, watches
from consult.plans.action_tables.actions import read_actions
from consult.plans.indicators import service as indicators
from consult.plans.indicators.plot import draw_spark
from consult.plans.indicators.tables import read_table
from consult.plans.model import ActionPlan, ActionReport, ActionWatch, PlanAction, PlanMovement, Progress
from consult.plans.movement import service as movements
from consult.plans.reports import service as reports
from consult.plans.reports.process import PROCESS
from consult.plans.standings import build_status, load_standings
from consult.plans.state import ActionStanding, ActionState, Due, compute_state
from consult.plans.timetables import due
from consult.trace import account_deletion
from tests import factories
from tests.bodies.working import make_body, work
from tests.counting import statements
from tests.plans.planned import (
    day,
    find,
    given,
    half_a_minute_later,
    planned,
    publish,
    said_by,
    speaking,
    terms,
    withhold,
)

SignIn = Callable[[Any], FlaskClient]


@pytest.fixture
def world(session: Session) -> tuple[ActionPlan, PublicBody, Account]:
    body = make_body(session)
    lead = work(session, body)
    plan = planned(session, body, by=lead, actions=3)
    session.commit()
    return plan, body, lead


def kinds(session: Session) -> list[str]:
    return list(
        session.scalars(select(LedgerEntry.kind).where(LedgerEntry.kind.startswith("action.")).order_by(LedgerEntry.id))
    )


def state(session: Session, plan: ActionPlan, number: str = "1.1") -> ActionState:
    page = queries.get_plan_page(session, plan)
    lines = [line for one in page.objectives for line in one.lines]
    return next(line.status.state for line in lines if line.status.action.number == number)


@pytest.mark.parametrize(
    ("government", "society", "days", "old", "found"),
    [
        ("done", {"done": 2}, -5, 10, ActionState.DONE_AGREED),
        ("done", {"done": 2, "late": 1}, -5, 10, ActionState.DONE_CLAIMED),
        ("done", {}, 5, 10, ActionState.DONE_CLAIMED),
        ("under_way", {}, 0, 10, ActionState.UNDER_WAY),
        ("under_way", {}, -1, 10, ActionState.LATE),
        ("under_way", {}, 9, 365, ActionState.UNDER_WAY),
        ("under_way", {}, 9, 366, ActionState.NO_REPORT),
        ("late", {"done": 1}, 9, 1, ActionState.LATE),
        ("dropped", {}, -9, 900, ActionState.DROPPED),
        (None, {"done": 3}, 9, 0, ActionState.NO_REPORT),
        (None, {}, -1, 0, ActionState.LATE),
        ("not_started", {}, 9, 1, ActionState.NOT_STARTED),
    ],
)  # fmt: skip
def test_the_state_follows_from_both_sides_and_the_day(
    government: str | None, society: dict[str, int], days: int, old: int, found: ActionState
) -> None:
    said = ActionStanding(
        Progress(government) if government else None, day(-old) if government else None,
        {Progress(one): n for one, n in society.items()},
    )  # fmt: skip
    assert compute_state(said, Due(day(days)), day(0)) is found


def test_one_organisation_counts_once_and_both_sides_stand_beside_each_other(
    session: Session, client: FlaskClient, world: tuple[ActionPlan, PublicBody, Account]
) -> None:
    plan, _body, lead = world
    action = find(session, plan)
    reports.report_for_government(session, action, by=lead, given=given("done"))
    organisation, person = speaking(session, "Harm Reduction Network")
    moderator = factories.account(session, Role.MODERATOR)
    for progress in ("not_started", "under_way"):
        made = reports.report_for_organisation(
            session, action, by=person, organisation_id=organisation.id, given=given(progress, f"We see it {progress}.")
        )
        publish(session, made, moderator)
    said_by(session, action, "late")
    session.commit()
    standing = load_standings(session, ActionReport.action_id == action.id)[action.id]
    assert standing.society == {Progress.UNDER_WAY: 1, Progress.LATE: 1}
    assert build_status(action, standing).differs
    page = client.get(f"/plans/{plan.slug}/actions/1.1").text
    assert "Reported done" in page
    assert "Disputed" in page
    assert "We see it under_way." in page
    assert "1 earlier report" in page
    listed = client.get(f"/plans/{plan.slug}?show=differ").text
    assert re.search(r'<bdi[^>]*><span class="nr">1\.1</span> \w', listed), "number and title read in one direction"
    assert listed.count('class="plan-what"') == 1
    assert "At least one organisation disputes 1 action reported done." in listed
    assert client.get(f"/plans/{plan.slug}?show=nothing").status_code == 404


def test_one_text_of_forty_organisations_is_shown_once_with_the_others_below_it(
    session: Session, client: FlaskClient, world: tuple[ActionPlan, PublicBody, Account]
) -> None:
    plan, _body, lead = world
    action = find(session, plan)
    own = said_by(session, action, "under_way", words="We have seen two rooms open.")
    copies = [said_by(session, action, "not_started", words=f"Nothing  was {it}.") for it in ("done", "Done", "DONE")]
    silent = [said_by(session, action, "not_started", words="") for _n in range(2)]
    other = said_by(session, action, "late", words="Nothing was done.")
    session.commit()
    folded = queries.get_action_page(session, action, lead).voices
    assert [one.report.id for one, _alike in folded] == [other.id, silent[1].id, silent[0].id, copies[2].id, own.id]
    assert [[it.report.id for it in alike] for _one, alike in folded] == [[], [], [], [copies[1].id, copies[0].id], []]
    page = client.get(f"/plans/{plan.slug}/actions/1.1").text
    assert page.count("The same words from 2 other organisations") == 1
    assert page.count('class="plan-said"') == 7, "nothing of them is lost"


def test_the_books_of_a_plan_balance(session: Session, world: tuple[ActionPlan, PublicBody, Account]) -> None:
    plan, _body, lead = world
    reports.report_for_government(session, find(session, plan, "1.2"), by=lead, given=given("dropped"))
    balance = queries.get_plan_page(session, plan).balance
    assert sum(balance.states.values()) == balance.actions == 3


def test_a_report_waits_for_a_moderator_without_a_part_in_it(
    session: Session, sign_in: SignIn, world: tuple[ActionPlan, PublicBody, Account]
) -> None:
    plan, body, lead = world
    action = find(session, plan)
    organisation, person = speaking(session)
    made = reports.report_for_organisation(
        session, action, by=person, organisation_id=organisation.id, given=given("late", "Nothing is done.")
    )
    insiders = [work(session, body, BodyRole.READER), factories.account(session, Role.MODERATOR), person, lead]
    for one in insiders:
        one.role = Role.ADMIN
    session.add(Membership(organisation_id=organisation.id, account_id=insiders[1].id, since=now()))
    session.commit()
    for one in insiders:
        with pytest.raises(InterestedDecider):
            publish(session, made, one)
    assert "Nothing is done." not in sign_in(person).get(f"/plans/{plan.slug}/actions/1.1").text
    browser = sign_in(factories.account(session, Role.MODERATOR))
    assert "Nothing is done." in browser.get(f"/review/action-reports/{made.id}").text
    refused = browser.post(f"/review/action-reports/{made.id}", data={"outcome": "withhold"})
    assert (refused.status_code, "Choose a reason." in refused.text) == (422, True)
    assert browser.post(f"/review/action-reports/{made.id}", data={"outcome": "publish"}).status_code == 303
    assert "Nothing is done." not in browser.get(f"/plans/{plan.slug}/actions/1.1").text
    assert half_a_minute_later(session) == 1
    session.commit()
    assert "Nothing is done." in browser.get(f"/plans/{plan.slug}/actions/1.1").text
    with pytest.raises(Conflict):
        publish(session, made)


def test_who_wrote_a_withheld_report_is_told_why_and_nobody_else_is(
    session: Session, sign_in: SignIn, world: tuple[ActionPlan, PublicBody, Account]
) -> None:
    plan, _body, lead = world
    action, here = find(session, plan), f"/plans/{plan.slug}/actions/1.1"
    organisation, person = speaking(session)
    told = given("late", "Nothing is done.")
    made = reports.report_for_organisation(session, action, by=person, organisation_id=organisation.id, given=told)
    session.commit()
    browser = sign_in(factories.account(session, Role.MODERATOR))
    given_reason = {"outcome": "withhold", "reason": "third_person"}
    assert browser.post(f"/review/action-reports/{made.id}", data=given_reason).status_code == 303
    assert half_a_minute_later(session) == 0
    second = sign_in(factories.account(session, Role.MODERATOR))
    session.expire_all()
    waits = process.get_open(session, PROCESS, made.id)
    assert waits is not None
    assert "Refuse" in second.get("/review/action-reports").text
    assert second.post(f"/review/decisions/action_report/{waits.id}", data={"do": "agree"}).status_code == 303
    assert half_a_minute_later(session) == 1
    session.commit()
    letter = session.scalars(select(Letter).where(Letter.key.startswith(f"action_report:decided:{made.id}:"))).one()
    content = unseal(session.get_one(LetterContent, letter.content_id).sealed)
    assert "Not published: " in content
    assert "Your report is not published" in sign_in(person).get(here).text
    for said in (content, sign_in(person).get(here).text):
        assert "Identifies another person" in said
    for other in (lead, factories.account(session, Role.MODERATOR)):
        assert "not published" not in sign_in(other).get(here).text
    again = reports.report_for_organisation(session, action, by=person, organisation_id=organisation.id, given=told)
    account_deletion.delete_account(session, person)
    withhold(session, again)
    assert session.scalars(select(Letter.key).where(Letter.key.startswith("action_report:"))).all() == [letter.key]


def test_nobody_speaks_for_a_side_that_is_not_theirs(
    session: Session, world: tuple[ActionPlan, PublicBody, Account]
) -> None:
    plan, body, lead = world
    action = find(session, plan)
    stranger, reader = factories.account(session, Role.POLICYMAKER), work(session, body, BodyRole.READER)
    for person in (stranger, reader, factories.account(session), factories.account(session, Role.MODERATOR)):
        with pytest.raises(Forbidden):
            reports.report_for_government(session, action, by=person, given=given("under_way"))
    small = factories.organisation(session)
    session.add(Membership(organisation_id=small.id, account_id=stranger.id, since=now()))
    organisation, _person = speaking(session)
    session.add(Membership(organisation_id=organisation.id, account_id=lead.id, since=now()))
    session.flush()
    for person, number in ((stranger, small.id), (stranger, organisation.id), (lead, organisation.id)):
        with pytest.raises(Forbidden):
            reports.report_for_organisation(session, action, by=person, organisation_id=number, given=given("late"))


@pytest.mark.parametrize(
    ("progress", "words", "links", "field"),
    [
        ("done", "It is.", (), "links"),
        ("dropped", " ", (), "words"),
        ("late", "x", ("javascript:alert(1)",), "links"),
        ("late", "x", ("https://user:pw@example.org/",), "links"),
        ("late", "x", ("https://example.org/",) * 6, "links"),
        ("late", "x" * 2_001, (), "words"),
    ],
)  # fmt: skip
def test_a_report_that_shows_nothing_is_refused(
    session: Session, world: tuple[ActionPlan, PublicBody, Account], progress: str, words: str, links: Any, field: str
) -> None:
    plan, _body, lead = world
    with pytest.raises(Refusal) as refused:
        reports.report_for_government(session, find(session, plan), by=lead, given=given(progress, words, links=links))
    assert refused.value.field == field


def test_a_report_stays_as_it_was_given(session: Session, world: tuple[ActionPlan, PublicBody, Account]) -> None:
    plan, _body, lead = world
    reports.report_for_government(session, find(session, plan), by=lead, given=given("under_way"))
    session.commit()
    for wrong in ("UPDATE action_report SET words = 'Else'", "DELETE FROM action_report"):
        with pytest.raises(IntegrityError):
            session.execute(text(wrong))
        session.rollback()


def test_a_day_that_passes_is_public_and_told_once(
    session: Session, world: tuple[ActionPlan, PublicBody, Account]
) -> None:
    plan, _body, lead = world
    action, watcher = find(session, plan), factories.account(session)
    watches.begin(session, action, by=watcher)
    after = now() + timedelta(days=201)
    assert due.record_overdue(session, at=after - timedelta(days=1)) == 0
    assert due.record_overdue(session, at=after) == 3
    assert due.record_overdue(session, at=after + timedelta(days=1)) == 0
    assert kinds(session) == [Kind.ACTION_OVERDUE] * 3
    keys = session.scalars(select(Letter.key).where(Letter.key.startswith("action:"))).all()
    assert keys == [f"action:{action.id}:overdue:{action.due_on}:{watcher.id}"]
    reports.report_for_government(session, action, by=lead, given=given("done"))
    assert kinds(session)[3:] == [Kind.ACTION_REPORTED, Kind.ACTION_DONE]
    assert state(session, plan) is ActionState.DONE_CLAIMED


def test_a_day_that_is_moved_stays_to_be_read(
    session: Session, sign_in: SignIn, world: tuple[ActionPlan, PublicBody, Account]
) -> None:
    plan, _body, lead = world
    browser, action = sign_in(lead), find(session, plan)
    was, moved = action.due_on, day(300)
    typed = {
        "revision": action.revision, "title": "Do more", "owner_name": "Ministry", "number": "1.1", "wid": "",
        "due_on": [str(moved.day), str(moved.month), str(moved.year)], "milestones": "soon, I hope",
    }  # fmt: skip
    refused = browser.post(f"/desk/plans/{plan.slug}/actions/1.1", data=typed)
    assert (refused.status_code, "soon, I hope" in refused.text) == (422, True)
    steps = {"milestones": "2028-06-30 First site open done"}
    assert browser.post(f"/desk/plans/{plan.slug}/actions/1.1", data=typed | steps).status_code == 303
    page = browser.get(f"/plans/{plan.slug}/actions/1.1").text
    assert f"It was {was:%-d %B %Y} before" in page
    assert "First site open" in page
    late = browser.post(f"/desk/plans/{plan.slug}/actions/1.1", data=typed | steps)
    assert (late.status_code, "Someone else has just changed this" in late.text) == (422, True)
    assert kinds(session) == [Kind.ACTION_CHANGED]


def test_a_table_of_actions_is_shown_before_it_is_added(
    session: Session, sign_in: SignIn, world: tuple[ActionPlan, PublicBody, Account]
) -> None:
    plan, _body, lead = world
    browser, here = sign_in(lead), f"/desk/plans/{plan.slug}/import"
    table = (
        "Objective,Action,Timetable,Responsible party,Indicators,Data collection/assessment mechanism\n"
        "Health,Pay for needles,2027-2028,Ministry of Health,Coverage,Yearly survey\n"
        ",Train staff,by June 2028,Ministry of Health,,\n,Something,ongoing,Ministry,,\n"
        ",Another,once agreed,Ministry,,\n"
    )
    shown = browser.post(here, data={"text": table, "do": "show"}).text
    assert "4 of 4 lines were read" in shown
    assert re.search(r"Line 5, Timetable:\s*<mark[^>]*>once agreed", shown)
    assert len(queries.list_actions(session, plan.id)) == 3
    assert browser.post(here, data={"text": table, "do": "keep"}).status_code == 303
    added = queries.list_actions(session, plan.id)[3:]
    assert [(one.objective, one.title, str(one.due_on)) for one in added] == [
        ("Health", "Pay for needles", "2028-12-31"), ("Health", "Train staff", "2028-06-30"),
        ("Health", "Something", "None"), ("Health", "Another", "None"),
    ]  # fmt: skip
    assert browser.post(here, data={"text": table, "do": "keep"}).status_code == 303
    assert len(queries.list_actions(session, plan.id)) == 7
    assert 'name="title_column"' in browser.post(here, data={"text": "Name\nx\n", "do": "show"}).text
    assert read_actions("", (2027, 2029)).missing


def test_a_plan_is_seen_by_its_body_only_until_it_is_published(
    session: Session, client: FlaskClient, sign_in: SignIn
) -> None:
    row = factories.consultation(session)
    body = make_body(session)
    lead = work(session, body)
    row.owner_id, row.body_id = lead.id, body.id
    session.commit()
    browser = sign_in(lead)
    typed = {"body": str(body.id), "title": "Plan of deeds", "period_from": "2027", "period_to": "2030",
             "language": "en", "consultation": str(row.id), "review_every": "12"}  # fmt: skip
    assert browser.post("/desk/plans/new", data=typed | {"period_to": "2020"}).status_code == 422
    assert browser.post("/desk/plans/new", data=typed).status_code == 303
    plan = session.scalars(select(ActionPlan)).one()
    assert [one.number for one in queries.list_actions(session, plan.id)] == ["1.1", "1.2", "2.1", "2.2"]
    assert client.get("/plans/plan-of-deeds").status_code == 404
    assert browser.get("/plans/plan-of-deeds").status_code == 200
    assert browser.post("/desk/plans/plan-of-deeds/publish").status_code == 303
    assert "Each State shall do what paragraph 1.1 says." in client.get("/plans/plan-of-deeds/actions/1.1").text


def test_a_review_opens_with_the_balance_of_the_plan(
    session: Session, world: tuple[ActionPlan, PublicBody, Account]
) -> None:
    plan, body, lead = world
    row = reviews.open_review(session, plan, by=lead)
    assert row.body_id == body.id
    assert "Actions in this plan: 3 (3 no current report)." in row.purpose
    assert [one.consultation_id for one, _row in queries.list_reviews(session, plan)] == [row.id]
    with pytest.raises(Forbidden):
        reviews.open_review(session, plan, by=work(session, body, BodyRole.DRAFTER))


def test_the_movement_of_a_year_is_compiled_and_sent_once(
    session: Session, client: FlaskClient, world: tuple[ActionPlan, PublicBody, Account]
) -> None:
    plan, _body, lead = world
    row = indicators.get_indicator(session, plan, "I-1")
    made = indicators.propose_import(session, plan, row, by=lead, name="a.csv", data=b"Year,Value\n2019,5\n2020,7\n")
    indicators.keep_import(session, plan, row, made, by=lead)
    next_year = now().replace(year=now().year + 1, month=1, day=2)
    assert [movements.compile_due(session, at=next_year) for _twice in range(2)] == [1, 0]
    session.commit()
    one = session.scalars(select(PlanMovement.id)).one()
    written = select(Letter.key).where(Letter.key.startswith("movement:")).order_by(Letter.id)
    assert session.scalars(written).all() == [f"movement:{plan.id}:{now().year}:{one}:{lead.id}"]
    late = movements.get_movement(session, plan, now().year)
    action = session.scalars(select(PlanAction).where(PlanAction.plan_id == plan.id).order_by(PlanAction.id)).first()
    assert action is not None
    late.content = late.content | {"late": [action.number]}
    session.commit()
    page = client.get(f"/plans/{plan.slug}/movement/{now().year}").text
    assert "1 indicator got worse" in page
    assert action.title in page, "a number alone says nothing"


def test_a_movement_of_a_wrong_clock_leaves_nothing_in_the_letters_of_the_true_one(
    session: Session, world: tuple[ActionPlan, PublicBody, Account]
) -> None:
    next_year = now().replace(year=now().year + 1, month=1, day=2)
    written = select(Letter.key).where(Letter.key.startswith("movement:"), ~Letter.key.contains("withdrawn"))
    movements.compile_due(session, at=next_year)
    early = session.scalars(written).all()
    assert movements.undo_early(session, at=now()) == 1
    assert session.scalars(written).all() == []
    movements.compile_due(session, at=next_year)
    assert len(session.scalars(written).all()) == len(early) == 1
    assert set(session.scalars(written)).isdisjoint(early), "what was sent of the early one is no copy of this"


def test_a_series_that_ends_at_nothing_is_drawn_to_its_end(
    session: Session, client: FlaskClient, world: tuple[ActionPlan, PublicBody, Account]
) -> None:
    plan, _body, lead = world
    row = indicators.get_indicator(session, plan, "I-1")
    made = indicators.propose_import(session, plan, row, by=lead, name="a.csv", data=b"Year,Value\n2019,0\n2020,0\n")
    indicators.keep_import(session, plan, row, made, by=lead)
    session.commit()
    spark = draw_spark(row)
    assert spark is not None
    assert (spark.last, spark.period) == ("0", "2020")
    assert client.get(f"/plans/{plan.slug}").status_code == 200


def test_a_file_is_shown_before_it_is_kept_and_a_correction_leaves_the_former(
    session: Session, client: FlaskClient, sign_in: SignIn, world: tuple[ActionPlan, PublicBody, Account]
) -> None:
    plan, _body, lead = world
    browser, row = sign_in(lead), indicators.get_indicator(session, plan, "I-1")
    first = indicators.propose_import(
        session, plan, row, by=lead, name="a.csv", data=b"Year,Sex,Value\n2019,,5\n2019,Men,3\n2020,,x1\n"
    )
    session.commit()
    here = f"/desk/plans/{plan.slug}/indicators/I-1/imports/{first.id}"
    shown = browser.get(here).text
    assert "Nothing is saved yet." in shown
    assert re.search(r"Line 4:\s*<mark[^>]*><bdi>x1", shown)
    assert "No values yet" in client.get(f"/plans/{plan.slug}/indicators/I-1").text
    roles = {"role_0": "period", "role_1": "group", "role_2": "value"}
    assert browser.post(here, data=roles | {"do": "keep"}).status_code == 303
    assert browser.get(here).status_code == 404
    second = indicators.propose_import(session, plan, row, by=lead, name="b.csv", data=b"Year,Value\n2019,6\n2020,7\n")
    session.commit()
    there = here.removesuffix(str(first.id)) + str(second.id)
    shown = browser.get(there).text
    assert "will leave the chart" not in shown
    assert "1 value differs from the earlier file" in shown
    assert re.search(r"2019</bdi>:\s*5 → 6", shown)
    short = indicators.propose_import(session, plan, row, by=lead, name="c.csv", data=b"Year,Value\n2020,7\n2021,n/a\n")
    session.commit()
    shown = browser.get(here.removesuffix(str(first.id)) + str(short.id)).text
    assert "1 period of the earlier file is missing from this file and will disappear from the chart" in shown
    assert re.search(r"1</b>\s*value\b", shown), "what is missing is no value"
    plain = {"role_0": "period", "role_1": "value", "do": "keep"}
    assert browser.post(there, data=plain).status_code == 422, "it does not say what it corrects"
    assert browser.post(there, data=plain | {"note": "Late figures."}).status_code == 303
    page = client.get(f"/plans/{plan.slug}/indicators/I-1").text
    assert "Late figures." in page
    assert "1 line left out" in page
    assert ">7<" in page.replace("\n", "")
    former = client.get(f"/plans/{plan.slug}/indicators/I-1?file={first.id}").text
    assert "An earlier file" in former
    assert client.get(f"/plans/{plan.slug}/indicators/I-1.csv").text.splitlines() == [
        "period,value,flag", "2019,6,", "2020,7,",
    ]  # fmt: skip
    for data, lacks in (
        (b"Year,Sex,Value\n2019,Total,6\n2019,Men,4\n", False),
        (b"Year,Sex,Value\n2019,Women,6\n2019,Men,4\n", True),
    ):
        made = indicators.propose_import(session, plan, row, by=lead, name="d.csv", data=data)
        indicators.keep_import(session, plan, row, made, by=lead, note="By sex.")
        session.commit()
        assert ("nobody chose a line as the figure" in client.get(f"/plans/{plan.slug}/indicators/I-1").text) is lacks


def test_a_file_of_a_series_or_a_plan_is_read_back_as_it_was(
    session: Session, client: FlaskClient, world: tuple[ActionPlan, PublicBody, Account]
) -> None:
    plan, _body, lead = world
    row = indicators.get_indicator(session, plan, "I-1")
    data = b"Year,Group,Value\n2019,All,-5\n2019,=Men;=1,-2.5\n"
    made = indicators.propose_import(session, plan, row, by=lead, name="a.csv", data=data)
    indicators.keep_import(session, plan, row, made, by=lead, note="")
    queries.list_actions(session, plan.id)[0].title = "=Pay;=1+1"
    session.commit()
    written = client.get(f"/plans/{plan.slug}/indicators/I-1.csv").text
    assert "2019,All,-5," in written, "a negative number is a number"
    assert "'=Men;'=1" in written
    again = read_table(written.encode())
    assert {tuple(one.breakdown.values()): one.value for one in again.values} == {
        ("All",): Decimal(-5), ("=Men;=1",): Decimal("-2.5"),
    }  # fmt: skip
    written = client.get(f"/plans/{plan.slug}.csv").text
    assert "'=Pay;'=1+1" in written
    assert "=Pay;=1+1" in {one.title for one in read_actions(written, (2027, 2029)).actions}


def test_a_page_of_a_plan_asks_the_same_however_many_actions_it_has(session: Session, client: FlaskClient) -> None:
    def asked(actions: int) -> list[str]:
        body = make_body(session)
        lead = work(session, body)
        plan = planned(session, body, by=lead, actions=actions)
        for n in range(1, actions + 1):
            reports.report_for_government(session, find(session, plan, f"1.{n}"), by=lead, given=given("under_way"))
        here = f"/plans/{plan.slug}"
        session.commit()
        client.get(here)
        with statements() as seen:
            client.get(here)
        return [one for one in seen if "SELECT" in one]

    few = asked(2)
    assert len(few) == len(asked(20))
    assert len(few) <= 6, [one[:40] + one[-80:] for one in few]


def test_objectives_are_folded_under_numbers_that_add_up(
    session: Session, client: FlaskClient, sign_in: SignIn
) -> None:
    body = make_body(session)
    lead = work(session, body)
    plan = planned(session, body, by=lead, actions=2)
    for n in (1, 2):
        service.add_action(session, plan, by=lead, terms=terms(f"2.{n}", objective="2 Treatment"))
    reports.report_for_government(session, find(session, plan, "2.1"), by=lead, given=given("done"))
    said_by(session, find(session, plan, "2.1"), "late")
    page = queries.get_plan_page(session, plan)
    assert [(one.title, one.balance.parts, one.balance.differ) for one in page.objectives] == [
        ("", [("no_report", 2)], 0), ("2 Treatment", [("done", 1), ("no_report", 1)], 1),
    ]  # fmt: skip
    assert sum(n for _name, n in page.balance.parts) == page.balance.actions == 4
    assert page.balance.bar == [(ActionState.DONE_CLAIMED, 0, 1), (ActionState.NO_REPORT, 1, 3)]
    session.commit()
    shown = client.get(f"/plans/{plan.slug}").text
    folds = re.findall(r'<details class="part plan-part"( open)?>(.*?)</details>', shown, re.S)
    assert [bool(is_open) for is_open, _inside in folds] == [True, False]
    assert [inside.count("<h3>") for _open, inside in folds] == [2, 2]
    said = re.sub("<[^>]+>", "", folds[1][1].partition("</summary>")[0])
    for words in (
        "2 actions",
        "1 done according to the government",
        "1 without a current report",
        "1 disputed by an organisation",
    ):
        assert words in said
    assert 'plan-part" open' in client.get(f"/plans/{plan.slug}?show=differ").text


def test_an_action_says_who_and_by_when(session: Session, world: tuple[ActionPlan, PublicBody, Account]) -> None:
    plan, body, lead = world
    for wrong in (terms("9", title=" "), terms("9", owner=""), terms("1.1"), terms("9", begins_on=day(999))):
        with pytest.raises(Refusal):
            service.add_action(session, plan, by=lead, terms=wrong)
    made = service.add_action(session, plan, by=lead, terms=terms("9", owner=body.name))
    assert made.owner_id == body.id


def test_reports_of_an_organisation_stay_when_its_last_member_deletes_their_account(
    session: Session, client: FlaskClient, world: tuple[ActionPlan, PublicBody, Account]
) -> None:
    plan, _body, _lead = world
    made = said_by(session, find(session, plan), "late", words="Seen from here.")
    person = session.get_one(Account, made.account_id)
    watches.begin(session, find(session, plan), by=person)
    account_deletion.delete_account(session, person)
    session.commit()
    page = client.get(f"/plans/{plan.slug}/actions/1.1").text
    assert "Seen from here." in page
    assert session.scalars(select(ActionWatch)).all() == []


def test_the_desk_shows_reports_that_are_due_to_those_who_give_them(
    session: Session, sign_in: SignIn, world: tuple[ActionPlan, PublicBody, Account]
) -> None:
    plan, body, lead = world
    browser = sign_in(lead)
    assert "Reports due" not in browser.get("/desk").text, "nothing is to be said of a new action"
    find(session, plan).due_on = day(-1)
    session.commit()
    desk = browser.get("/desk").text
    assert "Reports due" in desk
    assert desk.count("Do 1.") == 1
    assert "Reports due" not in sign_in(work(session, body, BodyRole.READER)).get("/desk").text


@pytest.mark.parametrize(
    ("values", "progress", "against"),
    [
        ((5, 9, 7), "done", True),  # worse than the baseline, though better than the year before
        ((9, 5, 7), "done", True),  # better than the baseline, worse than the year before
        ((9, 7, 5), "done", False),
        ((5, 7, 9), "under_way", False),
    ],
)
def test_an_action_that_is_done_while_its_figure_got_worse_is_on_the_first_screen_and_in_its_list(
    session: Session, client: FlaskClient, world: tuple[ActionPlan, PublicBody, Account], values: tuple[int, int, int],
    progress: str, against: bool,
) -> None:  # fmt: skip
    plan, _body, lead = world
    row = indicators.get_indicator(session, plan, "I-1")
    row.baseline, row.baseline_period = Decimal(values[0]), "2019"
    data = "Year,Value\n" + "".join(f"{2019 + n},{value}\n" for n, value in enumerate(values))
    made = indicators.propose_import(session, plan, row, by=lead, name="a.csv", data=data.encode())
    indicators.keep_import(session, plan, row, made, by=lead, note="")
    reports.report_for_government(session, find(session, plan), by=lead, given=given(progress))
    session.commit()
    page, shown = client.get(f"/plans/{plan.slug}").text, client.get(f"/plans/{plan.slug}?show=against").text
    assert ("a figure got worse" in page.split("<main")[0] + page) is against
    assert ("Do 1.1" in shown.split("plan-actions")[-1]) is against
    assert ("got worse" in client.get(f"/plans/{plan.slug}/actions/1.1").text) is against
    record = client.get(f"/plans/{plan.slug}.json").get_json()["actions"][0]
    assert record["figure_got_worse"] == ("I-1" if against else None)
