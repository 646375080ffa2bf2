"""The line of a file that stands for everybody, and the groups compared with it, in any order of rows."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.core.errors import Refusal
from consult.plans.indicators import service as indicators
from consult.plans.indicators.model import ActionIndicator, PlanIndicator
from consult.plans.indicators.series import build_series
from consult.plans.indicators.tables import CellDoubt, ReadingChoices, read_table
from consult.plans.model import ActionPlan, PlanAction
from consult.plans.movement.content import find_wrong_turn
from tests.bodies.working import make_body, work
from tests.plans.planned import planned

_SEXES = b"SEX,TIME_PERIOD,OBS_VALUE,UNIT_MEASURE\nF,2020,4,\nF,2021,5,\n_T,2020,9,KITS\n_T,2021,11,KITS\n"


def test_everybody_is_the_headline_though_a_group_comes_first_and_only_one_names_the_unit() -> None:
    read = read_table(_SEXES)
    assert read.unit == "KITS"
    assert [(dict(one.groups), one.name) for one in build_series(read.values)] == [
        ({"SEX": "_T"}, ""),
        ({"SEX": "F"}, "F"),
    ]


def test_a_jump_is_seen_by_time_where_the_newest_row_comes_first() -> None:
    read = read_table(b"Year,Value\n2022,99999\n2021,430\n2020,4100\n")
    assert [(one.line, one.kind) for one in read.doubts] == [(2, CellDoubt.JUMP)]


def test_groups_are_shown_and_compared_where_a_line_is_called_everybody(session: Session, client: FlaskClient) -> None:
    body = make_body(session)
    lead = work(session, body)
    plan = planned(session, body, by=lead)
    row = indicators.get_indicator(session, plan, "I-1")
    made = indicators.propose_import(session, plan, row, by=lead, name="a.csv", data=_SEXES)
    indicators.keep_import(session, plan, row, made, by=lead)
    session.commit()
    shown = client.get(f"/plans/{plan.slug}/indicators/I-1?by=SEX").text
    heads = re.findall(r"<th scope=\"col\" class=\"num\"><bdi>([^<]*)", shown)
    assert heads == ["All", "F"]
    assert ">11<" in shown
    assert ">5<" in shown
    assert row.headline == [["2020", "9"], ["2021", "11"]]
    for data in (b"Year,Value\n2020,9\n2021,12\n", b"Year,Sex,Value\n2020,Total,9\n2021,Total,12\n2021,F,5\n"):
        changed = indicators.list_changed_values(session, made, read_table(data))
        assert [(one.period, str(one.before), str(one.now)) for one in changed] == [("2021", "11", "12")]
    with pytest.raises(Refusal, match="We could not read anything in this file"):
        indicators.propose_import(session, plan, row, by=lead, name="b.csv", data=b"Year,Value\n")


def keep(session: Session, plan: ActionPlan, row: PlanIndicator, by: Account, data: bytes, **chosen: Any) -> None:
    made = indicators.propose_import(session, plan, row, by=by, name="a.csv", data=data)
    indicators.choose(session, made, ReadingChoices(**chosen))
    indicators.keep_import(session, plan, row, made, by=by, note="Another.")
    session.commit()


def test_a_group_is_no_figure_of_an_indicator_unless_a_person_chose_it_and_then_it_is_named(
    session: Session, client: FlaskClient, sign_in: Callable[[Any], FlaskClient]
) -> None:
    body = make_body(session)
    lead = work(session, body)
    plan = planned(session, body, by=lead, actions=1)
    row = indicators.get_indicator(session, plan, "I-1")
    action = session.scalars(select(PlanAction).where(PlanAction.plan_id == plan.id)).one()
    session.merge(ActionIndicator(action_id=action.id, indicator_id=row.id))
    data = b"Year,Age,Value\n2020,10 to 14,0.03\n2021,10 to 14,0.04\n2020,15 to 19,9\n2021,15 to 19,8\n"
    keep(session, plan, row, lead, data)
    assert (row.headline, row.headline_name) == ([], "")
    here = f"/plans/{plan.slug}"
    pages = [here, f"{here}/actions/1.1", f"{here}.json"]
    assert not any(re.search(r"\b0?\.04\b", client.get(page).text) for page in pages)
    assert "nobody chose a line as the figure" in client.get(f"{here}/indicators/I-1").text
    assert find_wrong_turn(row) is None

    made = indicators.propose_import(session, plan, row, by=lead, name="b.csv", data=data)
    session.commit()
    address, browser = f"/desk/plans/{plan.slug}/indicators/I-1/imports/{made.id}", sign_in(lead)
    assert "This file has no total line" in browser.get(address).text
    roles = {"role_0": "period", "role_1": "group", "role_2": "value", "note": "Again."}
    chosen = {"headline": '{"Age": "15 to 19"}', "do": "keep"}
    assert browser.post(address, data=roles | chosen).status_code == 303
    session.expire_all()
    assert (row.headline, row.headline_name) == ([["2020", "9"], ["2021", "8"]], "15 to 19")
    for page in (here, f"{here}/actions/1.1", f"{here}/indicators/I-1"):
        assert "15 to 19" in client.get(page).text, page
    assert client.get(f"{here}.json").get_json()["indicators"][0]["headline_name"] == "15 to 19"
    turned = find_wrong_turn(row)
    assert turned is None or "15 to 19" in turned.title_in("en")


@pytest.mark.parametrize(
    ("data", "headline", "name"),
    [
        (b"Year,Sex,Value\n2020,Men,2\n2020,Total,5\n", [["2020", "5"]], ""),
        (b"Year,Country,Sex,Value\n2020,Peru,Men,2\n2020,Peru,,5\n", [["2020", "5"]], ""),
        (b"Year,Country,Sex,Value\n2020,Peru,Men,2\n2020,Chile,Men,5\n", [], ""),
        (b"Year,Value\n2020,5\n", [["2020", "5"]], ""),
    ],
)
def test_only_a_line_for_all_is_a_figure_by_itself(
    session: Session, data: bytes, headline: list[list[str]], name: str
) -> None:
    body = make_body(session)
    lead = work(session, body)
    plan = planned(session, body, by=lead, actions=1)
    row = indicators.get_indicator(session, plan, "I-1")
    keep(session, plan, row, lead, data)
    assert (row.headline, row.headline_name) == (headline, name)
