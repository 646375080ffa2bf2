"""Every event reaches a webhook once by its id, in order, while workers are killed and the receiver breaks off."""

from __future__ import annotations

import random

import pytest
from sqlalchemy import text

from consult.api.webhooks import service
from consult.core.db import transaction
from tests import factories
from tests.api.webhooks.receiver import Received, listening
from tests.drills.conftest import Ground, until

pytestmark = pytest.mark.drill
EVENTS, KILLS = 10_000, 6
_ENTRIES = text(
    "INSERT INTO ledger (number, kind, subject_id, consultation_id, at, detail) SELECT "
    "(SELECT coalesce(max(number), 0) FROM ledger) + n, 'consultation.changed', :row, :row, now(), '{}' "
    "FROM generate_series(1, :most) AS n"
)


def test_ten_thousand_events_arrive_once_each_through_kills(ground: Ground) -> None:
    ground.settings["CONSULT_DEMO"] = "1"  # sends to this machine too
    seen: dict[str, Received] = {}
    broken: list[str] = []

    def decide(request: Received) -> int:
        """Break off one request in ten, the first time it comes: before it is stored, or after."""
        if request.message_id not in broken and random.random() < 0.1:
            broken.append(request.message_id)
            if random.random() < 0.5:
                seen.setdefault(request.message_id, request)
            return 0
        seen.setdefault(request.message_id, request)
        return 204

    with listening() as receiver:
        receiver.decide = decide
        with ground.app.app_context(), ground.app.test_request_context(), transaction() as session:
            vars(ground.app.config["SETTINGS"])["demo"] = True
            account, row = factories.account(session), factories.consultation(session)
            hook, _secret = service.add(session, account, address=receiver.address, topics=["consultation"],
                                        organisation_id=None)  # fmt: skip
            session.execute(_ENTRIES, {"row": row.id, "most": EVENTS})
            last = hook.position + EVENTS - 1
        for kill in range(KILLS):
            worker = ground.start("consult.cli", "worker", "--clock", "--concurrency", "2")
            until(lambda: len(receiver.requests) >= 3 + 12 * kill)  # noqa: B023
            ground.kill(worker)
        ground.start("consult.cli", "worker", "--clock", "--concurrency", "2")
        until(lambda: sum(len(each.events) for each in list(seen.values())) >= EVENTS, 600)
    numbers = [event["number"] for each in seen.values() for event in each.events]
    assert numbers == list(range(last - EVENTS + 1, last + 1))
    repeated = len(receiver.requests) - len(seen)
    print(f"{len(seen)} requests, {repeated} repeated, {len(broken)} broken off, {KILLS} workers killed")
    assert repeated >= 1
