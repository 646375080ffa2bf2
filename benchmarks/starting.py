"""What a web process costs before it has served a page: `python -m benchmarks.starting [--rounds 5]`.

Each round starts both anew: the application as gunicorn loads it, and the floor, Flask with SQLAlchemy and psycopg and
one view. Median CPU seconds, and the MB that the process then holds; libraries that it shares with others count whole.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys

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
    rounds = arguments.parse_args().rounds
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
    """CPU seconds, MB and modules of a new process that has run this."""
    made = subprocess.run(
        [sys.executable, "-c", code + _TOLD], capture_output=True, check=True, cwd=ROOT,
        env={**os.environ, "CONSULT_LOG_LEVEL": "ERROR"},
    )  # fmt: skip
    told: list[float] = json.loads(made.stdout)
    return told


if __name__ == "__main__":
    main()
