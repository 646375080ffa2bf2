"""A child process with a name and a log, which ends when its parent does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Protocol

LAUNCH = Path(__file__).with_name("launch.py")
_LOG_BYTES = 5_000_000
_PAUSE = 0.02
_MAX_LAST_WORDS = 600


def launch_command(argv: Sequence[str], *, identity: str = "same", at_death: int = signal.SIGTERM) -> list[str]:
    """Return the command that runs `argv` as `identity`, and gets `at_death` when this process dies (see launch.py)."""
    return [sys.executable, "-I", "-S", str(LAUNCH), str(os.getpid()), str(int(at_death)), identity, "run", *argv]


def command_of(pid: int) -> str:
    """Return the command line of a running process. Empty if there is none, or only a zombie."""
    if Path("/proc/self/cmdline").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            return ""
    output = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)  # noqa: S603, S607
    return output.stdout.strip()


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Wait for a condition and return True if it became true in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(_PAUSE)
    return True


class ChildProcess(Protocol):
    """The interface of a started program, as in subprocess.Popen."""

    @property
    def pid(self) -> int: ...
    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def send_signal(self, number: int, /) -> None: ...


@dataclass
class SupervisedProcess:
    """A program to keep running. `stop_signal` asks it to end; after `patience` seconds it is killed."""

    name: str
    argv: Sequence[str] = ()
    log: Path | None = None
    identity: str = "same"
    stop_signal: int = signal.SIGTERM
    patience: float = 20.0
    env: Mapping[str, str] | None = None
    child: ChildProcess | None = field(default=None, init=False)

    def start(self) -> None:
        """Start it in a separate session, so that Ctrl-C reaches only the parent, which stops it in order."""
        with self._open_log() as log:
            self.child = self._spawn(log.fileno() if log else None)

    def _spawn(self, log: int | None) -> ChildProcess:
        command = launch_command(self.argv, identity=self.identity, at_death=self.stop_signal)
        return subprocess.Popen(  # noqa: S603 - our own command
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.env, start_new_session=True
        )

    def _open_log(self) -> AbstractContextManager[IO[bytes] | None]:
        """Open the log for appending, rotating a large one. Without a log, the parent's output is shared."""
        if not self.log:
            return nullcontext()
        self.log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > _LOG_BYTES:
            self.log.replace(self.log.with_suffix(".old.log"))
        return open(os.open(self.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab")

    @property
    def alive(self) -> bool:
        return self.child is not None and self.child.poll() is None

    @property
    def pid(self) -> int | None:
        return self.child.pid if self.child else None

    @property
    def how_it_ended(self) -> str:
        """Return the exit code or signal of the process, and the end of its log."""
        code = self.child.poll() if self.child else None
        how = f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"
        words = self.last_words()
        return f"{how}: {words}" if words else how

    def stop(self) -> bool:
        """Ask it to end, wait, and kill it after `patience` seconds. Return False if it had to be killed."""
        if not self.child:
            return True
        self.child.send_signal(self.stop_signal)
        try:
            self.child.wait(self.patience)
        except subprocess.TimeoutExpired:
            self.kill()
            self.child.wait()
            return False
        return True

    def kill(self) -> None:
        """Kill it and everything it started."""
        if self.child:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.child.pid, signal.SIGKILL)

    def clear_remains(self) -> None:
        """Kill what a dead program left running in its process group, so that it can be restarted."""
        if not self.alive:
            self.kill()

    def last_words(self) -> str:
        """Return the end of the last non-empty line of its log."""
        if not self.log:
            return ""
        try:
            lines = self.log.read_bytes()[-4000:].decode(errors="replace").splitlines()
        except OSError:
            return ""
        words = next((line.strip() for line in reversed(lines) if line.strip()), "")
        return words if len(words) <= _MAX_LAST_WORDS else f"… {words[-_MAX_LAST_WORDS:]}"


def stop_orphan(pid: int, marker: str, how: int, seconds: float = 20.0) -> bool:
    """Stop a server of an earlier run if the process is that one, recognised by `marker` in its command.

    Kills it if it does not end in time. Returns False if there was none.
    """

    def gone() -> bool:
        return marker not in command_of(pid)

    if gone():
        return False
    try:
        os.kill(pid, how)
        if not wait_until(gone, seconds):
            os.kill(pid, signal.SIGKILL)
            wait_until(gone, 5)
    except ProcessLookupError:
        pass
    return True
