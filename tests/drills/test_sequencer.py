"""F12: whoever numbers the ledger is killed again and again. No number is given twice, left out, or changed.

Two roots for one size of a published log cannot be tried yet: there is no such log.
"""

from __future__ import annotations

import time
from random import Random

import pytest
from sqlalchemy import select

from consult.core.db import transaction
from consult.ledger import service
from consult.ledger.model import Kind, LedgerEntry
from tests.drills.conftest import Ground, until

pytestmark = pytest.mark.drill


def _write(ground: Ground, count: int) -> None:
    with ground.app.app_context(), transaction() as session:
        for subject in range(count):
            service.record(session, Kind.RECEIVED, subject_id=subject)


def _numbers(ground: Ground) -> dict[int, int]:
    with ground.app.app_context(), transaction() as session:
        rows = session.execute(select(LedgerEntry.id, LedgerEntry.number).where(LedgerEntry.number.is_not(None)))
        return {row.id: row.number for row in rows}


def test_killed_sequencers_give_each_entry_one_number_for_good(ground: Ground, chance: Random, drill_size: int) -> None:
    rounds = 3 if drill_size < 5_000 else 20
    written, given = 0, dict[int, int]()
    for _round in range(rounds):
        sequencers = [ground.start("tests.drills.sequencer") for _ in range(2)]
        before = len(given)
        _write(ground, drill_size)
        written += drill_size
        until(lambda before=before: len(_numbers(ground)) > before)
        time.sleep(chance.random() / 20)
        for sequencer in sequencers:
            ground.kill(sequencer)
        found = _numbers(ground)
        assert given.items() <= found.items()
        given = found
    with ground.app.app_context(), transaction() as session:
        service.number_entries(session)
    found = _numbers(ground)
    assert given.items() <= found.items()
    assert sorted(found.values()) == list(range(1, written + 1))
