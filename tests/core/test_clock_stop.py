"""The clock ends between two chores, and a chore that works in steps ends between two steps."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from consult.core import clock
from consult.core.clock import Chore
from consult.core.processes.signals import StopSignal
from consult.core.web import systems
from consult.digests import count_queries
from consult.digests import tasks as digest_tasks
from consult.digests.model import HeardSummary
from consult.ledger import service as ledger
from consult.ledger import tasks as ledger_tasks
from consult.ledger.followers import Follower, Window
from tests import factories
from tests.filing import file


def test_no_chore_is_begun_once_the_clock_is_to_end(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    stop, ran = StopSignal(), []

    def first(_session: Session) -> None:
        ran.append("first")
        assert not clock.is_stopping()
        stop.set()
        assert clock.is_stopping()

    chores = [Chore("first", 1, first, timeless=True), Chore("second", 1, lambda _session: ran.append("second"), True)]
    monkeypatch.setattr(clock, "CHORES", chores)
    clock.run(app, stop, systems.is_paused)
    assert ran == ["first"]
    assert not clock.is_stopping(), "the next clock of this process is another"


def test_a_burst_is_numbered_and_counted_no_further_once_the_clock_is_to_end(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = factories.consultation(session)
    here = row.id
    file(session, row, "Words.", published=True)
    session.commit()
    monkeypatch.setattr(clock, "_stops", [stop := StopSignal()])
    stop.set()
    ledger_tasks.number(session)
    digest_tasks.listen(session)
    assert ledger.head(session) == 1
    assert session.get(HeardSummary, here) is None


def test_what_is_heard_is_counted_in_steps_that_are_kept(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that ends in the middle of a burst loses one step, and no transaction lasts for all of it."""
    row = factories.consultation(session)
    here = row.id
    for number in range(12):
        file(session, row, f"Words {number}.", published=True)
    ledger.number_entries(session)
    session.commit()
    monkeypatch.setattr(count_queries.FOLLOWER, "_most", 5)
    handled: list[Window] = []
    handle = Follower.handle_window

    def end_at_second(self: Follower, own: Session, window: Window) -> None:
        handle(self, own, window)
        handled.extend([window] if self is count_queries.FOLLOWER else [])
        if len(handled) == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Follower, "handle_window", end_at_second)
        with pytest.raises(KeyboardInterrupt):
            digest_tasks.listen(session)
    assert count_queries.FOLLOWER.get_position(session, here) == 6
    session.rollback()
    digest_tasks.listen(session)
    assert count_queries.FOLLOWER.get_position(session, here) == ledger.head(session)
    assert session.get_one(HeardSummary, here).told == ledger.head(session)
