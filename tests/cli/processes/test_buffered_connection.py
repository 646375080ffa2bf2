"""Gathering requests and keeping answers, on a pair of sockets."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from gunicorn.config import Config
from gunicorn.http.errors import InvalidHeader, LimitRequestHeaders

from consult.cli.processes import buffered_connection
from consult.cli.processes.buffered_connection import BufferedConnection, ConnectionPhase, LengthRequired, Patience
from consult.cli.processes.buffered_worker import MOST_HELD, BufferedWorker

BODY = bytes(range(256)) * 1024
POST = b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % len(BODY)
GET = b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n"
PATIENCE = Patience(idle=10, head=10, body=30, rate=500)


class Wire:
    """A connection, the client's end of it, and the bytes that it keeps."""

    def __init__(self) -> None:
        self.held = 0
        here, self.client = socket.socketpair()
        self.client.settimeout(5)
        self.connection = BufferedConnection(Config(), here, ("127.0.0.1", 1), ("127.0.0.1", 2), self.hold)

    def hold(self, size: int) -> None:
        self.held += size

    def close(self) -> None:
        self.connection.release()
        self.connection.real.close()
        self.client.close()


@pytest.fixture
def wire() -> Iterator[Wire]:
    found = Wire()
    yield found
    found.close()


def request(wire: Wire) -> object:
    assert wire.connection.parser is not None
    return next(wire.connection.parser)


@pytest.mark.parametrize("size", [1, 7, 4096, 10**9])
def test_a_body_is_the_same_however_it_is_cut_into_pieces(wire: Wire, size: int) -> None:
    size = max(size, 4096) if size < 7 else size
    whole = POST + BODY
    pieces = [whole[:3], *(whole[at : at + size] for at in range(3, len(whole), size))]
    assert [wire.connection.feed(piece) for piece in pieces] == [False] * (len(pieces) - 1) + [True]
    assert wire.connection.parser is not None
    assert next(wire.connection.parser).body.read() == BODY
    assert wire.held == len(BODY)
    wire.connection.begin_answer()
    assert wire.connection.end_answer()
    assert wire.held == 0


def test_headers_may_come_byte_by_byte(wire: Wire) -> None:
    assert [wire.connection.feed(GET[at : at + 1]) for at in range(len(GET))] == [False] * (len(GET) - 1) + [True]


def test_the_next_request_of_a_pipeline_waits_for_the_answer(wire: Wire) -> None:
    assert wire.connection.feed(GET + POST + BODY + GET)
    for _next in range(2):
        wire.connection.begin_answer()
        assert wire.connection.end_answer()
        wire.connection.enter(ConnectionPhase.IDLE)
        assert wire.connection.feed(b"")
    assert not wire.connection.head


@pytest.mark.parametrize(
    ("sent", "refused"),
    [
        (b"GET / HTTP/1.1\nHost: a\n\n", InvalidHeader),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: y\n\r\n", InvalidHeader),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"y" * 70_000, LimitRequestHeaders),
        (POST[:-2] + b"Transfer-Encoding: chunked\r\n\r\n", InvalidHeader),
        (POST[:-2] + b"Content-Length: 1\r\n\r\n", InvalidHeader),
        (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", LengthRequired),
    ],
)
def test_a_request_without_one_clear_length_is_refused_and_nothing_follows_it(
    wire: Wire, sent: bytes, refused: type[Exception]
) -> None:
    assert wire.connection.feed(sent)
    with pytest.raises(refused):
        request(wire)
    assert not wire.connection.head


def test_a_body_that_is_too_large_is_not_read_and_ends_the_connection(wire: Wire) -> None:
    assert wire.connection.feed(POST.replace(b"%d" % len(BODY), b"99999999999") + BODY)
    assert wire.connection.parser is not None
    found = next(wire.connection.parser)
    assert (found.body.read(), found.should_close(), wire.held) == (b"", True, 0)


def test_who_asks_whether_to_send_a_body_is_told_at_once(wire: Wire) -> None:
    wire.connection.feed(POST[:-2] + b"Expect: 100-continue\r\n\r\n")
    assert wire.client.recv(99) == b"HTTP/1.1 100 Continue\r\n\r\n"


def test_an_answer_that_nobody_reads_is_kept_and_sent_on_whole(wire: Wire) -> None:
    wire.connection.feed(GET)
    wire.connection.begin_answer()
    assert wire.connection.answer is not None
    for _piece in range(20):
        wire.connection.answer.sendall(BODY)
    assert not wire.connection.end_answer()
    assert wire.held > 0
    got = bytearray()
    while not wire.connection.send_rest():
        got += wire.client.recv(2**20)
    wire.connection.real.close()
    while piece := wire.client.recv(2**20):
        got += piece
    assert bytes(got) == BODY * 20
    assert wire.held == 0


def test_a_body_may_take_long_if_it_moves_and_headers_may_not(wire: Wire) -> None:
    wire.connection.feed(GET[:5])
    began = wire.connection.since
    wire.connection.feed(GET[5:9])
    assert wire.connection.deadline(PATIENCE) == began + 10
    wire.connection.feed(GET[9:])
    wire.connection.begin_answer()
    wire.connection.end_answer()
    wire.connection.enter(ConnectionPhase.IDLE)
    wire.connection.feed(POST + BODY[:100_000])
    assert wire.connection.deadline(PATIENCE) <= wire.connection.since + 31


def test_who_sends_most_of_a_body_at_once_holds_it_no_longer_than_one_who_sends_evenly(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = [1000.0]
    monkeypatch.setattr(buffered_connection, "time", SimpleNamespace(monotonic=lambda: at[0]))
    wire.connection.feed(POST + BODY[:250_000])  # at 500 bytes a second these would take eight minutes
    assert wire.connection.deadline(PATIENCE) == 1030
    at[0] = 1020
    assert wire.connection.deadline(PATIENCE) == 1030
    wire.connection.feed(BODY[250_000:250_500])
    assert wire.connection.deadline(PATIENCE) == 1031, "a second for what a second must bring"


def test_where_too_much_is_held_those_that_hold_most_are_cut_until_the_others_have_room() -> None:
    class Held:
        def __init__(self, held: int) -> None:
            self.held = held

    worker, cut = BufferedWorker.__new__(BufferedWorker), []
    small, large, larger = Held(2**10), Held(2**28), Held(2**29)
    worker.waiting = dict.fromkeys((small, large, larger), 1)  # type: ignore[arg-type]
    worker.held = MOST_HELD

    def note(connection: Held) -> None:
        cut.append(connection)
        worker.held -= connection.held

    worker._cut = note  # type: ignore[method-assign, assignment]
    worker._make_room()
    assert cut == [larger]
