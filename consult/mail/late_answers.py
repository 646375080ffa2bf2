"""Slow SMTP servers: a thread waits for the answer after DATA while the worker sends the next letters.

RFC 5321 gives a server ten minutes, in which it may scan the letter. The thread keeps that letter's connection; the
worker opens a new one. The letter's lease ends after the wait, so no other worker takes it meanwhile. The number of
waiting threads is small; while all are in use, that server gets no more letters.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from consult.core import threads
from consult.mail.wire import DeliveryOutcome

MAX_AWAITED = 4
"""Answers that one process waits for at once: as many connections are open besides its own."""
_free = threading.BoundedSemaphore(MAX_AWAITED)


def has_room() -> bool:
    """Whether one more answer can be waited for."""
    if not _free.acquire(blocking=False):
        return False
    _free.release()
    return True


def await_answer(answer: Callable[[], DeliveryOutcome], save: Callable[[DeliveryOutcome], None]) -> threading.Thread:
    """Waits for the answer in a thread and saves what it was.

    Where that fails, or the process ends, the letter's lease ends too, and it is tried again.
    """

    def run() -> None:
        try:
            save(answer())
        finally:
            _free.release()

    _free.acquire()
    return threads.start("mail-answer", run)
