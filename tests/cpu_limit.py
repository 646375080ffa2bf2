"""A limit of CPU time for code that a text from outside must not be able to stop."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager


class TooSlow(Exception):
    """More CPU time was taken than allowed."""


@contextmanager
def limit_cpu(seconds: float) -> Iterator[None]:
    """Raises TooSlow once this process has worked for so long, however busy the machine is. In the main thread only."""

    def stop(*_: object) -> None:
        raise TooSlow

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
