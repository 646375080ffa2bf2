"""From what is sent to what is shown: kept sealed, checked once however often it is asked, destroyed for good."""

from __future__ import annotations

import shutil
import socketserver
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from consult.core import queue
from consult.core.clock import now
from consult.core.db import db, transaction
from consult.core.errors import NotFound
from consult.core.settings import Secret, Settings
from consult.files import clamd, inspection, queries, service, store, tasks
from consult.files.model import State, StoredFile
from consult.site.service import check_health
from tests.files.looking import check
from tests.files.samples import CANARY, EICAR, jpeg


@pytest.fixture
def kept(app: Flask, session: Session) -> StoredFile:
    row = service.receive(session, data=jpeg(), name="C:\\photos\\my photo.JPG")
    session.commit()
    return row


@pytest.fixture
def scanner() -> Iterator[str]:
    """A server that speaks clamd's INSTREAM and knows one virus: the bytes WORM."""

    class Scanner(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            if (asked := self.rfile.read(6)) == b"zPING\0":
                self.wfile.write(b"PONG\0")
                return
            assert asked + self.rfile.read(4) == b"zINSTREAM\0"
            data = b""
            while size := int.from_bytes(self.rfile.read(4), "big"):
                data += self.rfile.read(size)
            if b"BREAK" in data:
                self.wfile.write(b"INSTREAM size limit exceeded. ERROR\0")
            else:
                self.wfile.write(b"stream: Worm.A FOUND\0" if b"WORM" in data else b"stream: OK\0")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Scanner) as server:
        worker = threading.Thread(target=server.serve_forever, args=(0.05,))
        worker.start()
        yield f"tcp://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        worker.join()


@pytest.fixture
def settings_with(app: Flask) -> Iterator[Any]:
    """`settings_with(clamd_url=…)` for the rest of the test."""
    before: Settings = app.config["SETTINGS"]
    yield lambda **changes: app.config.update(SETTINGS=replace(before, **changes))
    app.config.update(SETTINGS=before)


def test_a_file_is_kept_sealed_under_a_name_that_tells_nothing(kept: StoredFile, settings: Settings) -> None:
    assert kept.name == "my photo.JPG"
    places = [path for path in (settings.data_dir / "files").rglob("*") if path.is_file()]
    mine = [path for path in places if kept.folder in str(path)]
    assert len(mine) == 1
    assert b"Exif" not in mine[0].read_bytes()
    assert CANARY.encode() not in mine[0].read_bytes()
    assert CANARY.encode() in store.get(kept.original, kept.salt or b"")


def test_a_checked_file_has_a_copy_page_images_and_a_list_of_what_was_removed(
    kept: StoredFile, session: Session
) -> None:
    assert check(kept.id)
    row = session.get_one(StoredFile, kept.id)
    assert (row.state, row.clean_kind, row.pages, row.due_at) == (State.CLEAN, "jpeg", 1, None)
    assert "place" in row.removed
    assert CANARY.encode() not in queries.read_copy(row)
    assert queries.read_page_image(session, row.id, 1)[8:12] == b"WEBP"


def test_a_file_is_looked_at_once_however_often_workers_are_asked(kept: StoredFile, session: Session) -> None:
    assert [check(kept.id) for _time in range(3)] == [True, False, False]
    assert session.get_one(StoredFile, kept.id).attempts == 1


def test_the_clock_finds_what_the_broker_lost(app: Flask, kept: StoredFile, session: Session, monkeypatch: Any) -> None:
    monkeypatch.setitem(queue._away, "until", float("inf"))
    with app.app_context():
        tasks.sweep(db.session())
    session.expire_all()
    assert session.get_one(StoredFile, kept.id).state is State.CLEAN


def test_a_worker_that_died_over_a_file_leaves_it_to_the_next(kept: StoredFile, session: Session) -> None:
    kept.due_at = now() + timedelta(minutes=4)  # its lease
    session.commit()
    assert not check(kept.id)
    session.get_one(StoredFile, kept.id).due_at = now()
    session.commit()
    assert check(kept.id)


def test_a_virus_that_the_scanner_knows_is_refused(session: Session, scanner: str, settings_with: Any) -> None:
    settings_with(clamd_url=scanner)
    bad = service.receive(session, data=b"one,two\nWORM,2\n" * 9000, name="a.csv")
    good = service.receive(session, data=b"one,two\n1,2\n", name="b.csv")
    session.commit()
    assert check(bad.id)
    assert check(good.id)
    assert (bad.state, bad.reason, good.state) == (State.REFUSED, "virus", State.CLEAN)


def test_a_scanner_that_cannot_say_is_not_taken_for_a_yes(scanner: str) -> None:
    with pytest.raises(clamd.ScannerAway):
        clamd.is_infected(scanner, b"BREAK")


def test_while_the_scanner_is_away_a_file_waits_then_is_held_and_is_clean_once_it_is_back(
    session: Session, scanner: str, settings_with: Any
) -> None:
    settings_with(clamd_url="unix:///nowhere/clamd.sock")
    row = service.receive(session, data=b"one,two\n1,2\n", name="b.csv")
    session.commit()
    states = []
    for _attempt in range(5):
        row.due_at = now()
        session.commit()
        assert not check(row.id)
        states.append(row.state)
    assert states == [State.WAITING] * 4 + [State.HELD]
    assert row.due_at is not None
    settings_with(clamd_url=scanner)
    row.due_at = now()
    session.commit()
    assert check(row.id)
    assert row.state is State.CLEAN


def test_the_test_virus_is_refused_without_any_scanner(session: Session) -> None:
    with pytest.raises(service.FileRefused) as refused:
        service.receive(session, data=EICAR, name="a.txt")
    assert refused.value.code == "virus"


def test_an_erased_file_cannot_be_read_even_by_who_holds_its_bytes(
    kept: StoredFile, session: Session, settings: Settings, tmp_path: Path
) -> None:
    check(kept.id)
    folder = settings.data_dir / "files" / kept.folder
    backup = shutil.copytree(folder, tmp_path / "backup")
    row = session.get_one(StoredFile, kept.id)
    service.erase(session, [row.id])
    session.commit()
    session.refresh(row)
    assert (row.salt, row.name, row.text, row.sha256) == (None, "", "", None)
    with pytest.raises(NotFound):
        queries.read_copy(row)
    assert service.shred(session) == 1
    session.commit()
    assert not any(path.is_file() for path in folder.rglob("*"))
    assert session.get(StoredFile, row.id) is None
    assert len(list(backup.iterdir())) == 3


def test_a_file_that_is_erased_while_it_is_looked_at_leaves_nothing(
    kept: StoredFile, session: Session, settings: Settings, monkeypatch: Any
) -> None:
    looked_at = inspection._looked_at

    def meanwhile(claimed: Any) -> Any:
        found = looked_at(claimed)
        with transaction() as other:
            service.erase(other, [claimed.id])
            service.shred(other)
        return found

    monkeypatch.setattr(inspection, "_looked_at", meanwhile)
    folder = settings.data_dir / "files" / kept.folder
    check(kept.id)
    assert not any(path.is_file() for path in folder.rglob("*"))


def test_a_store_without_room_is_a_clear_answer(session: Session, settings_with: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    settings_with(data_dir=tmp_path / "file")
    with pytest.raises(store.StoreAway) as away:
        service.receive(session, data=b"a,b\n", name="a.csv")
    assert away.value.status == 503
    assert "safe" in away.value.message


def test_health_tells_of_a_file_store_and_a_virus_scanner_that_do_not_answer(
    session: Session, scanner: str, settings_with: Any, app: Flask
) -> None:
    settings_with(clamd_url=scanner)
    assert clamd.is_answering(scanner)
    found = {check.name: check.status for check in check_health(session, app.config["SETTINGS"]).checks}
    assert found["scanner"] == "ok"
    settings_with(
        clamd_url="unix:///nowhere/clamd.sock",
        files_url=Secret("s3://a:b@evidence?endpoint=http://127.0.0.1:9&region=us-east-1"),
    )
    found = {check.name: check.status for check in check_health(session, app.config["SETTINGS"]).checks}
    assert (found["scanner"], found["files"]) == ("degraded", "degraded")
