"""Start of parts of Consult as forks of this process, which has imported them already.

Forks start seconds faster and share memory, as with gunicorn's --preload. Only a process without threads and open
connections may be forked, so the parent keeps to that.
"""

from __future__ import annotations

import os
import runpy
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NoReturn

from consult.embedded.launch import die_with
from consult.embedded.process import SupervisedProcess, wait_until

_INHERITED = range(3, 256)
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class ForkedChild:
    """A forked process with the part of subprocess.Popen's interface that supervision needs."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        if timeout is None:
            timeout = float("inf")
        if not wait_until(lambda: self.poll() is not None, timeout):
            raise subprocess.TimeoutExpired(str(self.pid), timeout)
        return self.returncode or 0

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)


@dataclass
class ForkedProcess(SupervisedProcess):
    """A supervised process that runs `work` in a fork of this process."""

    work: Callable[[], object] = lambda: None

    def _spawn(self, log: int | None) -> ForkedChild:
        sys.stdout.flush()
        sys.stderr.flush()
        parent = os.getpid()
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)  # signals arriving now wait for their handler
        try:
            pid = os.fork()
            if pid == 0:
                self._be(parent, log)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        return ForkedChild(pid)

    def _be(self, parent: int, log: int | None) -> NoReturn:
        """Run the fork until it exits. It never returns to the code of its parent."""
        code = 1
        try:
            self._settle(parent, log)
            self.work()
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
            if isinstance(end.code, str):
                print(end.code, file=sys.stderr)
        except BaseException as error:
            traceback.print_exc()
            print(f"{type(error).__name__}: {next(iter(str(error).splitlines()), '')}", file=sys.stderr)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def _settle(self, parent: int, log: int | None) -> None:
        """Set up the fork: own session, default signal handlers, own log, none of the parent's files and locks."""
        os.setsid()
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        die_with(parent, self.stop_signal)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        if log is not None:
            os.dup2(log, 1)
            os.dup2(log, 2)
        os.closerange(_INHERITED.start, _INHERITED.stop)
        for stream in (sys.stdout, sys.stderr):
            stream.reconfigure(line_buffering=True)  # type: ignore[union-attr]


def module_runner(name: str, argv: Sequence[str]) -> Callable[[], object]:
    """Return a function that does the same as `python -m name argv…` in this process."""

    def work() -> None:
        sys.argv = [name, *argv]
        runpy.run_module(name, run_name="__main__", alter_sys=True)

    return work
