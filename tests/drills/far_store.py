"""An S3 that can be cut off: moto's server, behind a line that closes and opens again."""

from __future__ import annotations

import socket
import socketserver
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from contextlib import suppress

from consult.embedded.process import wait_until


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class _Line(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.server.behind)) as far:  # type: ignore[attr-defined]
            back = threading.Thread(target=_pump, args=(far, self.request), daemon=True)
            back.start()
            _pump(self.request, far)
            back.join()


def _pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address, daemon_threads, block_on_close = True, True, False
    behind = 0


class FarStore:
    """A bucket `evidence`, at the address `url`."""

    def __init__(self) -> None:
        self.port, self._behind = _free_port(), _free_port()
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self._behind)]
        self._server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._line: _Server | None = None
        assert wait_until(self._make_bucket, 60), "the S3 server did not start"
        self.open()

    @property
    def url(self) -> str:
        return f"s3://a:b@evidence?endpoint=http://127.0.0.1:{self.port}&region=us-east-1"

    def _make_bucket(self) -> bool:
        address = f"http://127.0.0.1:{self._behind}/evidence"
        try:
            urllib.request.urlopen(urllib.request.Request(address, method="PUT"), timeout=5).close()
        except urllib.error.URLError:
            return False
        return True

    def open(self) -> None:
        self._line = _Server(("127.0.0.1", self.port), _Line)
        self._line.behind = self._behind
        threading.Thread(target=self._line.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Nobody reaches it; what it holds stays."""
        if self._line:
            self._line.shutdown()
            self._line.server_close()

    def end(self) -> None:
        self.close()
        self._server.kill()
        self._server.wait()
