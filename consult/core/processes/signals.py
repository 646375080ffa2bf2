"""Shutdown by Ctrl-C, SIGTERM or a closed terminal."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from types import FrameType

_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopSignal:
    """A flag that a signal handler can set even while another call waits for it.

    `threading.Event` would deadlock, because setting it takes the lock that the waiting call holds. A SimpleQueue is
    reentrant. Source: https://docs.python.org/3/library/queue.html#simplequeue-objects
    """

    def __init__(self) -> None:
        self._signals: SimpleQueue[None] = SimpleQueue()
        self._set = False

    def set(self) -> None:
        self._set = True
        self._signals.put(None)

    def is_set(self) -> bool:
        return self._set

    def wait(self, seconds: float) -> bool:
        """Wait at most `seconds` for the signal and return True if it is set."""
        if not self._set:
            with suppress(Empty):
                self._signals.get(timeout=seconds)
        return self._set


@contextmanager
def catch_stop_signals(on_second: Callable[[], None]) -> Iterator[StopSignal]:
    """Yield a flag set by Ctrl-C, SIGTERM or a closed terminal. A second Ctrl-C calls `on_second`."""
    ended = StopSignal()

    def note(_signal: int, _frame: FrameType | None) -> None:
        if ended.is_set():
            on_second()
        ended.set()

    before = {number: signal.signal(number, note) for number in _STOP_SIGNALS}
    try:
        yield ended
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
