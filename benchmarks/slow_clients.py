"""Pages while other clients hold sockets: `python -m benchmarks.slow_clients [--server consult …] [--pages 40]`.

Each attack is held while pages are requested one after the other on new connections. Attacks are 200 silent sockets,
200 that send a header line every 4 s, 100 bodies of 7 MB at 50 bytes a second, and 200 that request four pages and do
not read them. The table has p50 and p95 of a page in ms, also as a multiple of the undisturbed time, and the sockets
closed after `--hold` seconds. Then CPU ms a page, MB of each process (proportional share), and seconds from start to
the first page and from SIGTERM to the end.

The other servers are not dependencies of Consult: `uv pip install waitress granian gevent`. The site is that of the
CONSULT_* variables and needs a sample.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread

from benchmarks.measure import children, print_table, process_cpu
from consult import ROOT

_WEB = ("-m", "consult.cli", "web", "--bind", "127.0.0.1:{port}")
_GUNICORN = ("-m", "gunicorn", "consult.cli.processes.run:shared()", "--bind", "127.0.0.1:{port}", "--workers", "2",
             "--preload", "--no-control-socket", "--timeout", "60", "--graceful-timeout", "15")  # fmt: skip
_WAITRESS = """
import os, signal, socket, sys
from waitress.server import create_server
from consult.cli.processes.run import shared
app, line = shared(), socket.socket()
line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
line.bind(("127.0.0.1", int(sys.argv[1]))); line.listen(1024)
pids = []
for _process in range(2):
    if (pid := os.fork()) == 0:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        create_server(app, sockets=[line], threads=8, connection_limit=1000, channel_timeout=20).run(); os._exit(0)
    pids.append(pid)
signal.signal(signal.SIGTERM, lambda *_: [os.kill(pid, 15) for pid in pids])
for pid in pids: os.waitpid(pid, 0)
"""
SERVERS: dict[str, tuple[str, ...]] = {
    "consult": _WEB,
    "gthread": (*_GUNICORN, "--worker-class", "gthread", "--threads", "8"),
    "gevent": (*_GUNICORN, "--worker-class", "gevent"),
    "tornado": (*_GUNICORN, "--worker-class", "tornado"),
    "waitress": ("-c", _WAITRESS, "{port}"),
    "granian": ("-m", "granian", "--interface", "wsgi", "--factory", "--port", "{port}", "--workers", "2",
                "--blocking-threads", "8", "--http1-header-read-timeout", "10000", "--log-level", "warning",
                "consult.cli.processes.run:shared"),
}  # fmt: skip
_PAGE = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
_HEAD = b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: multipart/form-data; boundary=x\r\n"
_UPLOAD = _HEAD + b"Content-Length: 7000000\r\n\r\n"


class Attack:
    """Sockets that are opened and sent data at intervals until they are closed."""

    def __init__(self, port: int, count: int, first: bytes, again: bytes, pause: float) -> None:
        self.lines = [socket.socket() for _one in range(count)]
        self.again, self.pause, self.ended = again, pause, Event()
        for line in self.lines:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            line.settimeout(30)
            line.connect(("127.0.0.1", port))
            line.setblocking(False)
            with suppress(OSError):
                line.send(first)
        Thread(target=self._feed, daemon=True).start()

    def _feed(self) -> None:
        while self.again and not self.ended.wait(self.pause):
            for line in self.lines:
                with suppress(OSError):
                    line.send(self.again)

    def count_cut(self) -> int:
        """Count the connections that the server has closed. An answer that was sent before is read first."""
        cut = 0
        for line in self.lines:
            try:
                while line.recv(65536):
                    pass
                cut += 1
            except BlockingIOError:
                continue
            except OSError:
                cut += 1
        return cut

    def end(self) -> None:
        self.ended.set()
        for line in self.lines:
            line.close()


def silent(port: int) -> Attack:
    return Attack(port, 200, b"", b"", 0)


def headers(port: int) -> Attack:
    return Attack(port, 200, b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n", b"X-More: 1\r\n", 4)


def uploads(port: int) -> Attack:
    return Attack(port, 100, _UPLOAD, b"x" * 50, 1)


def readers(port: int) -> Attack:
    """Request four pages on each socket and read none, so that the buffers of both ends are full."""
    return Attack(port, 200, _PAGE.replace(b"close", b"keep-alive") * 4, b"", 0)


ATTACKS: dict[str, Callable[[int], Attack]] = {f.__name__: f for f in (silent, headers, uploads, readers)}


def ask(port: int, seconds: float = 20) -> float | None:
    """Return the milliseconds until a page was read to its end, or None if it was not answered in time."""
    began = time.perf_counter()
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=seconds) as line:
            line.sendall(_PAGE)
            got = b""
            while piece := line.recv(65536):
                got += piece
    except OSError:
        return None
    return (time.perf_counter() - began) * 1000 if got.startswith(b"HTTP/1.1 200") else None


def ask_many(port: int, pages: int, seconds: float = 25) -> tuple[list[float], int]:
    """Return the times of the answered requests, and the number of unanswered ones."""
    end, times, failed = time.monotonic() + seconds, [], 0
    for _page in range(pages):
        if time.monotonic() > end:
            break
        found = ask(port)
        if found is None:
            failed += 1
        else:
            times.append(found)
        time.sleep(0.02)
    return times, failed


def memory(pid: int) -> list[float]:
    """Return the MB of each serving process as proportional set size."""
    found = []
    for one in children(pid) or [pid]:
        with suppress(ProcessLookupError):  # one that has ended
            lines = Path(f"/proc/{one}/smaps_rollup").read_text().splitlines()
            found += [int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")]
    return found


def describe(times: list[float], failed: int, still: list[float] | None = None) -> list[str]:
    if not times:
        return ["none answered", "", ""]
    p50, p95 = statistics.median(times), sorted(times)[int(len(times) * 0.95)]
    ratio = "" if still is None else f"{p50 / statistics.median(still):.1f}"
    return [f"{p50:.0f}", f"{p95:.0f}" + (f" ({failed} failed)" if failed else ""), ratio]


def measure(name: str, pages: int, hold: float, errors: bool) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, *(part.replace("{port}", str(port)) for part in SERVERS[name])]
    began = time.monotonic()
    with subprocess.Popen(command, cwd=ROOT, env=os.environ, stderr=None if errors else subprocess.DEVNULL) as server:
        try:
            while ask(port, 5) is None and server.poll() is None:
                time.sleep(0.02)
            if server.poll() is not None:
                raise SystemExit(f"{name} ended before it answered: --errors shows what it said.")
            started = time.monotonic() - began
            ask_many(port, 20)
            spent = process_cpu(server.pid)
            still, failed = ask_many(port, pages)
            cpu = (process_cpu(server.pid) - spent) * 1000 / max(len(still), 1)
            rows = [["undisturbed", *describe(still, failed), ""]]
            rows += [_attacked(port, kind, pages, hold, still) for kind in ATTACKS]
            held = ", ".join(f"{each:.0f}" for each in memory(server.pid))
        finally:
            began = time.monotonic()
            server.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                server.wait(30)
            server.kill()
    title = f"{name}: start {started:.1f} s, {cpu:.1f} CPU ms a page, MB {held}, end {time.monotonic() - began:.1f} s"
    print_table(title, ["", "p50", "p95", "times", "cut"], rows)


def _attacked(port: int, kind: str, pages: int, hold: float, still: list[float]) -> list[str]:
    began = time.monotonic()
    attack = ATTACKS[kind](port)
    try:
        time.sleep(1)
        found = describe(*ask_many(port, pages), still)
        time.sleep(max(0.0, hold - (time.monotonic() - began)))
        return [kind, *found, f"{attack.count_cut()} of {len(attack.lines)}"]
    finally:
        attack.end()
        time.sleep(1)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--server", choices=SERVERS, nargs="*", default=["consult"])
    arguments.add_argument("--pages", type=int, default=40)
    arguments.add_argument("--hold", type=float, default=15)
    arguments.add_argument("--errors", action="store_true", help="Show what the server says.")
    asked = arguments.parse_args()
    for name in asked.server:
        measure(name, asked.pages, asked.hold, asked.errors)


if __name__ == "__main__":
    main()
