"""From import to stored campaigns and statements, through PostgreSQL and Celery: `python -m benchmarks.engine [FILE]`.

FILE has the columns id and text; without it `--rows` synthetic comments are used. A worker with two processes runs. The
jobs of the scheduler run when they are due, while `consult import comments` runs. The table has comments a second and
CPU (processes and PostgreSQL) until all comments are in their campaigns and were compared. Then it has the cost of
following 1,000 more. With `--inside` this process follows them after the import.
"""

from __future__ import annotations

import argparse
import csv
import math
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

from benchmarks import workload
from benchmarks.comments import Writer
from benchmarks.importing import cost, take_in
from benchmarks.measure import print_table, process_cpu
from consult import ROOT, create_app
from consult.analysis import queries, service, tasks
from consult.analysis.model import AnalysisState
from consult.cli.tables import read_rows
from consult.consultations.model import Consultation
from consult.core.clock import CHORES, run_chore
from consult.core.db import db, transaction
from consult.core.settings import Settings
from consult.ledger import service as ledger

BROKER = os.environ.get("CONSULT_BENCH_REDIS_URL", "redis://127.0.0.1:6379/7")
WORKER = (
    "celery", "-A", "consult.worker", "worker", "--concurrency", "2", "-Q", "analysis", "--without-gossip",
    "--without-mingle", "--loglevel", "ERROR",
)  # fmt: skip
_CHORES = ("ledger.tasks.number", "analysis.tasks.catch_up")
MORE = 1_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", nargs="?", type=Path)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--inside", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, workload.database(10) as url:
        comments, more = _split(given.file, given.rows, Path(folder))
        count = sum(1 for _ in read_rows(comments, ["id"]))
        app = create_app(Settings(database_url=url, redis_url=BROKER, limits_url="memory://", log_level="ERROR"))
        with app.app_context():
            table = _inside(url, comments, count) if given.inside else [_through_celery(url, comments, more, count)]
            take_in(url, more, ["id", "text"], "more")()
            _number()
            table.append(_line(f"{MORE:,} more, followed", MORE, cost(_follow)))
            found = _found()
            db.engine.dispose()
    print_table(f"{count:,} comments, {found}", ["", "comments/s", "s", "CPU µs a comment"], table)


def _line(name: str, count: int, spent: tuple[float, float]) -> list[str]:
    return [name, f"{count / spent[0]:,.0f}", f"{spent[0]:.1f}", f"{1e6 * spent[1] / count:.0f}"]


def _split(file: Path | None, count: int, folder: Path) -> tuple[Path, Path]:
    """Return a file with the comments except the last thousand, and one with these."""
    stream = (
        read_rows(file, ["id", "text"]) if file else ((str(one.id), one.text) for one in Writer(count).write(count))
    )
    everything = list(stream)
    paths = folder / "comments.csv", folder / "more.csv"
    for path, some in zip(paths, (everything[:-MORE], everything[-MORE:]), strict=True):
        with path.open("w", encoding="utf-8", newline="") as out:
            table = csv.writer(out)
            table.writerow(("id", "text"))
            table.writerows(islice(some, None))
    return paths


def _number() -> None:
    with transaction() as session:
        ledger.number_entries(session)


def _consultation(session: Session) -> int:
    return session.query(Consultation.id).where(Consultation.slug == workload.SLUG).scalar() or 0


def _inside(url: str, comments: Path, count: int) -> list[list[str]]:
    taken = cost(take_in(url, comments, ["id", "text"], "bulk"))
    numbered, followed = cost(_number), cost(_follow)
    steps = {"taken in": taken, "numbered": numbered, "followed: classes, campaigns, statements": followed}
    return [_line(name, count, spent) for name, spent in steps.items()]


def _follow() -> None:
    at = end = -1
    while at < end or end < 0:
        with transaction() as session:
            number, end = _consultation(session), ledger.head(session)
            tasks.follow(session, number)
            session.info.pop("nudges", None)
            at = service.FOLLOWER.get_position(session, number)
    with transaction() as session:
        if queries.is_due(session.get_one(AnalysisState, _consultation(session))):
            service.compare(session, consultation_id=_consultation(session))


def _through_celery(url: str, comments: Path, first: Path, count: int) -> list[str]:
    with _worker(url) as worker:
        take_in(url, first, ["id", "text"], "first")()
        _until_followed()  # the worker is up
        before = process_cpu(worker)
        spent = cost(lambda: _until_followed(take_in(url, comments, ["id", "text"], "bulk")))
        return _line("taken in and followed", count, (spent[0], spent[1] + process_cpu(worker) - before))


@contextmanager
def _worker(url: str) -> Iterator[int]:
    settings = {**os.environ, "CONSULT_DATABASE_URL": url, "CONSULT_REDIS_URL": BROKER, "CONSULT_LOG_LEVEL": "ERROR"}
    worker = subprocess.Popen(
        [sys.executable, "-m", *WORKER], env=settings, cwd=ROOT, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield worker.pid
    finally:
        os.killpg(worker.pid, signal.SIGTERM)
        worker.wait()


def _until_followed(work: Callable[[], None] = lambda: None) -> None:
    """Run jobs and the scheduler's tasks until all imported comments are followed and compared."""
    with ThreadPoolExecutor(1) as pool:
        doing, due = pool.submit(work), dict.fromkeys(_CHORES, 0.0)
        while not doing.done() or not _is_followed():
            for chore in CHORES:
                if due.get(chore.name, math.inf) <= time.monotonic():
                    run_chore(chore)
                    due[chore.name] = time.monotonic() + chore.seconds
            time.sleep(0.1)
        doing.result()


def _is_followed() -> bool:
    with transaction() as session:
        number = _consultation(session)
        state, at = session.get(AnalysisState, number), service.FOLLOWER.get_position(session, number)
        left = session.scalar(text("SELECT EXISTS (SELECT 1 FROM ledger WHERE number IS NULL)"))
        return bool(state and not left and at >= ledger.head(session) and not queries.is_due(state))


def _found() -> str:
    with transaction() as session:
        found = session.execute(
            text(
                "SELECT (SELECT count(*) FROM text_group), (SELECT count(*) FROM campaign WHERE members > 0), "
                "(SELECT count(*) FROM statement)"
            )
        ).one()
    return f"{found[0]:,} distinct, {found[1]:,} campaigns, {found[2]:,} statements"


if __name__ == "__main__":
    main()
