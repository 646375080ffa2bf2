"""An embedded Valkey server in a folder, on a private socket without a port."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable
from pathlib import Path

from consult.embedded import binaries
from consult.embedded.errors import EmbeddedError
from consult.embedded.process import SupervisedProcess, stop_orphan, wait_until

_START_SECONDS = 30.0


class Valkey:
    """A Valkey server. It holds only messages and rate limits, so unreadable files are set aside."""

    def __init__(self, data_dir: Path, sockets: Path) -> None:
        self.data = data_dir / "valkey"
        self.socket = sockets / "valkey.sock"
        self.program = binaries.find_valkey()
        self.process = SupervisedProcess("Valkey", self._argv(), data_dir / "logs" / "valkey.log", patience=10)

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    @property
    def place(self) -> str:
        return f"socket {self.socket}"

    def _argv(self) -> list[str]:
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.data),
            "pidfile": str(self.data / "valkey.pid"),
            "save": "",
            "appendonly": "yes",
            "maxmemory": "256mb",
            "maxmemory-policy": "noeviction",  # a queue must not drop messages silently
            "daemonize": "no",
        }
        return [str(self.program), *(part for name, value in options.items() for part in (f"--{name}", value))]

    def start(self, report: Callable[[str], None]) -> None:
        """Start the server and wait until it responds. Raises EmbeddedError."""
        self._clear_the_way(report)
        if self._comes_up():
            return
        broken = self.data.with_name("valkey.unreadable")
        if any(self.data.iterdir()) and not broken.exists():
            report("Valkey could not read its files; it starts with none")
            self.data.rename(broken)
            if self._comes_up():
                return
        raise EmbeddedError(f"Valkey did not start ({self.process.last_words()}). See its log {self.process.log}.")

    def _comes_up(self) -> bool:
        self.data.mkdir(mode=0o700, exist_ok=True)
        self.process.start()
        if wait_until(lambda: self._answers() or not self.process.alive, _START_SECONDS) and self.process.alive:
            return True
        self.process.stop()
        return False

    def _clear_the_way(self, report: Callable[[str], None]) -> None:
        try:
            pid = int((self.data / "valkey.pid").read_text())
        except (OSError, ValueError):
            return
        if stop_orphan(pid, self.socket.name, signal.SIGTERM):
            report("Stopped a Valkey that an earlier run left behind")

    def _answers(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(1)
                client.connect(str(self.socket))
                client.sendall(b"PING\r\n")
                return client.recv(16).startswith(b"+PONG")
        except OSError:
            return False

    def stop(self) -> bool:
        return self.process.stop()
