"""Timetables: due dates that the scheduler creates, each recorded once, also when the time jumps or goes back."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.bodies.model import BodyRole, PublicBody
from consult.core.clock import now
from consult.core.errors import Refusal
from consult.core.text import one_line
from consult.files.office_tables import read_tables
from consult.ledger.model import Kind, LedgerEntry
from consult.plans import queries, rights, service
from consult.plans.action_tables.actions import TableChoices, load_actions
from consult.plans.doers import service as doers
from consult.plans.model import ActionDue, ActionPlan, Doer, PlanAction, TimetableKind
from consult.plans.reports import service as reports
from consult.plans.standings import build_status, load_standings
from consult.plans.state import ActionState
from consult.plans.timetables import due
from tests.bodies.working import make_body, work
from tests.plans.planned import ActionReport, find, given, planned, terms

SignIn = Callable[[Any], FlaskClient]


@pytest.fixture
def world(session: Session) -> tuple[ActionPlan, PublicBody, Account]:
    body = make_body(session)
    lead = work(session, body)
    plan = planned(session, body, by=lead)
    session.commit()
    return plan, body, lead


def add(session: Session, plan: ActionPlan, by: Account, kind: str, **values: Any) -> PlanAction:
    days = values.pop("days", ())
    wanted = replace(terms("2.1", timetable=TimetableKind(kind), **values), days=days)
    return service.add_action(session, plan, by=by, terms=wanted)


def state(session: Session, action: PlanAction, day: date) -> ActionState:
    said = load_standings(session, ActionReport.action_id == action.id).get(action.id)
    return build_status(action, said, day).state


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def test_a_yearly_duty_is_overdue_and_met_once_each_year_also_when_the_time_jumps_and_goes_back(
    session: Session, world: tuple[ActionPlan, PublicBody, Account]
) -> None:
    plan, _body, lead = world
    first = now().date() + timedelta(days=30)
    action = add(session, plan, lead, "every", due_on=first, every_months=12)
    days = [due.add_months(first, 12 * n) for n in range(10)]
    for n, day in enumerate(days):
        if n % 3 != 1:
            reports.report_for_government(session, action, by=lead, given=given("done"), at=at(day - timedelta(days=1)))
            assert action.kept_on == day
        for later in (day + timedelta(days=2), day - timedelta(days=20), day + timedelta(days=3)):
            due.advance(session, at=at(later))
            due.record_overdue(session, at=at(later))
        known = ActionState.LATE if n % 3 == 1 else ActionState.KEPT_UP
        assert state(session, action, day + timedelta(days=3)) is known
        if n % 3 == 1:
            reports.report_for_government(session, action, by=lead, given=given("done"), at=at(day + timedelta(days=5)))
            assert state(session, action, day + timedelta(days=6)) is ActionState.KEPT_UP
    found = session.execute(select(LedgerEntry.kind, LedgerEntry.detail).where(LedgerEntry.subject_id == action.id))
    counted = Counter(
        (kind, detail["due"]) for kind, detail in found if kind in (Kind.ACTION_DONE, Kind.ACTION_OVERDUE)
    )
    assert counted == {
        **{(Kind.ACTION_DONE, str(day)): 1 for day in days},
        **{(Kind.ACTION_OVERDUE, str(day)): 1 for n, day in enumerate(days) if n % 3 == 1},
    }
    rows = due.list_due_rows(session, action.id)
    assert [row.due_on for row in rows if row.done_at] == days


def test_due_dates_that_a_wrong_clock_created_are_removed_unless_somebody_reported_on_them(
    session: Session, world: tuple[ActionPlan, PublicBody, Account]
) -> None:
    plan, _body, lead = world
    first = now().date() + timedelta(days=30)
    action = add(session, plan, lead, "every", due_on=first, every_months=1)
    before = [row.due_on for row in due.list_due_rows(session, action.id)]
    assert len(before) == 2
    wrong = now() + timedelta(days=800)
    due.advance(session, at=wrong)
    due.record_overdue(session, at=wrong)
    assert len(due.list_due_rows(session, action.id)) > 20
    assert due.undo_overdue(session, at=now()) >= 1
    session.expire_all()
    assert [row.due_on for row in due.list_due_rows(session, action.id)] == before
    assert (action.due_on, action.overdue_at) == (first, None)


def test_an_action_on_several_days_is_done_when_all_of_them_were_met(
    session: Session, world: tuple[ActionPlan, PublicBody, Account]
) -> None:
    plan, _body, lead = world
    days = [now().date() + timedelta(days=n) for n in (10, 20)]
    action = add(session, plan, lead, "days", days=days)
    reports.report_for_government(session, action, by=lead, given=given("done", due_on=days[1]))
    assert (action.due_on, state(session, action, now().date())) == (days[0], ActionState.UNDER_WAY)
    reports.report_for_government(session, action, by=lead, given=given("done"))
    assert state(session, action, days[1] + timedelta(days=9)) is ActionState.DONE_CLAIMED
    with pytest.raises(Refusal):
        reports.report_for_government(session, action, by=lead, given=given("done", due_on=days[0] - timedelta(days=1)))


def test_a_standing_action_has_the_last_report_for_a_year_and_an_open_one_is_never_late(
    session: Session, world: tuple[ActionPlan, PublicBody, Account]
) -> None:
    plan, _body, lead = world
    standing = add(session, plan, lead, "standing", due_on=None)
    today = now().date()
    reports.report_for_government(session, standing, by=lead, given=given("under_way"))
    assert state(session, standing, today) is ActionState.UNDER_WAY
    assert state(session, standing, today + timedelta(days=400)) is ActionState.NO_REPORT
    standing.number = "9"
    unclear = add(session, plan, lead, "open", due_on=None, timetable_words="once agreed")
    assert state(session, unclear, today + timedelta(days=4_000)) is ActionState.NO_DUE_DATE
    page = queries.get_plan_page(session, plan)
    assert page.balance.actions == sum(n for _name, n in page.balance.parts) == 3


@pytest.mark.parametrize(
    ("kind", "values", "field"),
    [
        ("every", {"every_months": 0}, "every_months"),
        ("every", {"every_months": 121}, "every_months"),
        ("every", {"every_months": 12, "repeats_until": date(2001, 1, 1)}, "repeats_until"),
        ("days", {"days": [date(2027, 1, 1)]}, "days"),
        ("every", {"every_months": 12, "due_on": date(2222, 1, 1)}, "due_on"),
        ("every", {"every_months": 12, "due_on": None}, "due_on"),
    ],
)
def test_a_timetable_that_cannot_be_is_refused_at_its_field(
    session: Session, world: tuple[ActionPlan, PublicBody, Account], kind: str, values: dict[str, Any], field: str
) -> None:
    plan, _body, lead = world
    with pytest.raises(Refusal) as refused:
        add(session, plan, lead, kind, **values)
    assert refused.value.field == field


def test_each_responsible_body_may_report_once_its_words_are_linked(
    session: Session, world: tuple[ActionPlan, PublicBody, Account], sign_in: SignIn
) -> None:
    plan, _body, lead = world
    other = make_body(session, name="Interior Ministry")
    drafter = work(session, other, BodyRole.DRAFTER)
    action = service.add_action(session, plan, by=lead, terms=terms("3", owner="Ministry; MoI"))
    assert not rights.may_report(session, drafter, action)
    session.commit()
    row = session.scalars(select(Doer).where(Doer.words == "MoI")).one()
    browser = sign_in(lead)
    path = f"/desk/plans/{plan.slug}/responsible"
    assert "MoI" in browser.get(path).text
    assert browser.post(path, data={f"doer-{row.id}": str(other.id)}).status_code == 303
    session.expire_all()
    assert rights.may_report(session, drafter, action)
    assert rights.works_for(session, drafter, action)
    assert doers.list_body_ids(session, [action.id]) == {action.id: [other.id]}
    assert action in [one.status.action for one in queries.list_due_reports(session, drafter, [other.id], day_late())]


def day_late() -> date:
    return now().date() + timedelta(days=400)


def test_the_form_of_an_action_keeps_a_repeated_timetable(
    session: Session, world: tuple[ActionPlan, PublicBody, Account], sign_in: SignIn
) -> None:
    plan, _body, lead = world
    browser, path = sign_in(lead), f"/desk/plans/{plan.slug}/actions/new"
    day = (now() + timedelta(days=40)).date()
    sent = {"title": "Report yearly", "owner_name": "MoH", "timetable": "every", "every_months": "12"}
    assert browser.post(path, data={**sent, "number": "5", "due_on": [day.day, day.month, day.year]}).status_code == 303
    action = find(session, plan, "5")
    assert (action.timetable, action.due_on, action.every_months) == (TimetableKind.EVERY, day, 12)
    assert "every year" in browser.get(f"/plans/{plan.slug}").text
    assert browser.get(f"/desk/plans/{plan.slug}/actions/5").text.count("checked") >= 1
    assert session.scalars(select(ActionDue).where(ActionDue.action_id == action.id)).all()


ROWS = [
    ["No", "Objective", "Action", "Timetable", "Lead agency"],
    ["1.", "Health", "Pay for needles", "Ongoing", "MoH; MoJ"],
    ["2", "", "Report", "Annually", "MoH"],
    ["3", "", "Train", "S", ""],
]


def word_file(rows: list[list[str]]) -> bytes:
    cells = "".join(
        "<w:tr>" + "".join(f"<w:tc><w:p><w:r><w:t>{cell}</w:t></w:r></w:p></w:tc>" for cell in row) + "</w:tr>"
        for row in rows
    )
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    part = f'<w:document xmlns:w="{space}"><w:body><w:tbl>{cells}</w:tbl></w:body></w:document>'
    return pack({"word/document.xml": part})


def excel_file(rows: list[list[str]], **parts: str) -> bytes:
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    cells = "".join(
        f'<row r="{n}">'
        + "".join(
            f'<c r="{chr(65 + k)}{n}" t="inlineStr"><is><t>{cell}</t></is></c>' for k, cell in enumerate(row) if cell
        )
        + "</row>"
        for n, row in enumerate(rows, 1)
    )
    sheet = f'<worksheet xmlns="{space}"><sheetData>{cells}</sheetData></worksheet>'
    return pack({"xl/worksheets/sheet1.xml": sheet, **parts})


def pack(parts: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return out.getvalue()


def csv_text(rows: list[list[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


def markdown(rows: list[list[str]]) -> bytes:
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(["# Plan", "", lines[0], "|---" * len(rows[0]) + "|", *lines[1:], "", "The end."]).encode()


@pytest.mark.parametrize("write", [csv_text, word_file, excel_file, markdown])
def test_every_line_of_a_table_is_kept_in_each_format(write: Callable[[list[list[str]]], bytes]) -> None:
    choices = TableChoices(timetables={"S": "2028"})
    _text, table = load_actions(write(ROWS), (2027, 2029), choices)
    assert [(one.number, one.title, str(one.timetable), str(one.due_on)) for one in table.actions] == [
        ("1.", "Pay for needles", "standing", "None"),
        ("2", "Report", "every", "2027-12-31"),
        ("3", "Train", "None", "2028-12-31"),
    ]
    assert [one.objective for one in table.actions] == ["Health"] * 3
    assert (table.missing, table.asked) == ([], [])
    assert load_actions(write(ROWS), (2027, 2029))[1].asked == [("S", 1)]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (excel_file(ROWS, **{"xl/vbaProject.bin": "x"}), b"macros"),
        (pack({"word/document.xml": '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'}), b"entities"),
        (b"PK\x03\x04 broken", b"broken"),
    ],
)
def test_an_office_file_that_is_not_safe_or_whole_is_refused_with_the_reason(data: bytes, said: bytes) -> None:
    assert read_tables(data) == said
    with pytest.raises(Refusal):
        load_actions(data, (2027, 2029))


def test_all_tables_of_a_text_are_read_also_with_other_columns() -> None:
    second = [["Action", "By when", "Who"], ["Close <b>it</b>", "<s>2027</s> 2028", "MoI"]]
    _text, table = load_actions(markdown(ROWS) + b"\n" + markdown(second), (2027, 2029))
    assert [(one.title, one.owner_name) for one in table.actions][2:] == [("Train", "–"), ("Close it", "MoI")]
    assert table.lines == 4


def test_numbers_at_the_beginning_of_an_action_and_dates_of_excel_are_read() -> None:
    rows = [["Action", "By when"], ["8. (a) Pay", "2028"], ["8. (b) Train", "2029"]]
    _text, table = load_actions(csv_text(rows), (2027, 2029))
    assert [(one.number, one.title) for one in table.actions] == [("8. (a)", "Pay"), ("8. (b)", "Train")]
    assert table.missing == ["owner"]
    styles = (
        '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>'
    )
    made = pack({
        "xl/styles.xml": styles,
        "xl/worksheets/sheet1.xml": '<worksheet><row r="1"><c r="A1" s="1"><v>46934</v></c></row></worksheet>',
    })  # fmt: skip
    assert json.loads(read_tables(made)) == [[["2028-06-30"]]]
    assert one_line(table.actions[0].owner_name)
