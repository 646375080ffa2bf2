"""gunicorn's threaded worker, with an event loop that buffers requests and responses.

A thread gets a request once it has arrived completely, and writes its response without waiting for the client. A slow
client therefore holds a socket but no thread; one that is too slow is disconnected. See
docs/decisions/0038-worker-class.md.
"""

from __future__ import annotations

import errno
import resource
import selectors
import socket
import time
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from threading import Lock
from typing import Any

from gunicorn import util
from gunicorn.workers.gthread import ThreadWorker

from consult.cli.processes.buffered_connection import (
    PIECE,
    BufferedConnection,
    ConnectionPhase,
    LengthRequired,
    Patience,
)
from consult.core.settings import Settings

MOST_HELD = 2**30
"""The maximum bytes of bodies and responses that a process buffers in its temporary folder."""
_LOOK = 0.5
"""The interval in seconds between checks for slow connections."""
_OTHER_FILES = 200
"""The number of open files of a process that are not connections: database, logs, libraries."""
_TIMEOUT_ANSWER = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
_NO_CONNECTION = {
    errno.EAGAIN, errno.ECONNABORTED, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS, errno.EBADF,
}  # fmt: skip
"""Errors of accept(): no client, disconnected again, no resources, or listener closed."""
_CROWDED = 0.75
"""The share of the buffer limit above which the connections that hold most are dropped to make room."""
_READ, _WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE


class BufferedWorker(ThreadWorker):
    """gunicorn's threaded worker with its own handling of connections."""

    def init_process(self) -> None:
        found = Settings()
        self.patience = Patience(
            idle=found.header_timeout, head=found.header_timeout, body=found.body_timeout, rate=found.body_rate
        )
        self.waiting: dict[BufferedConnection, int] = {}
        self.held, self.lock = 0, Lock()
        self.stopping = self.next_look = 0.0
        most: int = self.cfg.worker_connections
        self.worker_connections = min(most, allow_open_files(2 * most))
        super().init_process()

    def hold(self, size: int) -> None:
        """Count buffered bytes. Raises OSError if the limit is exceeded."""
        with self.lock:
            if size > 0 and self.held + size > MOST_HELD:
                raise OSError(errno.ENOSPC, "too much is kept for slow clients")
            self.held += size

    def set_accept_enabled(self, enabled: bool) -> None:
        """Accept pending connections at shutdown before closing the listeners."""
        super().set_accept_enabled(enabled)
        if not enabled and not self.alive:
            for listener in self.sockets:
                while self.accept(listener):
                    pass
                listener.close()

    def accept(self, listener: socket.socket) -> bool:
        """Accept a connection and return True, or return False if there is none."""
        try:
            client, address = listener.accept()
        except OSError as error:
            if error.errno in _NO_CONNECTION:
                return False
            raise
        self.nr_conns += 1
        connection = BufferedConnection(self.cfg, client, address, listener.getsockname(), self.hold)
        self._move(connection)  # most requests have arrived by then
        return True

    def _wait(self, connection: BufferedConnection, events: int) -> None:
        if connection in self.waiting:
            if events != self.waiting[connection]:
                self.waiting[connection] = events
                self.poller.modify(connection.real, events, partial(self._move, connection))
            return
        self.waiting[connection] = events
        self.poller.register(connection.real, events, partial(self._move, connection))

    def _leave_loop(self, connection: BufferedConnection) -> None:
        del self.waiting[connection]
        self.poller.unregister(connection.real)

    def _move(self, connection: BufferedConnection, _file: object = None) -> None:
        """Handle a readable or writable connection."""
        try:
            if connection.phase is ConnectionPhase.ANSWER:
                if connection.send_rest():
                    self._follow(connection)
                return
            data = connection.real.recv(PIECE)
            if not data:
                self._drop(connection)
            elif connection.phase is not ConnectionPhase.LINGERING and connection.feed(data):
                self._hand_over(connection)
            else:
                self._wait(connection, _READ)
        except BlockingIOError:
            self._wait(connection, _READ)
        except OSError:  # the client is gone, or there is no space for its body
            self._drop(connection)
        except Exception:  # the input of one client must not stop the others
            self.log.exception("Error handling request")
            self._drop(connection)

    def _hand_over(self, connection: BufferedConnection) -> None:
        """Hand a connection with a complete request to a thread."""
        if connection in self.waiting:
            self._leave_loop(connection)
        connection.begin_answer()
        self.enqueue_req(connection)

    def finish_request(self, connection: BufferedConnection, future: Future[bool]) -> None:
        """Handle the end of a response in the event loop after a thread has written it."""
        connection.keeps = not future.cancelled() and future.exception() is None and future.result()
        try:
            if connection.end_answer():
                self._follow(connection)
            else:
                self._wait(connection, _WRITE)
        except OSError:
            self._drop(connection)
        except Exception:  # an error of one connection must not stop the others
            self.log.exception("Error ending request")
            self._drop(connection)

    def _follow(self, connection: BufferedConnection) -> None:
        """Wait for the next request or the end after a response.

        Both sides close, so that the client can read all of it.
        """
        if connection.keeps:
            connection.enter(ConnectionPhase.IDLE)
            if connection.head and connection.feed(b""):
                self._hand_over(connection)
                return
        else:
            connection.enter(ConnectionPhase.LINGERING)
            connection.real.shutdown(socket.SHUT_WR)
        self._wait(connection, _READ)

    def _drop(self, connection: BufferedConnection) -> None:
        if connection in self.waiting:
            self._leave_loop(connection)
        self.nr_conns -= 1
        connection.release()
        util.close(connection.real)

    def murder_pending(self) -> None:
        """Drop connections that exceeded their deadline, and the least important ones if there is no room for more."""
        if self.nr_conns >= self.worker_connections:
            order = sorted(self.waiting, key=lambda each: (each.phase, each.since))
            for connection in order[: max(1, self.worker_connections // 10)]:
                self._cut(connection)
        if self.held > _CROWDED * MOST_HELD:
            self._make_room()
        now = time.monotonic()
        if now < self.next_look:  # called after each event, of which there may be a thousand
            return
        self.next_look = now + _LOOK
        if not self.alive and not self.stopping:
            self.stopping = now + self.patience.linger
        for connection in list(self.waiting):
            waits = connection.phase in (ConnectionPhase.IDLE, ConnectionPhase.HEAD)
            if now > connection.deadline(self.patience) or (waits and self.stopping and now > self.stopping):
                self._cut(connection)

    def _make_room(self) -> None:
        """Drop the connections with the largest buffers until there is room for others."""
        for connection in sorted(self.waiting, key=lambda each: -each.held):
            if self.held <= _CROWDED * MOST_HELD or not connection.held:
                return
            self._cut(connection)

    def _cut(self, connection: BufferedConnection) -> None:
        if connection.phase in (ConnectionPhase.HEAD, ConnectionPhase.BODY):
            with suppress(OSError):
                connection.real.send(_TIMEOUT_ANSWER)
        self._drop(connection)

    def murder_keepalived(self, force: bool = False) -> None:
        """Close all waiting connections if `force`, as at the end of the process. Otherwise do nothing."""
        for connection in list(self.waiting) if force else ():
            self._drop(connection)

    def _cap_keepalive(self, _deadline: float) -> None:
        """Do nothing. `murder_pending` handles keep-alive connections."""

    def handle_error(self, request: Any, client: Any, address: Any, error: Exception) -> None:
        if isinstance(error, LengthRequired):
            util.write_error(client, 411, "Length Required", "Send the length of the body (Content-Length).")
        else:
            super().handle_error(request, client, address, error)


def allow_open_files(wanted: int) -> int:
    """Raise the limit on open files as far as allowed. Return how many connections fit, each with a file."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted + _OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < most:
        soft = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    elif soft == resource.RLIM_INFINITY:
        soft = most
    return max(16, (soft - _OTHER_FILES) // 2)
