"""Slow SMTP servers: a thread waits for the answer after DATA while the worker sends the next e-mails.

RFC 5321 allows a server ten minutes to answer, for example to scan the e-mail. The thread keeps the connection, and the
worker opens a new one. The lease of the e-mail outlasts the wait, so no other worker takes it meanwhile. The number of
waiting threads is small. While all are in use, that server gets no more e-mails.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from consult.core.processes import threads
from consult.mail.wire import DeliveryOutcome

MAX_AWAITED = 4
"""Maximum number of answers one process waits for. Each keeps a connection open."""
_free = threading.BoundedSemaphore(MAX_AWAITED)


def has_room() -> bool:
    """Return whether another answer can be awaited."""
    if not _free.acquire(blocking=False):
        return False
    _free.release()
    return True


def await_answer(answer: Callable[[], DeliveryOutcome], save: Callable[[DeliveryOutcome], None]) -> threading.Thread:
    """Wait for the answer in a thread and save it.

    If that fails or the process ends, the lease expires and the e-mail is tried again.
    """

    def run() -> None:
        try:
            save(answer())
        finally:
            _free.release()

    _free.acquire()
    return threads.start("mail-answer", run)
