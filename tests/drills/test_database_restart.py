"""F4: PostgreSQL is cut off under load. Every answer that was given is true afterwards."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import create_engine, func, make_url, select
from sqlalchemy.orm import Session

from consult import create_app
from consult.cli.database import migrate
from consult.core.db import transaction
from consult.core.settings import Settings
from consult.embedded import Servers
from consult.ledger.model import Entry, Kind
from consult.submissions import queries
from consult.submissions.model import Submission
from tests import factories
from tests.visitor import NotAnswered, Visitor

pytestmark = pytest.mark.drill
SECRET = "a-secret-for-the-drill-that-is-long-enough"


@dataclass
class Site:
    """A web process of its own on embedded servers of its own."""

    servers: Servers
    url: str
    base: str
    slug: str = ""
    consultation_id: int = 0
    accepted: list[str] = field(default_factory=list)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    servers = Servers(tmp_path / "servers", lambda _words: None)
    urls = servers.start()
    migrate(urls.database)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    found = Site(servers, urls.database, f"http://127.0.0.1:{port}")
    settings = Settings(database_url=urls.database, redis_url=urls.redis, secret_key=SECRET, data_dir=tmp_path)
    with create_app(settings).app_context(), transaction() as session:
        row = factories.consultation(session)
        found.slug, found.consultation_id = row.slug, row.id
    environment = {
        **os.environ, "CONSULT_DATABASE_URL": urls.database, "CONSULT_REDIS_URL": urls.redis,
        "CONSULT_SECRET_KEY": SECRET, "CONSULT_DATA_DIR": str(tmp_path),
    }  # fmt: skip
    command = ["-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--threads", "8", "consult:create_app()"]
    web = subprocess.Popen([sys.executable, *command], env=environment, stderr=subprocess.DEVNULL)
    try:
        _wait_for(found.base)
        yield found
    finally:
        web.terminate()
        web.wait()
        servers.stop()


def _wait_for(base: str) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            Visitor(base, "").open("/robots.txt")
            return
        except NotAnswered:
            time.sleep(0.1)
    raise AssertionError("the web process did not answer")


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
        server = site.servers.running[0].process
        os.kill(server.pid, signal.SIGQUIT)  # immediate: nothing is written out, the log is replayed
        _until(lambda server=server: not server.alive)
        site.servers.revive()
    _grow(site, 5)
    stop.set()
    for person in people:
        person.join()
    assert len(set(site.accepted)) == len(site.accepted)
    _check_books(site)


def _grow(site: Site, more: int) -> None:
    wanted = len(site.accepted) + more
    _until(lambda: len(site.accepted) >= wanted)


def _until(condition: object, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def _check_books(site: Site) -> None:
    engine = create_engine(make_url(site.url))
    with Session(engine) as session:
        filed = set(session.scalars(select(Submission.reference)))
        received = session.scalar(select(func.count()).where(Entry.kind == Kind.RECEIVED))
        books = queries.audit(session, site.consultation_id)
    engine.dispose()
    assert set(site.accepted) <= filed
    assert received == len(filed) == books.received
