"""Every event is in exactly one digest per subscription, whatever happens in between."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.core.clock import now
from consult.core.web.access import Role
from consult.digests import service
from consult.digests.delivery import service as delivery
from consult.digests.model import Cadence, Delivery, Digest, Subscription
from consult.ledger.model import LedgerEntry
from consult.submissions import service as submissions
from consult.submissions.model import State
from tests import factories
from tests.filing import comment, decide, file, numbered

START = datetime(2026, 10, 19, 3, tzinfo=UTC)  # six days before Vienna puts its clocks back


class World:
    """A consultation with readers, in which anything may happen next."""

    def __init__(self, session: Session, seed: int) -> None:
        self.session, self.chance = session, random.Random(seed)
        self.row = factories.consultation(session, opens_at=START, closes_at=START + timedelta(days=40))
        self.rows: list[Any] = []
        self.readers: list[Account] = [factories.account(session, Role.POLICYMAKER) for _ in range(4)]

    def file(self) -> None:
        self.rows.append(file(self.session, self.row, f"Words {self.chance.randrange(4)}", at=now()))

    def decide(self) -> None:
        if self.rows:
            chosen = self.chance.choice(self.rows)
            if chosen.state is State.RETURNED:
                submissions.amend(self.session, chosen, comments=[comment(self.session, self.row, "Changed.")])
                return
            allowed = sorted(submissions.TRANSITIONS[chosen.state] - {State.PENDING})
            if allowed:
                decide(self.session, chosen, self.chance.choice(allowed))

    def subscribe(self) -> None:
        delivery.subscribe(
            self.session, account=self.chance.choice(self.readers), consultation=self.row, language="en",
            cadence=self.chance.choice([Cadence.DAILY, Cadence.WEEKLY]),
        )  # fmt: skip

    def tick(self, times: int = 1) -> None:
        """The clock, any number of times: what is due is compiled."""
        numbered(self.session)
        for _time in range(times):
            for due in service.list_due(self.session, at=now()):
                service.compile_digest(
                    self.session, consultation_id=due.consultation_id, cadence=due.cadence, slot_at=due.slot_at
                )
            self.session.commit()


@pytest.mark.parametrize("seed", range(5))
def test_a_reader_is_told_everything_once_from_the_first_digest_on(session: Session, seed: int) -> None:
    with time_machine.travel(START, tick=False) as clock:
        world = World(session, seed)
        world.subscribe()
        for _step in range(8 * 16):
            clock.shift(timedelta(hours=3))
            for act, chance in ((world.file, 0.4), (world.decide, 0.3), (world.subscribe, 0.05)):
                if world.chance.random() < chance:
                    act()
            if world.chance.random() < 0.6:  # otherwise the clock is dead for these hours
                world.tick(world.chance.choice([1, 1, 5]))
        check(session)


def check(session: Session) -> None:
    for kept in session.scalars(select(Subscription)):
        told = session.execute(
            select(Digest.since, Digest.until, Digest.slot_at, Digest.cadence)
            .join(Delivery, Delivery.digest_id == Digest.id)
            .where(Delivery.subscription_id == kept.id)
            .order_by(Digest.since)
        ).all()
        seen: Counter[int] = Counter()
        for window in told:
            seen.update(range(window.since, window.until))
        events = session.scalars(select(LedgerEntry.number).where(LedgerEntry.kind.startswith("submission."))).all()

        assert not [n for n, times in seen.items() if times > 1]
        if told:
            between = [n for n in events if n and told[0].since <= n < told[-1].until]
            assert [n for n in between if not seen[n]] == []
        assert len({window.slot_at for window in told}) == len(told)


def test_the_clock_compiles_each_slot_once_across_a_change_of_clocks_and_a_dead_day(
    session: Session, subscribe: Callable[..., Subscription]
) -> None:
    row = factories.consultation(session, opens_at=START, closes_at=START + timedelta(days=40))
    subscribe(row, "daily", at=START)
    with time_machine.travel(START, tick=False) as clock:
        for hour in range(24 * 9):
            clock.shift(timedelta(hours=1))
            if not 60 <= hour < 90:
                file(session, row, f"Words {hour}", at=now())
                numbered(session)
                for due in service.list_due(session, at=now()):
                    service.compile_digest(
                        session, consultation_id=due.consultation_id, cadence=due.cadence, slot_at=due.slot_at
                    )
                session.commit()
    slots = session.scalars(select(Digest.slot_at).order_by(Digest.slot_at)).all()
    hours = [slot.astimezone(UTC).strftime("%d %H") for slot in slots]
    # the slot of the 22nd passed while the clock was dead, and was made up for; Vienna is at +01:00 from the 25th on
    assert hours == ["19 04", "20 04", "21 04", "22 04", "23 04", "24 04", "25 05", "26 05", "27 05"]


@pytest.mark.parametrize(
    "start",
    [
        datetime(2026, 10, 23, 12, tzinfo=UTC),  # clocks go back in the night to the 25th
        datetime(2027, 3, 26, 12, tzinfo=UTC),  # clocks go forward in the night to the 28th
        datetime(2028, 2, 27, 12, tzinfo=UTC),  # the 29th is a day
    ],
)
def test_a_clock_that_ticks_five_times_and_is_set_back_compiles_each_slot_once(
    session: Session, subscribe: Callable[..., Subscription], start: datetime
) -> None:
    row = factories.consultation(session, opens_at=start, closes_at=start + timedelta(days=40))
    subscribe(row, "daily", at=start)
    with time_machine.travel(start, tick=False) as clock:
        for hour in range(24 * 4):
            clock.shift(timedelta(hours=-1 if hour % 4 == 3 else 2))
            file(session, row, f"Words {hour}", at=now())
            for _tick in range(5):
                for due in service.list_due(session, at=now()):
                    service.compile_digest(session, **vars(due))
            session.commit()
    slots = session.scalars(select(Digest.slot_at).order_by(Digest.slot_at)).all()
    there = [slot.astimezone(ZoneInfo("Europe/Vienna")) for slot in slots]
    assert [slot.date() for slot in there] == [start.date() + timedelta(days=day) for day in range(1, len(slots) + 1)]
    assert len(slots) >= 4
    assert {slot.hour for slot in there} == {6}
    check(session)
