"""Import of a file of comments: `consult import comments` from start to end, next to COPY of the same words.

    python -m benchmarks.importing [FILE --id-column id --text-column text]

Without FILE, the real campaign of 66,914 comments is used if it is next to this checkout, else as many synthetic
comments. Each round imports the file under a new source, then again under the same one, which must add nothing.
"""

from __future__ import annotations

import argparse
import csv
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
from sqlalchemy import make_url

from benchmarks import workload
from benchmarks.comments import Writer
from benchmarks.measure import postgres_cpu, print_table
from consult import ROOT
from consult.files.records import FileRecord, RecordFile

_REAL = ROOT.parent / "shared" / "data" / "farmworker_h2a_2019.csv.gz"
_MADE_UP = 66_914
_ROUNDS = 3


def made_up(folder: Path) -> Path:
    """Return a synthetic file of comments that resembles a campaign."""
    path = folder / "comments.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(("id", "text"))
        for comment in Writer(1).write(_MADE_UP):
            rows.writerow((comment.id, comment.text))
    return path


def take_in(url: str, file: Path, columns: list[str], source: str) -> Callable[[], None]:
    """Run the command in a process of its own, as an operator does."""
    command = [
        sys.executable, "-m", "consult.cli", "import", "comments", str(file), "--consultation", workload.SLUG,
        "--id-column", columns[0], "--text-column", columns[1], "--source", source,
    ]  # fmt: skip
    settings = {**os.environ, "CONSULT_DATABASE_URL": url, "CONSULT_LOG_LEVEL": "ERROR"}

    def run() -> None:
        subprocess.run(command, env=settings, check=True, stdout=subprocess.DEVNULL, cwd=ROOT)

    return run


def floor(url: str, rows: list[tuple[str, ...]]) -> Callable[[], None]:
    """Copy ids and words into a table with one index, as the cost of PostgreSQL alone."""
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)

    def run() -> None:
        with psycopg.connect(plain) as connection, connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS bare; CREATE TABLE bare (id text PRIMARY KEY, body text)")
            with cursor.copy("COPY bare FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)

    return run


def cost(work: Callable[[], None]) -> tuple[float, float]:
    """Return wall and CPU seconds of this process, its children and PostgreSQL."""
    wall, cpu = time.perf_counter(), _cpu()
    work()
    return time.perf_counter() - wall, _cpu() - cpu


def _cpu() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime + postgres_cpu(server=workload.postmaster())


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("file", nargs="?", type=Path)
    arguments.add_argument("--id-column", default="id")
    arguments.add_argument("--text-column", default="text")
    given = arguments.parse_args()
    columns = [given.id_column, given.text_column]
    with tempfile.TemporaryDirectory() as folder, workload.database(1000) as url:
        file = given.file or (_REAL if _REAL.exists() else made_up(Path(folder)))
        rows = [record.cells for record in RecordFile(file, columns) if isinstance(record, FileRecord)]
        bare = floor(url, rows)
        found: dict[str, list[tuple[float, float]]] = {"COPY alone": [], "import": [], "again": []}
        for number in range(_ROUNDS):
            found["COPY alone"].append(cost(bare))
            for name in ("import", "again"):
                found[name].append(cost(take_in(url, file, columns, f"round {number}")))
    names = {"import": "consult import comments, start to end", "again": "the same file again: adds nothing"}
    table = []
    for name, costs in found.items():
        wall, cpu = (statistics.median(values) for values in zip(*costs, strict=True))
        table.append([names.get(name, name), f"{len(rows) / wall:,.0f}", f"{wall:.1f}", f"{1e6 * cpu / len(rows):.0f}"])
    head = ["", "rows/s", "s", "CPU µs a row"]
    print_table(f"{file.name}: {len(rows):,} comments, median of {_ROUNDS} rounds", head, table)


if __name__ == "__main__":
    main()
