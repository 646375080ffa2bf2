"""F11: the disk of PostgreSQL is full. Who writes is answered 503, and what was accepted is there afterwards.

The disk is a small one in memory: this needs root. Without it see tests/core/test_full_disk.py.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from consult.core.db import transaction
from consult.ledger.model import Kind, LedgerEntry
from consult.submissions import queries
from consult.submissions.model import Submission
from tests import factories
from tests.drills.conftest import Ground, until
from tests.visitor import NotAnswered, Visitor

pytestmark = pytest.mark.drill
_SIZE = "400m"
_LONG = "Words that need room. " * 150


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Return the folder in which the servers of the drill keep their data."""
    folder = tmp_path / "servers"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={_SIZE},mode=755", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a disk of its own can only be mounted by root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def _fill(filler: Path) -> None:
    """Takes all the room that is left."""
    with filler.open("wb") as file:
        for size in (2**20, 2**12):
            try:
                while True:
                    os.write(file.fileno(), bytes(size))
            except OSError:
                continue


def _file(base: str, slug: str, words: str) -> str:
    visitor = Visitor(base, slug)
    visitor.write(words)
    return visitor.send()


def test_a_database_without_room_answers_503_and_keeps_what_was_accepted(small_disk: Path, ground: Ground) -> None:
    with ground.app.app_context(), transaction() as session:
        row = factories.consultation(session)
        slug, number = row.slug, row.id
    base = ground.serve()
    accepted, refused = [_file(base, slug, f"Before {turn}") for turn in range(2)], []
    _fill(small_disk / "filler")
    for turn in range(60):
        try:
            accepted.append(_file(base, slug, f"{turn}: {_LONG}"))
        except NotAnswered as error:
            refused.append(str(error))
            if len(refused) == 3:
                break
    assert len(refused) == 3
    assert all("503" in said for said in refused), refused
    (small_disk / "filler").unlink()
    ground.servers.revive()
    after: list[str] = []

    def files_again() -> bool:
        try:
            after.append(_file(base, slug, "After"))
        except NotAnswered:
            return False
        return True

    until(files_again)
    with ground.app.app_context(), transaction() as session:
        filed = set(session.scalars(select(Submission.reference)))
        received = session.scalar(select(func.count()).where(LedgerEntry.kind == Kind.RECEIVED))
        books = queries.audit(session, number)
    assert {*accepted, *after} <= filed
    assert received == len(filed) == books.received
