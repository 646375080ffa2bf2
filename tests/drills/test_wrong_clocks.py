"""One wrong clock does no lasting harm: a process or a machine whose clock is 70 days ahead, an hour or a day behind.

Clocks are moved by `moved_clock`, the database's by a function in its search path.
"""

from __future__ import annotations

import urllib.error
import urllib.request
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from consult.consultations import service as consultations
from consult.consultations.model import Consultation, Phase
from consult.core.clock import now
from consult.core.db import transaction
from consult.core.web.access import Role
from consult.digests import service as digests
from consult.digests.delivery import service as delivery
from consult.digests.model import Cadence, Digest
from consult.ledger.model import LedgerEntry
from consult.site.model import Heartbeat
from tests import factories
from tests.drills.conftest import Ground, until
from tests.filing import file
from tests.visitor import Visitor

pytestmark = pytest.mark.drill
CLOCK = ("consult.cli", "clock")
DAYS_70 = 70 * 86_400


@pytest.fixture
def ahead(tmp_path: Path) -> Path:
    """The file that moves a clock."""
    file = tmp_path / "ahead"
    file.write_text("0")
    return file


def _prepare(ground: Ground) -> int:
    """Three open consultations, of which two end within 70 days, and one that opens in ten; a reader each week."""
    with ground.app.app_context(), transaction() as session:
        found = [factories.consultation(session, closes_at=now() + timedelta(days=days)) for days in (20, 47, 100)]
        factories.consultation(
            session, opens_at=now() + timedelta(days=10), closes_at=now() + timedelta(days=90), phase=Phase.UPCOMING
        )
        for cadence in (Cadence.WEEKLY, Cadence.CLOSING):
            delivery.subscribe(
                session, account=factories.account(session, Role.POLICYMAKER), consultation=found[0], cadence=cadence,
                language="en", at=now() - timedelta(minutes=1),
            )  # fmt: skip
        file(session, found[0], "Sixty per cent is low.", published=True)
        return found[0].id


def _phases(ground: Ground) -> list[str]:
    with ground.app.app_context(), transaction() as session:
        return [str(phase) for phase in session.scalars(select(Consultation.phase).order_by(Consultation.id))]


def _later(ground: Ground) -> int:
    """Count entries and digests with a time in the future."""
    with ground.app.app_context(), transaction() as session:
        moment = now() + timedelta(minutes=1)
        entries = select(func.count()).select_from(LedgerEntry).where(LedgerEntry.at > moment)
        slots = select(func.count()).select_from(Digest).where(Digest.slot_at > moment)
        return (session.scalar(entries) or 0) + (session.scalar(slots) or 0)


def _beats(ground: Ground, name: str = "clock") -> bool:
    with ground.app.app_context(), transaction() as session:
        return session.scalar(select(Heartbeat.at).where(Heartbeat.name == name)) is not None


def _ticked(ground: Ground, ahead: Path | None = None) -> None:
    """Starts a clock, and ends it after its first rounds: the heartbeat comes after the chores of all others."""
    with ground.app.app_context(), transaction() as session:
        session.execute(text("DELETE FROM heartbeat"))
    clock = ground.start(*CLOCK, ahead=ahead)
    until(lambda: _beats(ground))
    ground.kill(clock)


def _doubt(ground: Ground) -> str | None:
    with ground.app.app_context(), transaction() as session:
        return session.scalar(text("SELECT doubt FROM clock_state"))


def _health(base: str) -> str:
    """The health page, also where it says that the site is down: no worker runs here."""
    try:
        with urllib.request.urlopen(f"{base}/health", timeout=60) as answer:
            return str(answer.read().decode())
    except urllib.error.HTTPError as answer:
        return answer.read().decode()


ALL_RIGHT = ["open", "open", "open", "upcoming"]


@pytest.mark.parametrize("seconds", [DAYS_70, -86_400])
def test_a_clock_whose_machine_has_another_time_moves_nothing_and_health_says_so(
    ground: Ground, ahead: Path, seconds: int
) -> None:
    _prepare(ground)
    ahead.write_text(str(seconds))
    _ticked(ground, ahead)
    assert _phases(ground) == ALL_RIGHT
    assert _later(ground) == 0
    assert _beats(ground, "time.clock")
    page = _health(ground.serve())
    assert "The system time of the scheduler is" in page
    assert ("ahead of" if seconds > 0 else "behind") in page


def test_a_clock_that_is_moved_while_it_runs_moves_nothing_and_goes_on_by_itself_when_it_is_right_again(
    ground: Ground, ahead: Path
) -> None:
    number = _prepare(ground)
    ground.start(*CLOCK, ahead=ahead)
    until(lambda: _beats(ground))
    ahead.write_text(str(DAYS_70))
    until(lambda: _beats(ground, "time.clock"))
    with ground.app.app_context(), transaction() as session:
        session.get_one(Consultation, number).closes_at = now()  # truly closes while the clock is wrong
    assert _phases(ground) == ALL_RIGHT
    ahead.write_text("0")
    until(lambda: _phases(ground) == ["closed", *ALL_RIGHT[1:]])
    assert _later(ground) == 0


def test_a_machine_whose_time_jumps_moves_nothing_and_goes_on_by_itself_when_it_is_right_again(
    ground: Ground, ahead: Path
) -> None:
    _prepare(ground)
    ground.move_database_clock(timedelta())
    _ticked(ground)
    ground.move_database_clock(timedelta(seconds=DAYS_70))
    ahead.write_text(str(DAYS_70))
    _ticked(ground, ahead)
    assert _phases(ground) == ALL_RIGHT
    assert _doubt(ground) == "ahead"
    assert "later than the last run of the scheduler" in _health(ground.serve())
    ground.move_database_clock(timedelta())
    _ticked(ground)
    assert _doubt(ground) is None
    assert _phases(ground) == ALL_RIGHT
    assert _later(ground) == 0


def test_what_a_wrong_clock_has_done_is_undone_by_one_command_and_the_clock_goes_on(ground: Ground) -> None:
    """For what exactly is undone and printed, see tests/cli/test_repair.py."""
    number = _prepare(ground)
    later = now() + timedelta(days=70)
    with ground.app.app_context(), transaction() as session:
        consultations.announce(session, at=later)
        for slot in digests.list_due(session, at=later):
            digests.compile_digest(session, **vars(slot), at=later)
    assert _phases(ground) == ["closed", "closed", "open", "open"]
    assert "Done." in ground.run("repair", "clock", "--yes")
    _ticked(ground)
    assert _phases(ground) == ALL_RIGHT
    with ground.app.app_context(), transaction() as session:
        due = {slot.cadence for slot in digests.list_due(session, at=later) if slot.consultation_id == number}
    assert due == {Cadence.WEEKLY, Cadence.CLOSING}


def test_a_process_of_the_pages_with_a_wrong_clock_files_at_the_right_time(ground: Ground, ahead: Path) -> None:
    with ground.app.app_context(), transaction() as session:
        slug = factories.consultation(session, closes_at=now() + timedelta(days=20)).slug
    _ticked(ground)
    ahead.write_text(str(DAYS_70))
    visitor = Visitor(ground.serve(ahead=ahead), slug)
    visitor.write("Words at the right time")
    assert visitor.send()
    assert _later(ground) == 0
    assert "The system time of a web server process is" in _health(visitor.base)
