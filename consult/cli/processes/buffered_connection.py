"""A connection of a web process. Its request is buffered and its response sent without a waiting thread."""

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

from consult.core.settings import MAX_UPLOAD_BYTES

PIECE = 64 * 1024
MAX_HEAD = 64 * 1024
"""The maximum bytes of a request line and headers."""
_IN_MEMORY = 64 * 1024
"""The bytes of a body, or of an unsent response, above which it is written to a file."""
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class ConnectionPhase(IntEnum):
    """The event that a connection waits for, in the order in which connections are dropped if there are too many."""

    IDLE = 0
    """Waits for the first byte of a request."""
    HEAD = 1
    LINGERING = 2
    """Waits for the client to close after the last response."""
    ANSWER = 3
    """Waits for the client to read the rest of a response."""
    BODY = 4
    THREAD = 5
    """Waits for the application's response. Never dropped."""


@dataclass(frozen=True)
class Patience:
    """Time limits for slow clients."""

    idle: float
    head: float
    body: float
    """Seconds that a body or a response may take at any rate."""
    rate: float
    """Bytes per second required after that."""
    linger: float = 2.0


class LengthRequired(Exception):
    """The body uses chunked encoding, so its length is unknown."""


class _BodyUnreader(Unreader):
    """Feeds a buffered body to gunicorn's body reader."""

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__()
        self.file = file

    def chunk(self, size_hint: int | None = None) -> bytes:
        return self.file.read(size_hint or PIECE)


class _GatheredRequest:
    """Replaces gunicorn's request parser: yields the one buffered request, or raises the reason for its refusal."""

    def __init__(self, found: Request | Exception) -> None:
        self.found = found

    def __next__(self) -> Request:
        if isinstance(self.found, Exception):
            raise self.found
        return self.found

    def finish_body(self, **_limits: Any) -> bool:
        """Return True: the buffered request leaves no unread data on the connection, so the next one can follow."""
        return True


class AnswerSocket:
    """The socket to which a thread writes its response. Writing does not block.

    Data that the socket does not accept is buffered, in a file above some size. The event loop sends it later.
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
        """Do nothing, since the socket does not block."""

    def gettimeout(self) -> float:
        return 0.0

    def shutdown(self, _how: int) -> None:
        """Raise an error instead of shutting down. gunicorn calls this; the event loop closes the connection."""
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
        self.initialized = self.data_ready = True  # gunicorn need not wait for anything
        self.head = bytearray()
        self.body: SpooledTemporaryFile[bytes] | None = None
        self.answer: AnswerSocket | None = None
        self.request: Request | None = None
        self.missing = self.held = 0
        self.keeps = False  # whether another request may follow
        self.enter(ConnectionPhase.IDLE)

    def enter(self, phase: ConnectionPhase) -> None:
        self.phase, self.since, self.seen = phase, time.monotonic(), 0
        self.moved, self.credited, self.until = 0, 0, 0.0

    def deadline(self, patience: Patience) -> float:
        """Return the time at which this connection is dropped if nothing changes."""
        if self.phase in (ConnectionPhase.BODY, ConnectionPhase.ANSWER):
            return self._renew_credit(patience)
        seconds = {
            ConnectionPhase.IDLE: patience.idle,
            ConnectionPhase.HEAD: patience.head,
            ConnectionPhase.LINGERING: patience.linger,
        }
        return self.since + seconds[self.phase]

    def _renew_credit(self, patience: Patience) -> float:
        """Extend the deadline by the data transferred since the last check, at the minimum rate.

        The deadline is at most the full time limit from now. So a client that sends most of a body early cannot hold
        the connection longer than one that sends it evenly.
        """
        until = (self.until or self.since + patience.body) + (self.moved - self.credited) / patience.rate
        self.until, self.credited = min(until, time.monotonic() + patience.body), self.moved
        return self.until

    def feed(self, data: bytes) -> bool:
        """Process received data. Return True if a thread can continue with a complete or refused request."""
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
        """Return True once the headers are complete and parsed."""
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
        except Exception as error:  # gunicorn responds to it from a thread as usual
            self._refuse(error)
        else:
            self.head.clear()
            self._expect_body(request, rest)
        return True

    def _skip_blank_lines(self) -> None:
        """Skip empty lines before a request. Source: RFC 9112, section 2.2."""
        while self.head.startswith(b"\r\n"):
            del self.head[:2]
            self.seen = 0

    def _refuse(self, error: Exception) -> None:
        self.head.clear()  # the start of the next request is unknown
        self.parser = _GatheredRequest(error)

    def _expect_body(self, request: Request, rest: bytes) -> None:
        self.request = request
        reader = request.body.reader
        if isinstance(reader, ChunkedReader):
            self._refuse(LengthRequired())
            return
        self.parser = _GatheredRequest(request)
        length = reader.length
        if length > MAX_UPLOAD_BYTES:  # the application refuses it by its length, without the body
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
        """Prepare the connection before a thread handles it."""
        self.enter(ConnectionPhase.THREAD)
        self.answer = AnswerSocket(self.real, self.hold)
        self.sock = self.answer

    def end_answer(self) -> bool:
        """Finish after a thread has handled the request. Return True if the whole response was sent."""
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
        """Continue sending. Return True if the whole response was sent. Raises OSError if the client is gone."""
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
        """Discard the buffers of this connection."""
        for kept in (self.body, self.answer.rest if self.answer else None):
            if kept is not None:
                kept.close()
        self.hold(-self.held)
        self.body, self.answer, self.held = None, None, 0
