"""F8: clocks that tick too often, two at once, dead over a slot, with and without a broker: one digest per slot.

That slots are right across changes of clocks and leap days is shown in tests/digests/test_schedule.py and
test_windows.py; that a wrong one does no harm, in test_wrong_clocks.py.
"""

from __future__ import annotations

import subprocess
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.db import transaction
from consult.core.web.access import Role
from consult.digests.delivery import service as delivery
from consult.digests.model import Cadence, Delivery, Digest
from consult.mail.model import Letter, State
from consult.site.model import Heartbeat
from tests import factories
from tests.drills.conftest import Ground, until
from tests.filing import file

pytestmark = pytest.mark.drill
WORKER = ("celery", "-A", "consult.worker", "worker", "--concurrency", "2", "--without-gossip", "--without-mingle")
CLOCK = ("consult.cli", "clock")
READERS = 5
CADENCES = (Cadence.DAILY, Cadence.WEEKLY, Cadence.CLOSING)


def _prepare(ground: Ground) -> int:
    """A consultation with five readers of each cadence with slots, whose daily and weekly slots have passed already."""
    with ground.app.app_context(), transaction() as session:
        row = factories.consultation(session, closes_at=now() + timedelta(hours=1))
        for cadence in CADENCES:
            for _reader in range(READERS):
                account = factories.account(session, Role.POLICYMAKER)
                delivery.subscribe(
                    session, account=account, consultation=row, cadence=cadence, language="en",
                    at=now() - timedelta(days=9),
                )  # fmt: skip
        file(session, row, "Sixty per cent is low.", published=True)
        return row.id


def _digests(ground: Ground) -> Counter[str]:
    with ground.app.app_context(), transaction() as session:
        return Counter(session.scalars(select(Digest.cadence)))


def _letters(ground: Ground) -> Counter[tuple[str, str]]:
    """Count e-mails by cadence and state."""
    with ground.app.app_context(), transaction() as session:
        rows = session.execute(
            select(Digest.cadence, Letter.state)
            .join(Delivery, Delivery.digest_id == Digest.id)
            .join(Letter, Letter.id == Delivery.letter_id)
        )
        return Counter((cadence, state) for cadence, state in rows)


EACH_ONCE = dict.fromkeys(CADENCES, 1)
ALL_SENT = dict.fromkeys([(cadence, State.SENT) for cadence in CADENCES], READERS)


def test_two_clocks_and_a_worker_make_one_digest_of_each_slot(ground: Ground) -> None:
    _close(ground, _prepare(ground))
    clocks = [ground.start(*CLOCK) for _ in range(2)]
    ground.start(*WORKER)
    until(lambda: _digests(ground) == EACH_ONCE and _letters(ground) == ALL_SENT, 180)
    for clock in clocks:
        ground.kill(clock)
    _require_nothing_more(ground)


def _require_nothing_more(ground: Ground) -> None:
    """Ticks twice more: an AssertionError where that makes a digest or a letter. No other clock may run."""
    for _tick in range(2):  # a clock that starts ticks at once
        ground.kill(_ticked(ground))
    assert _digests(ground) == EACH_ONCE
    assert _letters(ground) == ALL_SENT


def _ticked(ground: Ground) -> subprocess.Popen[bytes]:
    """A clock that has done its first round of chores."""
    started = now()
    clock = ground.start(*CLOCK)
    until(lambda: _beat(ground) > started)
    return clock


def _beat(ground: Ground) -> datetime:
    """When a clock last said that it runs: after all chores of packages below the site's."""
    with ground.app.app_context(), transaction() as session:
        return session.scalar(select(Heartbeat.at).where(Heartbeat.name == "clock")) or datetime.min.replace(tzinfo=UTC)


def _close(ground: Ground, consultation_id: int) -> None:
    """The consultation closes while no clock runs."""
    with ground.app.app_context(), transaction() as session:
        closes_at = now()
        session.execute(update(Consultation).where(Consultation.id == consultation_id).values(closes_at=closes_at))


def test_a_clock_that_was_dead_over_a_slot_makes_up_for_it_once(ground: Ground) -> None:
    number = _prepare(ground)
    ground.start(*WORKER)
    clock = ground.start(*CLOCK)
    until(lambda: _digests(ground) == {Cadence.DAILY: 1, Cadence.WEEKLY: 1}, 180)
    ground.kill(clock)
    _close(ground, number)
    clock = ground.start(*CLOCK)
    until(lambda: _digests(ground) == EACH_ONCE and _letters(ground) == ALL_SENT, 180)
    ground.kill(clock)
    _require_nothing_more(ground)


def test_without_a_broker_the_clock_compiles_and_sends(ground: Ground) -> None:
    ground.settings["CONSULT_REDIS_URL"] = "redis://127.0.0.1:1/0"
    _close(ground, _prepare(ground))
    clocks = [ground.start(*CLOCK)]
    until(lambda: _digests(ground) == EACH_ONCE, 180)
    clocks.append(ground.start(*CLOCK))  # whose first sweep need not be waited for
    until(lambda: _letters(ground) == ALL_SENT, 180)
    for clock in clocks:
        ground.kill(clock)
    _require_nothing_more(ground)
