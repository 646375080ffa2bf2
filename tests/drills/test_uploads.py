"""F15 and beside it: line, web process, worker and file store fail while a file is sent or looked at."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from sqlalchemy import func, select, update

from consult.core.db import db, transaction
from consult.files.model import State, StoredFile
from consult.submissions.model import Submission
from tests import factories
from tests.drills.conftest import Ground, until
from tests.drills.far_store import FarStore
from tests.files.samples import jpeg
from tests.visitor import Visitor

pytestmark = pytest.mark.drill
_AWAY = 503


@dataclass
class Sender:
    """Somebody who sends a file over a plain socket, so that the line can break anywhere."""

    visitor: Visitor

    def request(self, data: bytes) -> bytes:
        """The whole of the request that a browser would send."""
        path, mark = f"/c/{self.visitor.slug}/respond/evidence/file", secrets.token_hex(8)
        fields = {**self.visitor.hidden(path), "consent": "y"}
        parts = [
            f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in fields.items()
        ]
        head = f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="photo.jpg"\r\n\r\n'.encode()
        body = b"".join([*parts, head, data, f"\r\n--{mark}--\r\n".encode()])
        cookie = "; ".join(f"{kept.name}={kept.value}" for kept in self.visitor.cookies)
        lines = [
            f"POST {path} HTTP/1.1", f"Host: {urlsplit(self.visitor.base).netloc}", f"Cookie: {cookie}",
            f"Content-Type: multipart/form-data; boundary={mark}", f"Content-Length: {len(body)}", "Connection: close",
        ]  # fmt: skip
        return "\r\n".join([*lines, "", ""]).encode() + body

    def connected(self) -> socket.socket:
        address = urlsplit(self.visitor.base)
        return socket.create_connection((address.hostname or "", address.port or 0), timeout=60)

    def send(self, data: bytes) -> int:
        """Sends it whole; gives the status that was answered."""
        with self.connected() as line:
            line.sendall(self.request(data))
            return int(line.makefile("rb").readline().split()[1])


@pytest.fixture
def sender(ground: Ground) -> Sender:
    with ground.app.app_context(), transaction() as session:
        slug = factories.consultation(session).slug
    return Sender(Visitor(ground.serve(), slug))


def files(ground: Ground) -> list[State]:
    with ground.app.app_context():
        found = list(db.session.scalars(select(StoredFile.state).where(StoredFile.salt.is_not(None))))
        db.session.remove()
    return found


def attempts(ground: Ground) -> int:
    """Return the number of attempts to check the file."""
    with ground.app.app_context():
        found = db.session.scalar(select(func.max(StoredFile.attempts)))
        db.session.remove()
    return found or 0


def test_half_a_file_leaves_nothing_and_sending_it_again_after_a_restart_leaves_one(
    ground: Ground, sender: Sender
) -> None:
    photo = jpeg(1600, 1200)
    sender.visitor.write("Words that were typed before")
    request = sender.request(photo)
    with sender.connected() as line:
        line.sendall(request[: len(request) // 2])
    with sender.connected() as line:
        line.sendall(request[: len(request) // 2])
        ground.kill(ground.processes[-1])
    assert files(ground) == []
    ground.serve(urlsplit(sender.visitor.base).port)
    assert "1 comment" in sender.visitor.open(f"/c/{sender.visitor.slug}/respond")[1]
    assert sender.send(photo) == 303
    assert "photo.jpg" in sender.visitor.open(f"/c/{sender.visitor.slug}/respond/evidence")[1]
    assert files(ground) == [State.WAITING]


def test_a_worker_that_is_killed_over_a_file_leaves_it_to_the_next(ground: Ground, sender: Sender) -> None:
    assert sender.send(jpeg(4000, 3000)) == 303
    worker = ground.start("consult.cli", "worker", "--clock")
    until(lambda: attempts(ground) > 0)
    ground.kill(worker)
    if files(ground) == [State.WAITING]:  # killed before it was done: the lease of a dead worker ends by itself
        with ground.app.app_context(), transaction() as session:
            row = session.scalars(select(StoredFile)).one()
            row.due_at = row.created_at
    ground.start("consult.cli", "worker", "--clock")
    until(lambda: files(ground) == [State.CLEAN], seconds=120)


def test_while_the_file_store_is_down_text_is_accepted_and_a_file_is_refused_with_a_sentence(
    ground: Ground, sender: Sender
) -> None:
    ground.settings["CONSULT_FILES_URL"] = "s3://a:b@evidence?endpoint=http://127.0.0.1:9&region=us-east-1"
    ground.kill(ground.processes[-1])
    ground.serve(urlsplit(sender.visitor.base).port)
    sender.visitor.write("Words without files")
    assert sender.send(jpeg()) == _AWAY
    assert files(ground) == []
    reference = sender.visitor.send()
    with ground.app.app_context():
        assert db.session.scalars(select(Submission.reference)).one() == reference
        db.session.remove()


@pytest.fixture
def far_store() -> Iterator[FarStore]:
    store = FarStore()
    yield store
    store.end()


def test_an_s3_that_goes_away_and_comes_back_loses_no_word_and_no_file_that_was_taken(
    ground: Ground, sender: Sender, far_store: FarStore
) -> None:
    ground.settings["CONSULT_FILES_URL"] = far_store.url
    ground.kill(ground.processes[-1])
    ground.serve(urlsplit(sender.visitor.base).port)
    assert sender.send(jpeg()) == 303
    far_store.close()
    assert sender.send(jpeg()) == _AWAY
    other = Visitor(sender.visitor.base, sender.visitor.slug)
    other.write("Words without a file")
    reference = other.send()
    ground.start("consult.cli", "worker", "--clock")
    until(lambda: attempts(ground) > 0)
    assert files(ground) == [State.WAITING]
    far_store.open()

    def is_clean() -> bool:
        with ground.app.app_context(), transaction() as session:  # a check that failed waits for a minute
            session.execute(update(StoredFile).where(StoredFile.due_at.is_not(None)).values(due_at=func.now()))
        return files(ground) == [State.CLEAN]

    until(is_clean)
    with ground.app.app_context():
        assert db.session.scalars(select(Submission.reference)).one() == reference
        db.session.remove()
