"""From ingest to campaigns and statements stored, through PostgreSQL and Celery: `python -m benchmarks.engine [FILE]`.

FILE has columns id and text; without it `--rows` comments are made up. `consult import comments` takes them in; then a
worker of two processes fingerprints and follows. The table gives comments a second and CPU (processes and PostgreSQL) of
both steps and of both together, then what 1,000 more cost. `--inside` follows in this process, without Celery.
"""

from __future__ import annotations

import argparse
import csv
import os
import signal
import subprocess
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

from benchmarks import workload
from benchmarks.comments import Writer
from benchmarks.importing import cost, take_in
from benchmarks.measure import print_table
from consult import ROOT, create_app
from consult.analysis import service, tasks
from consult.cli.tables import rows
from consult.consultations.model import Consultation
from consult.core.db import db, transaction
from consult.core.settings import Settings
from consult.ledger import service as ledger

BROKER = os.environ.get("CONSULT_BENCH_REDIS_URL", "redis://127.0.0.1:6379/7")
WORKER = (
    "celery", "-A", "worker.celery", "worker", "--concurrency", "2", "-Q", "analysis", "--without-gossip",
    "--without-mingle", "--loglevel", "ERROR",
)  # fmt: skip
MORE = 1_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", nargs="?", type=Path)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--inside", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, workload.database(10) as url:
        comments, more = _split(given.file, given.rows, Path(folder))
        count = sum(1 for _ in rows(comments, ["id"]))
        app = create_app(Settings(database_url=url, redis_url=BROKER, limits_url="memory://", log_level="ERROR"))
        with app.app_context():
            taken = cost(take_in(url, comments, ["id", "text"], "bulk"))
            _number()
            followed = cost(_inside if given.inside else lambda: _through_celery(url))
            take_in(url, more, ["id", "text"], "more")()
            _number()
            again = cost(_inside)
            found = _found()
            db.engine.dispose()
    table = [_line("taken in", count, taken), _line("followed: classes, campaigns, statements", count, followed)]
    table.append(_line("both", count, (taken[0] + followed[0], taken[1] + followed[1])))
    table.append(_line(f"{MORE:,} more, followed", MORE, again))
    print_table(f"{count:,} comments, {found}", ["", "comments/s", "s", "CPU µs a comment"], table)


def _line(name: str, count: int, spent: tuple[float, float]) -> list[str]:
    return [name, f"{count / spent[0]:,.0f}", f"{spent[0]:.1f}", f"{1e6 * spent[1] / count:.0f}"]


def _split(file: Path | None, count: int, folder: Path) -> tuple[Path, Path]:
    """The comments in a file, all but the last thousand, and those in another."""
    stream = rows(file, ["id", "text"]) if file else ((str(one.id), one.text) for one in Writer(count).write(count))
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


def _inside() -> None:
    at = end = -1
    while at < end or end < 0:
        with transaction() as session:
            number, end = _consultation(session), ledger.head(session)
            tasks.follow(session, number)
            session.info.pop("nudges", None)
            at = service.position(session, number)
    with transaction() as session:
        service.compare(session, consultation_id=_consultation(session))


def _through_celery(url: str) -> None:
    settings = {**os.environ, "CONSULT_DATABASE_URL": url, "CONSULT_REDIS_URL": BROKER, "CONSULT_LOG_LEVEL": "ERROR"}
    worker = subprocess.Popen([sys.executable, "-m", *WORKER], env=settings, cwd=ROOT, start_new_session=True)
    try:
        with transaction() as session:
            tasks.catch_up(session)
        while not _done():
            time.sleep(0.1)
    finally:
        os.killpg(worker.pid, signal.SIGTERM)
        worker.wait()


def _done() -> bool:
    with transaction() as session:
        at = session.execute(
            text("SELECT upto, compared FROM analysis_cursor WHERE consultation_id = :id"),
            {"id": _consultation(session)},
        ).first()
        return at is not None and at[0] >= ledger.head(session) and at[1] > 0


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
