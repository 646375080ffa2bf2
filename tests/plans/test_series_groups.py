"""Which line of a file stands for everybody, and what is compared with it, however an office names and orders rows."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from consult.core.errors import Refusal
from consult.plans.indicators import service as indicators
from consult.plans.indicators.series import build_series
from consult.plans.indicators.tables import CellDoubt, read_table
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
    with pytest.raises(Refusal, match="Nothing in this file"):
        indicators.propose_import(session, plan, row, by=lead, name="b.csv", data=b"Year,Value\n")
