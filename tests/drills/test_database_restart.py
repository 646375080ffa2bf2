"""F4 and F5: PostgreSQL is cut off under load, also in the middle of a commit.

Every answer that was given is true afterwards; who tries again with the same form has filed once.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from dataclasses import dataclass, field

import pytest
from sqlalchemy import func, select, text

from consult.core.db import ReadMode, db, set_read_only, transaction
from consult.ledger.model import Kind, LedgerEntry
from consult.submissions import queries
from consult.submissions.model import Comment, Submission
from tests import factories
from tests.drills.conftest import Ground, until
from tests.visitor import NotAnswered, Visitor

pytestmark = pytest.mark.drill


@dataclass
class Site:
    """A consultation on a web process, and what was filed to it."""

    ground: Ground
    base: str
    slug: str
    consultation_id: int
    accepted: list[str] = field(default_factory=list)


@pytest.fixture
def site(ground: Ground) -> Site:
    with ground.app.app_context(), transaction() as session:
        row = factories.consultation(session)
        slug, identifier = row.slug, row.id
    return Site(ground, ground.serve(), slug, identifier)


def _file_until(site: Site, stop: threading.Event, number: int) -> None:
    """Files one submission after another, each tried again with the same draft until it is answered."""
    for turn in range(10_000):
        if stop.is_set():
            return
        visitor = Visitor(site.base, site.slug)
        written = False
        while not stop.is_set():
            try:
                if not written:
                    visitor.write(f"Words {number}-{turn}")
                    written = True
                site.accepted.append(visitor.send())
                break
            except NotAnswered:
                time.sleep(0.05)


def test_every_accepted_submission_survives_a_database_that_is_cut_off_under_load(site: Site, drill_size: int) -> None:
    stop = threading.Event()
    people = [threading.Thread(target=_file_until, args=(site, stop, number)) for number in range(4)]
    for person in people:
        person.start()
    for _cut in range(2 if drill_size < 5_000 else 6):
        _grow(site, 5)
        server = site.ground.servers.running[0].process
        os.kill(server.pid, signal.SIGQUIT)  # immediate: nothing is written out, the log is replayed
        until(lambda server=server: not server.alive)
        site.ground.servers.revive()
    _grow(site, 5)
    stop.set()
    for person in people:
        person.join()
    assert len(set(site.accepted)) == len(site.accepted)
    _check_books(site)


@pytest.mark.parametrize("how", [None, *ReadMode])
def test_a_request_that_was_under_way_at_a_restart_leaves_nothing_to_those_after_it(
    ground: Ground, how: ReadMode | None
) -> None:
    with ground.app.app_context():
        if how:
            set_read_only(how)
        db.session.execute(text("SELECT count(*) FROM heartbeat"))
        server = ground.servers.running[0].process
        os.kill(server.pid, signal.SIGQUIT)
        until(lambda: not server.alive)
        ground.servers.revive()
    assert len(db.session.registry.registry) == 0
    for number in range(50):
        with ground.app.app_context(), transaction() as session:
            factories.consultation(session, slug=f"after-{number}")


def _grow(site: Site, more: int) -> None:
    wanted = len(site.accepted) + more
    until(lambda: len(site.accepted) >= wanted)


def _check_books(site: Site) -> None:
    with site.ground.app.app_context(), transaction() as session:
        filed = set(session.scalars(select(Submission.reference)))
        words = list(session.scalars(select(Comment.body)))
        received = session.scalar(select(func.count()).where(LedgerEntry.kind == Kind.RECEIVED))
        books = queries.audit(session, site.consultation_id)
    assert set(site.accepted) <= filed
    assert len(set(words)) == len(words)
    assert received == len(filed) == books.received
