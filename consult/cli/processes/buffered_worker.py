"""gunicorn's worker with threads, with an event loop that gathers requests and sends answers.

A thread has a request only once all of it has come, and writes its answer without waiting for the reader: a client that
is slow holds a socket and no thread. One that is too slow is cut. See docs/decisions/0038-worker-class.md.
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
"""Bytes of bodies and answers that a process keeps in its temporary folder at once."""
_LOOK = 0.5
"""Seconds after which is looked again for connections that take too long."""
_OTHER_FILES = 200
"""Open files of a process that are not connections: of the database, logs, libraries."""
_TIMEOUT_ANSWER = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
_NO_CONNECTION = {
    errno.EAGAIN, errno.ECONNABORTED, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS, errno.EBADF,
}  # fmt: skip
"""Nobody there, gone again, no room for one, or closed already."""
_CROWDED = 0.75
"""Of what may be held: beyond, those that hold most are cut, so that there is room for others."""
_READ, _WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE


class BufferedWorker(ThreadWorker):
    """The loop is gunicorn's own; what it does with a connection is replaced."""

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
        """Counts bytes that are kept; raises OSError where there is no room for more."""
        with self.lock:
            if size > 0 and self.held + size > MOST_HELD:
                raise OSError(errno.ENOSPC, "too much is kept for slow clients")
            self.held += size

    def set_accept_enabled(self, enabled: bool) -> None:
        """At the end those that have connected already are taken, and then nobody can."""
        super().set_accept_enabled(enabled)
        if not enabled and not self.alive:
            for listener in self.sockets:
                while self.accept(listener):
                    pass
                listener.close()

    def accept(self, listener: socket.socket) -> bool:
        """Takes a connection, if there is one."""
        try:
            client, address = listener.accept()
        except OSError as error:
            if error.errno in _NO_CONNECTION:
                return False
            raise
        self.nr_conns += 1
        connection = BufferedConnection(self.cfg, client, address, listener.getsockname(), self.hold)
        self._move(connection)  # most requests have come by then
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
        """Something can be read from it, or written to it."""
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
        except OSError:  # the client is gone, or there is no room for its body
            self._drop(connection)
        except Exception:  # what one client sends must not end the others
            self.log.exception("Error handling request")
            self._drop(connection)

    def _hand_over(self, connection: BufferedConnection) -> None:
        """To a thread."""
        if connection in self.waiting:
            self._leave_loop(connection)
        connection.begin_answer()
        self.enqueue_req(connection)

    def finish_request(self, connection: BufferedConnection, future: Future[bool]) -> None:
        """In the loop, after a thread has written its answer."""
        connection.keeps = not future.cancelled() and future.exception() is None and future.result()
        try:
            if connection.end_answer():
                self._follow(connection)
            else:
                self._wait(connection, _WRITE)
        except OSError:
            self._drop(connection)
        except Exception:  # what one connection meets must not end the others
            self.log.exception("Error ending request")
            self._drop(connection)

    def _follow(self, connection: BufferedConnection) -> None:
        """After the whole answer: the next request, or the end. Both sides close, so that the client reads it all."""
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
        """Cuts those that take too long, and the least of all where there is no room for another."""
        if self.nr_conns >= self.worker_connections:
            order = sorted(self.waiting, key=lambda each: (each.phase, each.since))
            for connection in order[: max(1, self.worker_connections // 10)]:
                self._cut(connection)
        if self.held > _CROWDED * MOST_HELD:
            self._make_room()
        now = time.monotonic()
        if now < self.next_look:  # called after each event, and there may be a thousand
            return
        self.next_look = now + _LOOK
        if not self.alive and not self.stopping:
            self.stopping = now + self.patience.linger
        for connection in list(self.waiting):
            waits = connection.phase in (ConnectionPhase.IDLE, ConnectionPhase.HEAD)
            if now > connection.deadline(self.patience) or (waits and self.stopping and now > self.stopping):
                self._cut(connection)

    def _make_room(self) -> None:
        """Cuts those that hold most of bodies and answers, until the others have room."""
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
        """All are among those that wait; at the end of the process they are dropped."""
        for connection in list(self.waiting) if force else ():
            self._drop(connection)

    def _cap_keepalive(self, _deadline: float) -> None:
        """See murder_pending."""

    def handle_error(self, request: Any, client: Any, address: Any, error: Exception) -> None:
        if isinstance(error, LengthRequired):
            util.write_error(client, 411, "Length Required", "Say how long the body is (Content-Length).")
        else:
            super().handle_error(request, client, address, error)


def allow_open_files(wanted: int) -> int:
    """Raises this process's limit of open files as far as it may. How many connections fit, each with a file."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted + _OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < most:
        soft = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    elif soft == resource.RLIM_INFINITY:
        soft = most
    return max(16, (soft - _OTHER_FILES) // 2)
