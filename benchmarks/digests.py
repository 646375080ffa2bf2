"""A digest of 1,000 new submissions at two sizes: `python -m benchmarks.digests [--small 1000] [--large 100000]`.

Half of workload W's submissions are in the consultation that is measured. The first digest counts all of them; the
ones after it, which the table is about, count what is new: their cost must not grow with what there was before.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from benchmarks import workload
from benchmarks.measure import postgres_cpu, print_table
from consult import create_app
from consult.analysis import service as analysis
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.db import db, transaction
from consult.core.settings import Settings
from consult.digests import counting, service
from consult.digests.model import Cadence
from consult.ledger import service as ledger

_MORE = """
WITH fresh AS (
    INSERT INTO submission (reference, consultation_id, version_id, state, revision, submitter_kind, name_rule,
        person_name, language, received_at, text_hash, salt)
    SELECT 'NEW-' || :run || '-' || i, c.id, c.version_id, 'published', 1, 'person', 'own', 'Person ' || i, 'en', now(),
        decode(md5(:run || '-' || (i % 900)), 'hex'), '\\x00'
    FROM generate_series(1, 1000) i, consultation c WHERE c.slug = :slug
    RETURNING id, consultation_id, version_id
), said AS (
    INSERT INTO comment (submission_id, consultation_id, provision_id, stance, body, language, position, shown)
    SELECT f.id, f.consultation_id, p.id, (ARRAY['support','concern','wording','evidence'])[1 + f.id % 4],
        'Number ' || f.id || ' says that people who use services told us what works where they live.', 'en', 0, true
    FROM fresh f JOIN LATERAL (
        SELECT id FROM provision WHERE version_id = f.version_id AND kind = 'paragraph'
        ORDER BY position LIMIT 1 OFFSET f.id % 80
    ) p ON true
)
INSERT INTO ledger (at, kind, consultation_id, subject_id, detail)
SELECT now(), kind, consultation_id, id, '{}' FROM fresh, (VALUES ('submission.received'), ('submission.published')) k (kind)
"""


@dataclass
class Spent:
    """Seconds of wall time, and of CPU of the application and PostgreSQL."""

    wall: float = 0
    cpu: float = 0


@contextmanager
def spending(into: Spent) -> Iterator[None]:
    server = postgres_cpu("consult_bench_")  # reading /proc costs more than what is measured: outside of it
    wall, own = time.perf_counter(), time.process_time()
    yield
    into.cpu += time.process_time() - own
    into.wall += time.perf_counter() - wall
    into.cpu += postgres_cpu("consult_bench_") - server


def measure(url: str, rounds: int) -> tuple[Spent, list[list[Spent]]]:
    """The first digest; then of each round: the analysis of 1,000 new submissions, who was heard, the digest."""
    app = create_app(Settings(database_url=url, broker_url="memory://", limits_url="memory://", log_level="ERROR"))
    first, spent = Spent(), [[Spent() for _ in range(rounds)] for _ in range(3)]
    with app.app_context():
        with spending(first), transaction() as session:
            _digest(session)
        for run in range(rounds):
            with transaction() as session:
                session.execute(text(_MORE), {"run": str(run), "slug": workload.SLUG})
            with spending(spent[0][run]), transaction() as session:
                ledger.number_entries(session)
                analysis.follow(session, consultation_id=_consultation(session), until=ledger.head(session))
            with spending(spent[1][run]), transaction() as session:
                counting.follow(session, consultation_id=_consultation(session), until=ledger.head(session))
            with spending(spent[2][run]), transaction() as session:
                _digest(session)
        db.engine.dispose()
    return first, spent


def _consultation(session: Session) -> int:
    return session.scalar(select(Consultation.id).where(Consultation.slug == workload.SLUG)) or 0


def _digest(session: Session) -> None:
    service.compile_digest(session, consultation_id=_consultation(session), cadence=Cadence.DAILY, slot_at=now())


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--small", type=int, default=1_000)
    arguments.add_argument("--large", type=int, default=100_000)
    arguments.add_argument("--rounds", type=int, default=5)
    asked = arguments.parse_args()
    rows = []
    for n in (asked.small, asked.large):
        with workload.database(n) as url:
            first, spent = measure(url, asked.rounds)
        rows.append([f"{n:,}", f"{first.wall:.1f}", *(ms for part in spent for ms in _milliseconds(part))])
    head = ["submissions before", "first digest, s", "analysis of 1,000 new, ms", "CPU", "who was heard, ms", "CPU",
            "digest, ms", "CPU"]  # fmt: skip
    print_table("A digest of 1,000 new submissions", head, rows)


def _milliseconds(samples: list[Spent]) -> list[str]:
    return [f"{statistics.median(getattr(one, name) for one in samples) * 1000:.0f}" for name in ("wall", "cpu")]


if __name__ == "__main__":
    main()
