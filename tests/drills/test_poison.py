"""F9: a task that kills its worker is given up after five times, and those beside it are done."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from consult.core import task_retries
from consult.core.db import transaction
from consult.core.queue import QUEUES, celery, publish
from consult.core.task_retries import MAX_RUNS, TaskAttempt
from consult.site import tasks
from consult.site.model import Heartbeat
from tests.drills.conftest import Ground, until
from tests.drills.poison import poison

pytestmark = pytest.mark.drill
WORKER = (
    "celery", "-A", "consult.worker", "worker", "--concurrency", "1", "--include", "tests.drills.poison",
    "--without-gossip", "--without-mingle",
)  # fmt: skip


def asked(ground: Ground, statement: Any) -> Any:
    with ground.app.app_context(), transaction() as session:
        return session.scalar(statement)


def test_a_task_that_kills_its_worker_is_taken_five_times_and_its_neighbours_are_done(ground: Ground) -> None:
    with ground.app.app_context():
        assert publish(poison, 1)
    ground.start(*WORKER)
    counted = select(func.count()).select_from(TaskAttempt)
    until(lambda: asked(ground, counted) == MAX_RUNS, 240)
    with ground.app.app_context(), transaction() as session:
        tasks.ask_workers(session)
    until(lambda: asked(ground, select(func.count()).select_from(Heartbeat)) == len(QUEUES), 180)
    with celery.connection_for_write() as broker:  # it is given up, not still on its way back
        until(lambda: not broker.default_channel.client.hlen("unacked"), 180)
    assert asked(ground, counted) == MAX_RUNS
    with ground.app.app_context(), transaction() as session:
        assert task_retries.list_resting(session) == ["default.poison 1"]
