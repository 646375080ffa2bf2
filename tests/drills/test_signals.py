"""F1, F6, F7 of a warning: workers are killed and the mail server has its faults, and every watcher is told once."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from consult.core.db import transaction
from consult.core.web.access import Role
from consult.signals import service
from consult.signals.model import SignalLevel
from consult.signals.triage import seats
from consult.signals.watchers import service as watchers
from consult.signals.watchers.service import WatchFilter
from tests import factories
from tests.drills.conftest import Ground, until
from tests.drills.test_letters import FAULTS, WORKER, _check, _doubtful, _finish, _hurry, _sent
from tests.mail.post_office import PostOffice, post_office
from tests.signals.working import opened

pytestmark = pytest.mark.drill


@pytest.fixture
def office(ground: Ground, chance: random.Random) -> Iterator[PostOffice]:
    """One letter in twenty meets a fault at its first try."""
    with post_office() as server:
        server.faults = lambda _to, n: chance.choice(FAULTS) if n == 1 and chance.random() < 0.05 else ""
        ground.settings |= {"CONSULT_SMTP_URL": server.url, "CONSULT_SMTP_TIMEOUT": "1"}
        yield server


def _decide(ground: Ground, count: int) -> None:
    """So many watchers, and a signal that rises to an alert."""
    with ground.app.app_context(), transaction() as session:
        me = factories.account(session, Role.MODERATOR)
        seats.give(session, account_id=me.id, on_call=False)
        for _n in range(count):
            watchers.watch(session, account=factories.account(session), wish=WatchFilter())
        signal = opened(session, me)
        service.set_level(session, signal, SignalLevel.ALERT, by=me, reason="Two services saw it.")


def test_no_warning_is_lost_when_workers_are_killed_and_the_mail_server_has_its_faults(
    ground: Ground, office: PostOffice, drill_size: int
) -> None:
    _decide(ground, drill_size)
    ground.start("consult.cli", "clock")
    worker = ground.start(*WORKER)
    until(lambda: _sent(ground) > 0, 180)
    ground.kill(worker)
    _hurry(ground)
    ground.start(*WORKER)
    _finish(ground, drill_size)
    _check(ground, office, drill_size, doubtful=_doubtful(1, office))
