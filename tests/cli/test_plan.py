"""`consult plan`: reads what the page reads, under the rights of whoever is named; makes a movement once."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.bodies.model import BodyRole
from consult.cli import main
from consult.core.clock import now
from consult.core.crypto import unseal
from consult.plans.action_table import MAX_TABLE
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
    for by, said in ((reader, "Only those who work for the body"), ("nobody@example.org", "No account has")):
        done = run.invoke(main, [*wanted, by])
        assert (done.exit_code, said in done.output) == (1, True), done.output
    looked = run.invoke(main, [*wanted, drafter, "--look"])
    assert (looked.exit_code, "2028-06-30\tMoI\tTrain staff" in looked.output) == (0, True), looked.output
    assert titles(session) == []
    assert "2 actions added." in run.invoke(main, [*wanted, drafter]).output
    assert titles(session) == ["Pay for needles", "Train staff"]
    missing = run.invoke(main, ["plan", "import", str(file), "--plan", "x", "--by", drafter])
    assert "no plan at this address" in missing.output


def test_a_line_that_cannot_be_read_is_named_and_nothing_is_added_unless_it_is_skipped(
    session: Session, run: CliRunner, plan_of: tuple[str, str, str], tmp_path: Path
) -> None:
    slug, drafter, _reader = plan_of
    (file := tmp_path / "actions.csv").write_text(TABLE + ",Something,ongoing,MoH\n")
    wanted = ["plan", "import", str(file), "--plan", slug, "--by", drafter]
    done = run.invoke(main, wanted)
    assert (done.exit_code, "Line 4, due: “ongoing” cannot be read." in done.output) == (3, True), done.output
    assert titles(session) == []
    assert run.invoke(main, [*wanted, "--skip-bad"]).exit_code == 0
    assert titles(session) == ["Pay for needles", "Train staff"]
    for text, said in (
        ("Name\nx\n", "No column was found for: the action"),
        (TABLE + ",One more,2028,MoH\n" * 500, "at most 500 actions"),
        ("x" * (MAX_TABLE + 1), "too large"),
    ):
        file.write_text(text)
        done = run.invoke(main, wanted)
        assert (done.exit_code, said in done.output) == (1, True), done.output


def test_the_movement_is_made_once_by_command_and_says_what_it_did(
    session: Session, run: CliRunner, plan_of: tuple[str, str, str]
) -> None:
    slug, _drafter, _reader = plan_of
    wanted = ["plan", "movement", slug]
    looked = run.invoke(main, [*wanted, "--look"])
    assert "Nothing was made." in looked.output
    assert session.scalars(select(PlanMovement.id)).all() == []
    done = run.invoke(main, wanted)
    assert (done.exit_code, "Made. Letters written: 3." in done.output) == (0, True), done.output
    assert f"/plans/{slug}/movement/{now().year}" in done.output
    again = run.invoke(main, wanted)
    assert "nothing was done" in again.output
    assert len(session.scalars(select(PlanMovement.id)).all()) == 1
    assert run.invoke(main, [*wanted, "--year", "1999"]).exit_code == 1
    assert run.invoke(main, ["plan", "movement", "none"]).exit_code == 1
