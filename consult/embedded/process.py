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
    """The command that runs `argv` as `identity` and sends it `at_death` when this process dies (see launch.py)."""
    return [sys.executable, "-I", "-S", str(LAUNCH), str(os.getpid()), str(int(at_death)), identity, "run", *argv]


def command_of(pid: int) -> str:
    """The command line of a running process; empty where there is none, or only a zombie."""
    if Path("/proc/self/cmdline").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            return ""
    found = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)  # noqa: S603, S607
    return found.stdout.strip()


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether the condition came true in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(_PAUSE)
    return True


class ChildProcess(Protocol):
    """The interface of a started program; subprocess.Popen has it."""

    @property
    def pid(self) -> int: ...
    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def send_signal(self, number: int, /) -> None: ...


@dataclass
class SupervisedProcess:
    """One program to keep running. `stop_signal` asks it to end; after `patience` seconds it is killed."""

    name: str
    argv: Sequence[str] = ()
    log: Path | None = None
    identity: str = "same"
    stop_signal: int = signal.SIGTERM
    patience: float = 20.0
    env: Mapping[str, str] | None = None
    child: ChildProcess | None = field(default=None, init=False)

    def start(self) -> None:
        """Starts it in a session of its own, so that Ctrl-C reaches the parent only and the order of ending is ours."""
        with self._open_log() as log:
            self.child = self._spawn(log.fileno() if log else None)

    def _spawn(self, log: int | None) -> ChildProcess:
        command = launch_command(self.argv, identity=self.identity, at_death=self.stop_signal)
        return subprocess.Popen(  # noqa: S603 - our own command
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.env, start_new_session=True
        )

    def _open_log(self) -> AbstractContextManager[IO[bytes] | None]:
        """The end of the log, a new one where it has grown large; where there is none, our own output is shared."""
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
        """Its exit code or signal, and the last words of its log."""
        code = self.child.poll() if self.child else None
        how = f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"
        words = self.last_words()
        return f"{how}: {words}" if words else how

    def stop(self) -> bool:
        """Asks it to end and waits; kills it after its patience. Gives whether it ended without being killed."""
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
        """Ends it at once, and all that it started."""
        if self.child:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.child.pid, signal.SIGKILL)

    def clear_remains(self) -> None:
        """Ends what a dead program left running in its group, so that a second one can take its place."""
        if not self.alive:
            self.kill()

    def last_words(self) -> str:
        """The last line of its log that says something, or the end of that line."""
        if not self.log:
            return ""
        try:
            lines = self.log.read_bytes()[-4000:].decode(errors="replace").splitlines()
        except OSError:
            return ""
        words = next((line.strip() for line in reversed(lines) if line.strip()), "")
        return words if len(words) <= _MAX_LAST_WORDS else f"… {words[-_MAX_LAST_WORDS:]}"


def stop_orphan(pid: int, marker: str, how: int, seconds: float = 20.0) -> bool:
    """Ends a server that an earlier run left behind, if the process is that one (its command has the marker in it).

    Says whether there was one. Kills it where it does not end in time.
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
