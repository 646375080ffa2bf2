"""F14: a queue that nobody takes from shows, while the other workers are well."""

from __future__ import annotations

import pytest

from consult.core.db import transaction
from consult.core.settings import Settings
from consult.site import service
from tests.drills.conftest import Ground, until

pytestmark = pytest.mark.drill


def _said(ground: Ground) -> str:
    with ground.app.app_context(), ground.app.test_request_context(), transaction() as session:
        report = service.check_health(session, Settings(data_dir=ground.settings["CONSULT_DATA_DIR"]))
    return next(check.sentence for check in report.checks if check.name == "worker")


def test_a_queue_without_a_worker_is_named_until_one_takes_from_it(ground: Ground) -> None:
    ground.start("consult.cli", "worker", "--clock", "--queues", "default,mail,digests,analysis")
    until(lambda: _said(ground).endswith("has recently taken jobs from: files."))
    ground.start("consult.cli", "worker", "--queues", "files", "--concurrency", "1")
    until(lambda: _said(ground) == "Workers are taking jobs from the queue.")
