"""A group of processes: started together, watched, and stopped in order."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from consult.core.processes.signals import StopSignal
from consult.embedded.process import SupervisedProcess

_FIRST_WAIT, _LONGEST_WAIT = 1.0, 30.0
_STEADY_SECONDS = 60.0


@dataclass
class _Child:
    process: SupervisedProcess
    started: float
    wait: float = _FIRST_WAIT
    due: float | None = None


class Supervisor:
    """A supervisor that starts processes, restarts those that end, and stops them in order."""

    def __init__(self, report: Callable[[str], None]) -> None:
        self.report = report
        self._children: list[_Child] = []

    def start(self, process: SupervisedProcess) -> None:
        process.start()
        self._children.append(_Child(process, time.monotonic()))

    @property
    def fallen(self) -> list[SupervisedProcess]:
        """Return the processes that are not running now."""
        return [child.process for child in self._children if not child.process.alive]

    def tend(self) -> None:
        """Detect dead processes and restart those that are due: after 1 s, then 2, 4 … 30 s if one keeps dying."""
        for child in self._children:
            if not child.process.alive:
                self._tend(child, time.monotonic())

    def _tend(self, child: _Child, now: float) -> None:
        if child.due is None:
            child.process.clear_remains()
            steady = now - child.started > _STEADY_SECONDS
            child.wait = _FIRST_WAIT if steady else child.wait
            child.due = now + child.wait
            self.report(
                f"The process “{child.process.name}” stopped unexpectedly ({child.process.how_it_ended}). "
                f"It restarts in {child.wait:.0f} s."
            )
            child.wait = min(child.wait * 2, _LONGEST_WAIT)
        elif child.due <= now:
            child.process.start()
            child.started, child.due = now, None

    def stop(self) -> None:
        """Stop the processes one after another, and report those that had to be killed."""
        while self._children:
            process = self._children[0].process
            if process.alive and not process.stop():
                said = f"did not stop within {process.patience:.0f} s and was killed."
                self.report(f"The process “{process.name}” {said}")
            process.clear_remains()
            del self._children[0]

    def hurry(self) -> None:
        """Kill all processes without waiting, after the second Ctrl-C."""
        for child in self._children:
            child.process.patience = 0.5
            child.process.kill()

    def watch(self, ended: StopSignal, chores: Callable[[], None] = lambda: None) -> None:
        """Supervise the processes until `ended` is set. Call `chores` at each check."""
        while not ended.wait(0.5):
            self.tend()
            chores()
