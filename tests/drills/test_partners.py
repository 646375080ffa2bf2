"""Two sites beside each other: what one publishes and retracts is on the other's page after its next check."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from consult.core.clock import now
from consult.core.db import transaction
from consult.core.web.access import Role
from consult.peers import keys, service
from consult.peers.model import Peer, PeerItem, PeerState
from consult.signals.model import Signal, SignalState
from tests import factories
from tests.drills.conftest import Ground, until
from tests.signals.test_alert_page import warned

pytestmark = pytest.mark.drill
TITLE = "Protonitazene in blue tablets"


@contextmanager
def inside(ground: Ground) -> Iterator[Session]:
    """A transaction in the database of a site, which is a demo: it fetches from this machine."""
    vars(ground.app.config["SETTINGS"])["demo"] = True
    with ground.app.app_context(), ground.app.test_request_context(), transaction() as session:
        yield session


def read_items(ground: Ground) -> dict[str, str]:
    with inside(ground) as session:
        return {row.record["title"]: row.record.get("state", "") for row in session.scalars(select(PeerItem))}


def check_now(ground: Ground) -> None:
    """Make the check due, instead of waiting for five minutes."""
    with inside(ground) as session:
        session.execute(update(Peer).values(next_at=now()))


def test_a_warning_and_its_retraction_reach_a_partner(ground: Ground, second_ground: Ground) -> None:
    for each in (ground, second_ground):
        each.settings["CONSULT_DEMO"] = "1"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    ground.settings["CONSULT_BASE_URL"] = f"http://127.0.0.1:{port}"
    base = ground.serve(port)
    with inside(ground) as session:
        keys.ensure_key(session)
        signal = warned(session, title=TITLE).id
        factories.consultation(session, title="Plan on alternatives")
    with inside(second_ground) as session:
        admin = factories.account(session, role=Role.ADMIN)
        peer = service.add(session, admin, address=base, takes=["warning", "consultation"], every_minutes=5)
        service.confirm(session, admin, peer)
    second_ground.start("consult.cli", "worker", "--clock", "--concurrency", "1")
    until(lambda: TITLE in read_items(second_ground))
    assert read_items(second_ground)["Plan on alternatives"] == ""
    with inside(ground) as session:
        session.execute(update(Signal).where(Signal.id == signal).values(state=SignalState.RETRACTED))
    check_now(second_ground)
    until(lambda: read_items(second_ground)[TITLE] == "retracted")
    with inside(second_ground) as session:
        assert session.scalar(select(func.count()).select_from(Signal)) == 0
        assert session.scalars(select(Peer.state)).one() is PeerState.OK
