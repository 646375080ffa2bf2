"""`consult plan`: reads what the page reads, under the rights of whoever is named; makes a movement once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.bodies.model import BodyRole
from consult.cli import main
from consult.core.clock import now
from consult.core.crypto import unseal
from consult.files.table_rows import MAX_TABLE
from consult.plans.indicators import service as indicators
from consult.plans.indicators.model import PlanIndicator
from consult.plans.model import PlanAction, PlanMovement
from tests.bodies.working import make_body, work
from tests.plans.planned import planned

TABLE = "Objective,Action,Timetable,Responsible party\nHealth,Pay for needles,2027-2028,MoH\n,Train staff,2028 Q2,MoI\n"


@pytest.fixture
def plan_of(session: Session) -> tuple[str, str, str]:
    """A plan, and the addresses of a drafter and of a reader of its body."""
    body = make_body(session)
    plan = planned(session, body, by=work(session, body))
    drafter, reader = (unseal(work(session, body, role).email_sealed) for role in (BodyRole.DRAFTER, BodyRole.READER))
    session.commit()
    return plan.slug, drafter, reader


def titles(session: Session) -> list[str]:
    session.expire_all()
    return list(session.scalars(select(PlanAction.title).where(PlanAction.number != "1.1").order_by(PlanAction.id)))


def test_actions_of_a_file_are_added_in_the_name_of_who_may_write_the_plan(
    session: Session, run: CliRunner, plan_of: tuple[str, str, str], tmp_path: Path
) -> None:
    slug, drafter, reader = plan_of
    (file := tmp_path / "actions.csv").write_text(TABLE)
    wanted = ["plan", "import", str(file), "--plan", slug, "--by"]
    for by, said in ((reader, "Only people who work for the body"), ("nobody@example.org", "No account has")):
        done = run.invoke(main, [*wanted, by])
        assert (done.exit_code, said in done.output) == (1, True), done.output
    looked = run.invoke(main, [*wanted, drafter, "--look"])
    assert (looked.exit_code, "by 30 June 2028\tMoI\tTrain staff" in looked.output) == (0, True), looked.output
    assert titles(session) == []
    assert "Actions added: 2." in run.invoke(main, [*wanted, drafter]).output
    assert titles(session) == ["Pay for needles", "Train staff"]
    missing = run.invoke(main, ["plan", "import", str(file), "--plan", "x", "--by", drafter])
    assert "cannot find this plan" in missing.output


def test_a_timetable_that_is_not_understood_is_named_and_its_line_kept_and_the_same_file_adds_nothing(
    session: Session, run: CliRunner, plan_of: tuple[str, str, str], tmp_path: Path
) -> None:
    slug, drafter, _reader = plan_of
    (file := tmp_path / "actions.csv").write_text(TABLE + ",Something,M,MoH\n,Another,once agreed,MoH\n")
    wanted = ["plan", "import", str(file), "--plan", slug, "--by", drafter]
    done = run.invoke(main, [*wanted, "--timetable", "M=2029"])
    assert (done.exit_code, "Line 5, due: “once agreed” cannot be read." in done.output) == (0, True), done.output
    assert "4 of 4 lines read. Actions added: 4." in done.output
    assert titles(session) == ["Pay for needles", "Train staff", "Something", "Another"]
    assert "Actions added: 0." in run.invoke(main, wanted).output
    assert len(titles(session)) == 4
    for text, said in (
        ("Name\nx\n", "--column title=NAME"),
        (TABLE + ",One more,2028,MoH\n" * 500, "at most 500 actions"),
        ("x" * (MAX_TABLE + 1), "too large"),
    ):
        file.write_text(text)
        done = run.invoke(main, [*wanted, "--look"])
        assert said in done.output, done.output
    file.write_text("Name\nMore\n")
    assert run.invoke(main, [*wanted, "--column", "title=Name"]).exit_code == 0
    assert titles(session)[4:] == ["More"]


def values(session: Session) -> list[tuple[str, str]]:
    """Periods and values of the file that counts."""
    session.expire_all()
    current = indicators.find_current(session, session.scalars(select(PlanIndicator.id)).one())
    return [(one.period, str(one.value)) for one in indicators.list_observations(session, current)] if current else []


def test_a_series_is_kept_by_command_as_the_page_reads_it(
    session: Session, run: CliRunner, plan_of: tuple[str, str, str], tmp_path: Path
) -> None:
    slug, drafter, reader = plan_of
    code = session.scalars(select(PlanIndicator.code)).one()
    (file := tmp_path / "needles.csv").write_text("Year,Value\n2027,12.5\n2028,many\n2029,14\n")
    wanted = ["plan", "series", str(file), "--plan", slug, "--indicator", code, "--by"]
    assert "Only people who work for the body" in run.invoke(main, [*wanted, reader]).output
    assert "cannot find this indicator" in run.invoke(main, [*wanted[:6], "I-99", "--by", drafter]).output
    looked = run.invoke(main, [*wanted, drafter, "--look"])
    assert looked.exit_code == 0
    for said in (
        "Year\tperiod",
        "Value\tvalue",
        "2 values of 2 periods",
        "Line 3, Value: “many” is skipped",
        "Nothing",
    ):
        assert said in looked.output
    assert values(session) == []
    assert "Saved." in run.invoke(main, [*wanted, drafter]).output
    assert values(session) == [("2027", "12.5"), ("2029", "14")]

    file.write_text("Period;Value\n2027;1,234\n2028;2,345\n")
    assert "Say what this file corrects" in run.invoke(main, [*wanted, drafter, "--mark", "comma"]).output
    doubted = run.invoke(main, [*wanted, drafter, "--note", "Counted anew."])
    assert (doubted.exit_code, "Use --mark point or --mark comma" in doubted.output) == (1, True), doubted.output
    assert run.invoke(main, [*wanted, drafter, "--note", "Counted anew.", "--mark", "comma"]).exit_code == 0
    assert values(session) == [("2027", "1.234"), ("2028", "2.345")]


def test_metadata_beside_a_file_and_messages_of_sdmx_are_read_by_command(
    session: Session, run: CliRunner, plan_of: tuple[str, str, str], tmp_path: Path
) -> None:
    slug, drafter, _reader = plan_of
    code = session.scalars(select(PlanIndicator.code)).one()
    (file := tmp_path / "a.csv").write_text("when|n\n2027|3\n")
    columns = [{"titles": "when", "propertyUrl": "sdmx-dimension:refPeriod"}, {"titles": "n", "datatype": "decimal"}]
    told = {
        "@context": "http://www.w3.org/ns/csvw",
        "url": "a.csv",
        "dialect": {"delimiter": "|"},
        "tableSchema": {"columns": columns},
    }
    (tmp_path / "a.csv-metadata.json").write_text(json.dumps(told))
    wanted = ["--plan", slug, "--indicator", code, "--by", drafter, "--look"]
    assert "Metadata: a.csv-metadata.json" in run.invoke(main, ["plan", "series", str(file), *wanted]).output
    (message := tmp_path / "a.xml").write_text(
        '<m:D xmlns:m="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message"><m:DataSet><Series AREA="EC">'
        '<Obs TIME_PERIOD="2027" OBS_VALUE="7.25"/></Series></m:DataSet></m:D>'
    )
    read = run.invoke(main, ["plan", "series", str(message), *wanted])
    assert (read.exit_code, "1 values of 1 periods, 2027 to 2027" in read.output) == (0, True), read.output


def test_the_movement_is_made_once_by_command_and_says_what_it_did(
    session: Session, run: CliRunner, plan_of: tuple[str, str, str]
) -> None:
    slug, _drafter, _reader = plan_of
    wanted = ["plan", "movement", slug]
    looked = run.invoke(main, [*wanted, "--look"])
    assert "Nothing was saved." in looked.output
    assert session.scalars(select(PlanMovement.id)).all() == []
    done = run.invoke(main, wanted)
    assert (done.exit_code, "Summary made. E-mails queued: 3." in done.output) == (0, True), done.output
    assert f"/plans/{slug}/movement/{now().year}" in done.output
    again = run.invoke(main, wanted)
    assert "Nothing was changed" in again.output
    assert len(session.scalars(select(PlanMovement.id)).all()) == 1
    assert run.invoke(main, [*wanted, "--year", "1999"]).exit_code == 1
    assert run.invoke(main, ["plan", "movement", "none"]).exit_code == 1
