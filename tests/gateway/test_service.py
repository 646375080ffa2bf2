"""Each item that comes in is read once; what cannot be read is put aside, and nothing stops the others."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from consult.cli import inbound as command
from consult.cli.main import main
from consult.core.clock import now
from consult.gateway import readers, service
from consult.gateway.model import InboundChannel, InboundItem, InboundState
from consult.gateway.readers import Reading
from consult.gateway.service import ASIDE, KNOWN_ALREADY, Envelope
from tests.gateway.hostile import BOUNCE, LETTER, list_named, mutate


def letter(content: bytes, size: int | None = None) -> Envelope:
    return Envelope(InboundChannel.LETTER, content, len(content) if size is None else size)


def reads(_session: Session, _raw: bytes) -> Reading:
    return Reading("read")


def fails(session: Session, raw: bytes) -> Reading:
    session.add(InboundItem(channel=InboundChannel.LETTER, key=b"x", arrived_at=now(), state="read", size=0))
    session.flush()
    raise LookupError(f"unknown encoding: {raw!r}")


def items(session: Session) -> list[tuple[str, str, bool]]:
    session.expire_all()
    rows = session.scalars(select(InboundItem).order_by(InboundItem.id)).all()
    session.commit()
    return [(str(row.state), row.reason, row.sealed is not None) for row in rows]


def test_an_item_is_read_once_and_nothing_of_it_is_kept(session: Session) -> None:
    assert [service.accept(letter(b"one"), reads) for _twice in range(2)] == ["read", KNOWN_ALREADY]
    assert items(session) == [("read", "", False)]


def test_an_item_that_cannot_be_read_is_put_aside_with_a_reason_that_quotes_nothing(session: Session) -> None:
    assert service.accept(letter(b"secret words"), fails) == ASIDE
    [(state, reason, kept)] = items(session)
    assert (state, kept) == ("aside", True)
    assert reason.startswith("Reading it failed: LookupError in test_service.py, line ")
    assert "secret" not in reason
    assert service.accept(letter(b"secret words"), reads) == KNOWN_ALREADY


def test_an_item_that_is_too_large_is_put_aside_unread(session: Session) -> None:
    assert service.accept(letter(b"x", service.MAX_SIZE + 1), reads) == ASIDE
    assert items(session) == [("aside", "It is larger than 5 MB.", True)]


def test_an_item_put_aside_is_read_again_or_deleted(session: Session) -> None:
    for content in (b"one", b"two"):
        service.accept(letter(content), fails)
    first, second = [row.id for row in service.list_aside(session)]
    session.commit()
    assert service.read_again(first, fails) == ASIDE
    assert service.read_again(first, reads) == "read"
    assert service.read_again(first, reads) is None
    assert service.drop(session, [second, 10**6]) == 1
    session.commit()
    assert items(session) == [("read", "", False), ("dropped", items(session)[1][1], False)]


def test_a_database_that_does_not_answer_is_no_fault_of_the_item(session: Session) -> None:
    def loses(_session: Session, _raw: bytes) -> Reading:
        raise OperationalError("SELECT 1", {}, Exception("gone"))

    with pytest.raises(OperationalError):
        service.accept(letter(b"one"), loses)
    assert items(session) == [("reading", "", True)]
    service.record_reading(session, InboundChannel.LETTER, polled=True)
    assert items(session)[0][0] == "reading", "another process may still read it"
    service.record_reading(session, InboundChannel.LETTER, polled=True, at=now() + timedelta(minutes=11))
    session.commit()
    assert items(session) == [("aside", "The process that read it stopped.", True)]


def test_what_was_put_aside_is_kept_for_fourteen_days_and_known_for_ninety(session: Session) -> None:
    service.accept(letter(b"one"), fails)
    for days, expected in ((13, [("aside", True)]), (15, [("dropped", False)]), (91, [])):
        session.execute(update(InboundItem).values(arrived_at=now() - timedelta(days=days)))
        service.purge(session, at=now())
        assert [(state, kept) for state, _reason, kept in items(session)] == expected


@pytest.fixture
def run(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Runs a command in the application of the test, and gives what it says."""
    monkeypatch.setattr(command, "application", lambda: app)

    def invoke(*words: str) -> str:
        answer = CliRunner().invoke(main, words)
        assert answer.exit_code == 0, answer.output
        return answer.stdout

    return invoke


@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    for name in ("new", "cur", "tmp"):
        (tmp_path / "mail" / name).mkdir(parents=True)
    return tmp_path / "mail"


def deliver(maildir: Path, *letters: bytes) -> None:
    for number, raw in enumerate(letters):
        (maildir / "new" / f"{number:05}.host").write_bytes(raw)


def test_letters_that_stopped_the_command_are_all_read_in_one_run(
    session: Session, run: Callable[..., str], maildir: Path
) -> None:
    deliver(maildir, *list_named(), BOUNCE, LETTER)
    said = run("mail", "bounce", "--maildir", str(maildir))
    assert not list((maildir / "new").iterdir())
    assert "left alone" in said
    assert run("inbound", "read", "--maildir", str(maildir)) == "Nothing to read.\n"


def test_of_two_thousand_mutated_letters_none_stops_the_run_and_none_stays_new(
    session: Session, run: Callable[..., str], maildir: Path
) -> None:
    deliver(maildir, *mutate(Random(28), 2_000))
    run("inbound", "read", "--maildir", str(maildir))
    assert not list((maildir / "new").iterdir())
    assert len(list((maildir / "cur").iterdir())) == 2_000
    assert session.scalar(select(func.count()).where(InboundItem.state == InboundState.READING)) == 0
    session.rollback()


def test_a_letter_that_no_reader_takes_is_listed_read_again_and_deleted_by_an_operator(
    session: Session, run: Callable[..., str], maildir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setitem(readers._READERS[InboundChannel.LETTER], "bounces", fails)
        deliver(maildir, LETTER, BOUNCE)
        assert run("inbound", "read", "--maildir", str(maildir)) == "2 put aside\n"
    first, second = run("inbound", "aside").splitlines()
    assert "\tReading it failed: LookupError in test_service.py" in first
    number = first.partition("\t")[0]
    assert run("inbound", "again", number) == f"{number}\tleft alone\n"
    assert run("inbound", "drop", second.partition("\t")[0]) == "1 deleted.\n"
    assert run("inbound", "aside") == ""


def test_a_letter_that_cannot_be_opened_stops_no_other(
    session: Session, run: Callable[..., str], maildir: Path
) -> None:
    (maildir / "new" / "00000.folder").mkdir()
    (maildir / "new" / "00002.gone").symlink_to(maildir / "nowhere")
    (maildir / "new" / "00001.host").write_bytes(LETTER)
    assert "1 left alone" in run("inbound", "read", "--maildir", str(maildir))
