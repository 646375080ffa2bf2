"""The cost of a start: `python -m benchmarks.starting [--rounds 5] [--demos 3]`.

A web process before it has served a page: each round starts both anew, the application as gunicorn loads it, and the
floor, Flask with SQLAlchemy and psycopg and one view. Median CPU seconds, and the MB that the process then holds;
libraries that it shares with others count whole.

And `consult up --demo` with its own servers, from an empty folder and a second time on it: median seconds to a page of the
sample, and until all of /health is ok, which a job in each queue is part of.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from tempfile import TemporaryDirectory

from benchmarks.measure import print_table
from consult import ROOT

_CONSULT = "import consult; app = consult.create_app()"
_FLOOR = """
import flask, psycopg, sqlalchemy.orm, sqlalchemy.dialects.postgresql.psycopg
app = flask.Flask("floor")
app.add_url_rule("/", view_func=lambda: "here")
"""
_TOLD = """
import json, pathlib, re, sys, time
held = int(re.search(r"VmRSS:\\s+(\\d+)", pathlib.Path("/proc/self/status").read_text())[1]) / 1024
print(json.dumps([time.process_time(), held, len(sys.modules)]))
"""


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--demos", type=int, default=3)
    asked = arguments.parse_args()
    _processes(asked.rounds)
    _demos(asked.demos)


def _processes(rounds: int) -> None:
    parts = {"Consult": _CONSULT, "floor": _FLOOR}
    found: dict[str, list[list[float]]] = {name: [] for name in parts}
    for code in parts.values():
        _started(code)  # compiled once
    for _round in range(rounds):
        for name, code in parts.items():
            found[name].append(_started(code))
    medians = {name: [statistics.median(column) for column in zip(*rows, strict=True)] for name, rows in found.items()}
    rows = [[name, f"{cpu:.2f}", f"{held:.0f}", f"{modules:.0f}"] for name, (cpu, held, modules) in medians.items()]
    print_table("One web process, started", ["", "CPU s", "MB", "modules"], rows)


def _started(code: str) -> list[float]:
    """Return CPU seconds, MB and modules of a new process that has run this code."""
    made = subprocess.run(
        [sys.executable, "-c", code + _TOLD], capture_output=True, check=True, cwd=ROOT,
        env={**os.environ, "CONSULT_LOG_LEVEL": "ERROR"},
    )  # fmt: skip
    told: list[float] = json.loads(made.stdout)
    return told


def _demos(rounds: int) -> None:
    found: dict[str, list[tuple[float, float]]] = {"from an empty folder": [], "the second time": []}
    for _round in range(rounds):
        with TemporaryDirectory() as folder:
            for times in found.values():
                times.append(_demo(folder))
    rows = [
        [name, *(f"{statistics.median(one):.1f}" for one in zip(*times, strict=True))] for name, times in found.items()
    ]
    print_table("consult up --demo", ["", "a page after, s", "a job done after, s"], rows)


def _demo(folder: str) -> tuple[float, float]:
    """Return the seconds from the start of the command to the first page, and to a health page on which everything is
    ok.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "consult.cli", "up", "--demo", "--port", str(port), "--data", folder]
    own = {name: value for name, value in os.environ.items() if not name.startswith("CONSULT_")}
    began = time.monotonic()
    with subprocess.Popen(command, cwd=ROOT, env=own, stdout=subprocess.DEVNULL) as demo:
        try:
            return _after(demo, began, port, "/"), _after(demo, began, port, "/health")
        finally:
            demo.send_signal(signal.SIGINT)


def _after(demo: subprocess.Popen[bytes], began: float, port: int, path: str) -> float:
    """Return the seconds until the home page names a consultation, or until /health reports that everything is ok."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Accept": "application/json, */*;q=.5"})
    while demo.poll() is None:
        with suppress(OSError), urllib.request.urlopen(request, timeout=5) as answer:
            told = answer.read()
            if b'href="/c/' in told if path == "/" else json.loads(told)["status"] == "ok":
                return time.monotonic() - began
        time.sleep(0.02)
    raise SystemExit("The demo ended by itself.")


if __name__ == "__main__":
    main()
