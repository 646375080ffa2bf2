"""`consult repair clock`: what a clock 70 days ahead has done is undone by one command, and said."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
import time_machine
from click.testing import CliRunner
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from consult.calls import service as calls
from consult.cli import main
from consult.cli.processes import up
from consult.consultations import service as consultations
from consult.consultations.followers import service as followers
from consult.consultations.model import Consultation, Phase
from consult.core import task_retries, time_check
from consult.core.clock import now
from consult.core.settings import Settings
from consult.core.web.access import Role
from consult.digests import service as digests
from consult.digests.delivery import service as delivery
from consult.digests.model import Cadence, Digest
from consult.ledger.model import LedgerEntry
from consult.mail.model import Letter, State
from consult.plans import watches
from consult.plans.model import PlanMovement
from consult.plans.movement import service as movements
from consult.plans.timetables import due
from consult.responses import reminders, round_repair
from consult.responses.model import ResponseReminder, ResponseRound
from consult.site import service as site
from consult.site.model import Heartbeat
from tests import factories
from tests.bodies.working import make_body, work
from tests.calls.test_calls import made as made_call
from tests.conftest import KEY
from tests.filing import file
from tests.plans.planned import find, planned

pytestmark = pytest.mark.database_time
LATER = timedelta(days=70)
Run = Callable[..., str]


@pytest.fixture
def repair(settings: Settings, session: Session, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Runs the command on what the test has written; gives what it said."""
    values = {"DATABASE_URL": settings.database_url, "BROKER_URL": "memory://", "LIMITS_URL": "memory://",
              "DATA_DIR": str(tmp_path), "LOG_LEVEL": "ERROR", "SECRET_KEY": KEY}  # fmt: skip
    for name, value in values.items():
        monkeypatch.setenv(f"CONSULT_{name}", value)

    def run(*options: str) -> str:
        session.commit()
        said = CliRunner().invoke(main, ["repair", "clock", *options])
        session.expire_all()
        return said.output

    return run


@pytest.fixture
def plans(session: Session) -> list[Consultation]:
    """Two that close within 70 days, one that closes later, and two that open in ten days."""
    return [
        factories.consultation(session, closes_at=now() + timedelta(days=20)),
        factories.consultation(session, closes_at=now() + timedelta(days=100)),
        *(
            factories.consultation(
                session, phase=Phase.UPCOMING, opens_at=now() + timedelta(days=10),
                closes_at=now() + timedelta(days=closes),
            )
            for closes in (30, 90)
        ),
    ]  # fmt: skip


def _phases(plans: list[Consultation]) -> list[str]:
    return [str(row.phase) for row in plans]


def _kinds(session: Session, row: Consultation) -> list[str]:
    asked = select(LedgerEntry.kind).where(
        LedgerEntry.subject_id == row.id, LedgerEntry.kind.startswith("consultation")
    )
    return list(session.scalars(asked.order_by(LedgerEntry.id)))


def test_phases_that_came_too_early_are_undone_with_an_entry_and_come_again_at_their_time(
    repair: Run, session: Session, plans: list[Consultation]
) -> None:
    consultations.announce(session, at=now() + LATER)
    early = ["closed", "open", "closed", "open"]
    assert _phases(plans) == early
    assert f"{plans[0].slug}: was closed, is open" in repair()
    assert _phases(plans) == early
    said = repair("--yes")
    assert "Done." in said
    assert "Entries of the public record dated in the future, not changed: 4." in said
    assert _phases(plans) == ["open", "open", "upcoming", "upcoming"]
    assert _kinds(session, plans[0]) == ["consultation.closed", "consultation.reopened"]
    assert _kinds(session, plans[3]) == ["consultation.opened", "consultation.opening_undone"]
    again = repair("--yes")
    assert "Nothing to undo" in again
    assert "Entries of the public record" not in again
    consultations.announce(session, at=plans[0].closes_at)
    assert _kinds(session, plans[0])[2:] == ["consultation.closed"]
    assert session.scalars(select(LedgerEntry.kind).where(LedgerEntry.kind == "clock.repaired")).all()


def test_the_next_digest_says_that_it_was_a_mistake(repair: Run, session: Session, plans: list[Consultation]) -> None:
    _subscribe(session, plans[0], Cadence.DAILY)
    consultations.announce(session, at=now() + LATER)
    repair("--yes")
    made = _compile(session, plans[0], Cadence.DAILY, now())
    assert made.body
    assert {"consultation.closed", "consultation.reopened"} <= set(made.body.news.events)


def _subscribe(session: Session, row: Consultation, cadence: Cadence) -> None:
    reader = factories.account(session, Role.POLICYMAKER)
    delivery.subscribe(
        session, account=reader, consultation=row, cadence=cadence, language="en", at=now() - timedelta(days=8)
    )


def _compile(session: Session, row: Consultation, cadence: Cadence, slot_at: datetime) -> Digest:
    made = digests.compile_digest(session, consultation_id=row.id, cadence=cadence, slot_at=slot_at)
    assert made
    session.commit()
    return made


def _compile_all(session: Session, at: datetime) -> list[Digest]:
    found = [
        digests.compile_digest(
            session, consultation_id=slot.consultation_id, cadence=slot.cadence, slot_at=slot.slot_at
        )
        for slot in digests.list_due(session, at=at)
    ]
    session.commit()
    return [digest for digest in found if digest]


@pytest.mark.parametrize("sent", [False, True])
@pytest.mark.parametrize("times", [1, 3])
def test_slots_are_free_again_and_every_entry_is_told_exactly_as_often_as_it_should(
    repair: Run, session: Session, plans: list[Consultation], sent: bool, times: int
) -> None:
    row = plans[0]
    _subscribe(session, row, Cadence.WEEKLY)
    _subscribe(session, row, Cadence.CLOSING)
    for turn in range(times):
        file(session, row, f"Words {turn}", published=True)
        _compile_all(session, now() + LATER + timedelta(days=7 * turn))
    if sent:
        session.execute(text("UPDATE letter SET state = 'sent', sent_at = created_at"))
    said = repair("--yes")
    assert "That time is free again" in said
    assert ("cancelled: 1" in said) is not sent
    assert not session.scalars(select(Digest).where(Digest.slot_at > now() + timedelta(seconds=1))).all()
    due = {slot.cadence: slot.slot_at for slot in digests.list_due(session, at=row.closes_at + timedelta(days=7))}
    assert set(due) == {Cadence.WEEKLY, Cadence.CLOSING}
    closing = _compile(session, row, Cadence.CLOSING, due[Cadence.CLOSING])
    assert closing.since == 1
    weekly = _compile(session, row, Cadence.WEEKLY, due[Cadence.WEEKLY])
    assert (weekly.since == 1) is not sent
    windows = session.execute(
        select(Digest.since, Digest.until).where(Digest.cadence == Cadence.WEEKLY, Digest.since < Digest.until)
        .order_by(Digest.since)
    ).all()  # fmt: skip
    assert windows[0].since == 1
    assert all(one.until == other.since for one, other in pairwise(windows))


def test_reminders_written_too_early_are_withdrawn_and_written_again_at_their_time(
    repair: Run, session: Session, plans: list[Consultation]
) -> None:
    row = plans[1]
    followers.follow(session, consultation=row, account=factories.account(session, Role.CONTRIBUTOR))
    followers.send_reminders(session, at=row.closes_at - timedelta(days=2))
    assert "cancelled: 1" in repair("--yes")
    assert session.scalars(select(Letter.state)).all() == [State.SUPPRESSED]
    followers.send_reminders(session, at=row.closes_at - timedelta(days=2))
    assert sorted(session.scalars(select(Letter.state))) == [State.PENDING, State.SUPPRESSED]


def test_letters_that_would_wait_for_months_go_now_and_what_was_sent_is_counted(
    repair: Run, session: Session, plans: list[Consultation]
) -> None:
    account = factories.account(session, Role.CONTRIBUTOR)
    with time_machine.travel(now() + LATER):
        for row in plans[:2]:
            followers.follow(session, consultation=row, account=account)
            followers.notify_followers(session, row, about="reminder", key=f"another:{row.id}")
    first = session.scalars(select(Letter).order_by(Letter.id)).first()
    assert first
    first.state, first.sent_at = State.SENT, first.created_at
    said = repair("--yes")
    assert "E-mails with a date months ahead, now due: 1." in said
    assert "cannot be recalled: 1." in said
    assert all(letter.next_at <= now() for letter in session.scalars(select(Letter).where(Letter.id != first.id)))


def test_days_marks_and_beats_of_a_time_that_has_not_come_are_free(
    repair: Run, session: Session, plans: list[Consultation]
) -> None:
    later = now() + LATER
    session.add(ResponseRound(consultation_id=plans[0].id, day=later.date(), since=1, until=1, made_at=later))
    reminders.write_reminders(session, at=later.replace(hour=12))
    site.record_beat(session, "clock", at=later)
    session.add(task_retries.TaskAttempt(work="a 1", counts_until=later))
    said = repair("--yes")
    assert "Job records dated in the future, deleted: 1." in said
    assert "Process records dated in the future, deleted: 1." in said
    assert session.scalars(select(ResponseRound.day)).one() <= (now() + timedelta(days=1)).date()
    assert not session.scalars(select(ResponseReminder)).all()
    assert not session.scalars(select(Heartbeat)).all()
    assert round_repair.free_days(session, at=now()) == 0


def test_a_machine_whose_clock_differs_from_the_databases_repairs_nothing(
    repair: Run, session: Session, plans: list[Consultation]
) -> None:
    with time_machine.travel(now() + LATER):
        consultations.announce(session, at=now())
        said = repair("--yes")
    assert "70 days ahead of the database’s clock. Set the one that is wrong" in said
    assert _phases(plans)[0] == "closed"


def test_a_time_in_doubt_is_confirmed_and_the_page_of_health_is_well_again(repair: Run, session: Session) -> None:
    time_check.confirm_time(session)
    session.execute(text("UPDATE clock_state SET beat_at = beat_at - interval '7 days', boot = 'x', doubt = 'ahead'"))
    assert "7 days ahead of the last time that the scheduler recorded" in repair()
    assert time_check.get_doubt(session)
    assert "Done." in repair("--yes")
    session.expire_all()
    assert time_check.get_doubt(session) is None


@pytest.mark.parametrize("written_later", [False, True])
def test_who_starts_everything_on_one_machine_after_days_is_not_asked_unless_the_log_is_ahead(
    repair: Run, session: Session, plans: list[Consultation], written_later: bool
) -> None:
    time_check.confirm_time(session)
    session.execute(text("UPDATE clock_state SET beat_at = beat_at - interval '3 days', boot = 'x'"))
    if written_later:
        consultations.announce(session, at=now() + LATER)
    session.commit()
    up.confirm_gap()
    _at, doubt = time_check.find_doubt(session)
    assert (doubt is not None) is written_later


def test_what_was_said_of_actions_and_calls_too_early_is_undone_and_comes_at_its_day(
    repair: Run, session: Session
) -> None:
    body = make_body(session)
    lead = work(session, body)
    action = find(session, planned(session, body, by=lead))
    action.due_on = (now() + timedelta(days=20)).date()
    watches.begin(session, action, by=lead)
    call, row, _member = made_call(session, closes_at=now() + timedelta(days=20))
    next_year = now() + timedelta(days=366)
    due.record_overdue(session, at=now() + LATER)
    movements.compile_due(session, at=next_year)
    calls.close_due(session, at=now() + LATER)
    session.commit()
    told = select(Letter.id).where(Letter.key.startswith(f"action:{action.id}:overdue:"), Letter.state == State.PENDING)
    assert (bool(action.overdue_at), bool(call.closed_at), len(session.scalars(told).all())) == (True, True, 1)
    said = repair("--yes")
    assert "Actions marked overdue too early, now reset: 1." in said
    assert "Yearly summaries of years that have not ended, deleted: 1." in said
    assert "Calls closed too early, now open: 1." in said
    session.expire_all()
    assert (action.overdue_at, call.closed_at, session.scalars(told).all()) == (None, None, [])
    assert session.scalars(select(PlanMovement)).all() == []
    assert due.record_overdue(session, at=now() + timedelta(days=22)) == 1
    assert len(session.scalars(told).all()) == 1
    assert calls.close_due(session, at=row.closes_at) == 1


def test_a_call_that_a_member_closed_under_a_wrong_clock_stays_closed(
    repair: Run, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    call, _row, member = made_call(session, closes_at=now() + timedelta(days=20))
    monkeypatch.setattr(calls, "now", lambda: now() + LATER)
    calls.close_call(session, call, by=member)
    session.commit()
    assert "Calls closed too early" not in repair("--yes")
    session.expire_all()
    assert call.closed_at is not None
