"""Runs a module with a clock that a file moves: `python -m tests.drills.moved_clock FILE MODULE ARGUMENT …`.

The file holds the seconds by which the clock of this process, and of those it forks, is ahead; it may change at any
time. The database keeps the true time.
"""

from __future__ import annotations

import runpy
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import time_machine

_LOOKS_EVERY = 0.05


class MovedClock:
    def __init__(self, file: Path) -> None:
        self._file = file
        self._ahead = 0.0
        self._travel: time_machine.travel | None = None

    def look(self) -> None:
        """Moves the clock where the file says something else than before."""
        ahead = float(self._file.read_text() or 0)
        if ahead == self._ahead:
            return
        if self._travel:
            self._travel.stop()
        self._ahead, self._travel = ahead, None
        if ahead:
            self._travel = time_machine.travel(datetime.now(UTC) + timedelta(seconds=ahead), tick=True)
            self._travel.start()

    def follow(self) -> None:
        while True:
            time.sleep(_LOOKS_EVERY)
            self.look()


if __name__ == "__main__":
    clock = MovedClock(Path(sys.argv[1]))
    clock.look()
    threading.Thread(target=clock.follow, daemon=True).start()
    sys.argv = sys.argv[2:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
