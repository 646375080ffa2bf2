"""One connection of a web process: its request is gathered, and its answer sent, without a thread that waits for it."""

from __future__ import annotations

import errno
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from gunicorn.http.body import ChunkedReader
from gunicorn.http.errors import InvalidHeader, LimitRequestHeaders
from gunicorn.http.message import Request
from gunicorn.http.unreader import IterUnreader, Unreader
from gunicorn.workers.gthread import TConn

from consult.submissions.evidence.views import MAX_UPLOAD_BYTES

PIECE = 64 * 1024
MAX_HEAD = 64 * 1024
"""Bytes of a request's first line and headers."""
_IN_MEMORY = 64 * 1024
"""Bytes of a body, and of an answer that nobody reads yet, before they go to a file."""
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class ConnectionPhase(IntEnum):
    """What is waited for, in the order in which connections are given up where there are too many."""

    IDLE = 0
    """The first byte of a request."""
    HEAD = 1
    LINGERING = 2
    """That the client closes, after the last answer."""
    ANSWER = 3
    """That the client reads the rest of an answer."""
    BODY = 4
    THREAD = 5
    """The answer of the application: never given up."""


@dataclass(frozen=True)
class Patience:
    """For how long is waited."""

    idle: float
    head: float
    body: float
    """Seconds that a body or an answer may take whatever its rate."""
    rate: float
    """Bytes a second that are demanded of them after that."""
    linger: float = 2.0


class LengthRequired(Exception):
    """The body is sent in chunks: how long it will be is not known."""


class _BodyUnreader(Unreader):
    """Gives gunicorn's reader of a body what was gathered."""

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__()
        self.file = file

    def chunk(self, size_hint: int | None = None) -> bytes:
        return self.file.read(size_hint or PIECE)


class _GatheredRequest:
    """Stands for gunicorn's parser of a connection: the one request that was gathered, or why it is refused."""

    def __init__(self, found: Request | Exception) -> None:
        self.found = found

    def __next__(self) -> Request:
        if isinstance(self.found, Exception):
            raise self.found
        return self.found

    def finish_body(self, **_limits: Any) -> bool:
        """Whether the next request can follow: what the application did not read is not on the wire any more."""
        return True


class AnswerSocket:
    """What a thread writes its answer to: it never waits for the client.

    What the socket does not take at once is kept, in a file beyond some size; the event loop sends it later.
    """

    def __init__(self, sock: socket.socket, hold: Callable[[int], None]) -> None:
        self.real, self.hold = sock, hold
        self.rest: SpooledTemporaryFile[bytes] | None = None
        self.size = 0

    def sendall(self, data: bytes) -> None:
        view = memoryview(data)
        while view and self.rest is None:
            try:
                view = view[self.real.send(view) :]
            except BlockingIOError:
                self.rest = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - closed with the connection
        if view and self.rest is not None:
            self.hold(len(view))
            self.size += len(view)
            self.rest.write(view)

    def send(self, data: bytes) -> int:
        self.sendall(data)
        return len(data)

    def sendfile(self, file: IO[bytes], offset: int = 0, count: int | None = None) -> int:
        file.seek(offset)
        left = count if count is not None else 2**62
        while left and (piece := file.read(min(PIECE, left))):
            self.sendall(piece)
            left -= len(piece)
        return file.tell() - offset

    def setblocking(self, _blocks: bool) -> None:
        """The socket itself never blocks."""

    def gettimeout(self) -> float:
        return 0.0

    def shutdown(self, _how: int) -> None:
        """gunicorn's end of an answer that broke: the event loop ends the connection instead."""
        raise OSError(errno.ENOTCONN, "ended by the event loop")

    def close(self) -> None:
        pass


class BufferedConnection(TConn):
    """The state of one connection in the event loop."""

    def __init__(self, cfg: Any, sock: socket.socket, client: Any, server: Any, hold: Callable[[int], None]) -> None:
        super().__init__(cfg, sock, client, server)
        self.real = sock
        self.hold = hold
        self.sock: socket.socket | AnswerSocket = sock
        self.parser: _GatheredRequest | None = None
        self.initialized = self.data_ready = True  # nothing is left for gunicorn to wait for
        self.head = bytearray()
        self.body: SpooledTemporaryFile[bytes] | None = None
        self.answer: AnswerSocket | None = None
        self.request: Request | None = None
        self.missing = self.held = 0
        self.keeps = False  # whether a request may follow
        self.enter(ConnectionPhase.IDLE)

    def enter(self, phase: ConnectionPhase) -> None:
        self.phase, self.since, self.seen = phase, time.monotonic(), 0
        self.moved, self.credited, self.until = 0, 0, 0.0

    def deadline(self, patience: Patience) -> float:
        """When this connection is given up if nothing changes."""
        if self.phase in (ConnectionPhase.BODY, ConnectionPhase.ANSWER):
            return self._renew_credit(patience)
        seconds = {
            ConnectionPhase.IDLE: patience.idle,
            ConnectionPhase.HEAD: patience.head,
            ConnectionPhase.LINGERING: patience.linger,
        }
        return self.since + seconds[self.phase]

    def _renew_credit(self, patience: Patience) -> float:
        """What has moved since the last look gives time at the least rate, never more than the patience from now on.

        So a client that sends most of a body at once can hold it no longer than one that sends it evenly.
        """
        until = (self.until or self.since + patience.body) + (self.moved - self.credited) / patience.rate
        self.until, self.credited = min(until, time.monotonic() + patience.body), self.moved
        return self.until

    def feed(self, data: bytes) -> bool:
        """Takes what has come. True where a thread can go on: with a whole request, or one that is refused."""
        if self.phase is ConnectionPhase.BODY:
            self._keep(data)
        else:
            if self.phase is ConnectionPhase.IDLE:
                self.enter(ConnectionPhase.HEAD)
            self.head += data
            if not self._read_head():
                return False
        if self.missing > 0:
            return False
        if self.body is not None:
            self.body.seek(0)
        return True

    def _read_head(self) -> bool:
        """True once it is known what follows the headers."""
        self._skip_blank_lines()
        seen, self.seen = self.seen, max(0, len(self.head) - 3)
        end = self.head.find(b"\r\n\r\n", seen)
        if end < 0:
            if len(self.head) > MAX_HEAD:
                self._refuse(LimitRequestHeaders("too large"))
                return True
            if self.head.find(b"\n\n", seen) >= 0 or self.head.find(b"\n\r\n", seen) >= 0:
                self._refuse(InvalidHeader("a line that ends with LF alone"))
                return True
            return False
        head, rest = bytes(self.head[: end + 4]), bytes(self.head[end + 4 :])
        try:
            request = Request(self.cfg, IterUnreader([head]), self.client, 1)
        except Exception as error:  # gunicorn answers it from a thread, as it would have
            self._refuse(error)
        else:
            self.head.clear()
            self._expect_body(request, rest)
        return True

    def _skip_blank_lines(self) -> None:
        """Source: RFC 9112, section 2.2: a server should ignore an empty line before a request."""
        while self.head.startswith(b"\r\n"):
            del self.head[:2]
            self.seen = 0

    def _refuse(self, error: Exception) -> None:
        self.head.clear()  # where the next request would begin is not known
        self.parser = _GatheredRequest(error)

    def _expect_body(self, request: Request, rest: bytes) -> None:
        self.request = request
        reader = request.body.reader
        if isinstance(reader, ChunkedReader):
            self._refuse(LengthRequired())
            return
        self.parser = _GatheredRequest(request)
        length = reader.length
        if length > MAX_UPLOAD_BYTES:  # answered without it by the application, which looks at the length
            request.force_close()
            request._expected_100_continue = False
            reader.length = 0
            return
        if length == 0:
            self.head += rest
            return
        self.body = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - closed by release()
        reader.unreader = _BodyUnreader(self.body)
        self.missing = length
        self.enter(ConnectionPhase.BODY)
        if request._expected_100_continue:
            request._expected_100_continue = False
            if not rest:
                self.real.send(CONTINUE)
        self._keep(rest)

    def _keep(self, data: bytes) -> None:
        taken = data[: self.missing]
        self.hold(len(taken))
        self.held += len(taken)
        self.missing -= len(taken)
        self.moved += len(taken)
        assert self.body is not None
        self.body.write(taken)
        self.head += data[len(taken) :]

    def begin_answer(self) -> None:
        """Before a thread has it."""
        self.enter(ConnectionPhase.THREAD)
        self.answer = AnswerSocket(self.real, self.hold)
        self.sock = self.answer

    def end_answer(self) -> bool:
        """After a thread had it. True where all of the answer has been sent."""
        self.sock = self.real
        if self.body is not None:
            self.body.close()
            self.body = None
        self.hold(-self.held)
        self.held, self.request, self.parser = 0, None, None
        if self.answer is None or self.answer.rest is None:
            self.answer = None
            return True
        self.held = self.answer.size
        self.answer.rest.seek(0)
        self.enter(ConnectionPhase.ANSWER)
        return False

    def send_rest(self) -> bool:
        """Sends on. True where all of the answer has been sent. Raises OSError where the client is gone."""
        if self.answer is None or self.answer.rest is None:
            return True
        rest = self.answer.rest
        while piece := rest.read(PIECE):
            try:
                sent = self.real.send(piece)
            except BlockingIOError:
                sent = 0
            self.moved += sent
            if sent < len(piece):
                rest.seek(sent - len(piece), 1)
                return False
        self.release()
        return True

    def release(self) -> None:
        """Gives up what is kept for it."""
        for kept in (self.body, self.answer.rest if self.answer else None):
            if kept is not None:
                kept.close()
        self.hold(-self.held)
        self.body, self.answer, self.held = None, None, 0
