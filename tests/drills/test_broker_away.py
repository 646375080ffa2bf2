"""F2, F3: the broker dies or freezes under a site that runs. Submissions are accepted, and told of all the same."""

from __future__ import annotations

import os
import signal

import pytest
from sqlalchemy import func, select

from consult.core.db import transaction
from consult.mail.model import Letter, State
from consult.submissions import queries
from tests import factories
from tests.drills.conftest import Ground, until
from tests.visitor import Visitor

pytestmark = pytest.mark.drill


def _file(base: str, slug: str, number: int) -> None:
    """A submission whose author leaves an address for the receipt."""
    visitor = Visitor(base, slug)
    visitor.write(f"Words {number}")
    visitor.submit(
        f"/c/{slug}/respond/about", speaks="pseudonym", person_name="River", language="en",
        email=f"river{number}@example.org",
    )  # fmt: skip
    form = visitor.hidden(f"/c/{slug}/respond/check")
    url, _page = visitor.open(f"/c/{slug}/respond/check", form)
    assert "/sent/" in url


def _sent(ground: Ground) -> int:
    with ground.app.app_context(), transaction() as session:
        return int(session.scalar(select(func.count()).where(Letter.state == State.SENT)) or 0)


@pytest.mark.parametrize("fault", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "frozen"])
def test_submissions_are_accepted_without_the_broker_and_their_receipts_go_out(
    ground: Ground, fault: signal.Signals
) -> None:
    with ground.app.app_context(), transaction() as session:
        row = factories.consultation(session)
        slug, identifier = row.slug, row.id
    base, valkey = ground.serve(), ground.servers.running[1].process
    _file(base, slug, 0)  # so that connections to the broker are there
    os.kill(valkey.pid, fault)
    try:
        for number in (1, 2):
            _file(base, slug, number)
        ground.start("consult.cli", "clock")
        until(lambda: _sent(ground) == 3, 180)  # by the clock's sweeps alone
    finally:
        if fault is signal.SIGSTOP:
            os.kill(valkey.pid, signal.SIGCONT)
        ground.servers.revive()
    ground.start("consult.cli", "worker")
    _file(base, slug, 3)
    until(lambda: _sent(ground) == 4, 180)
    with ground.app.app_context(), transaction() as session:
        assert queries.audit(session, identifier).received == 4
