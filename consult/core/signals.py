"""Shutdown by Ctrl-C, SIGTERM or a closed terminal."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from types import FrameType

_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopSignal:
    """What a signal sets, even in the middle of waiting for it.

    `threading.Event` would stop for ever there: to set it takes the lock that the wait just holds. A SimpleQueue may be
    put into at any moment. Source: https://docs.python.org/3/library/queue.html#simplequeue-objects
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
        """Until it is set, `seconds` at most; says whether it is."""
        if not self._set:
            with suppress(Empty):
                self._signals.get(timeout=seconds)
        return self._set


@contextmanager
def catch_stop_signals(on_second: Callable[[], None]) -> Iterator[StopSignal]:
    """What Ctrl-C, SIGTERM or a closed terminal sets. A second Ctrl-C calls `on_second`."""
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
