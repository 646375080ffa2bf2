"""A digest of 1,000 new submissions: `python -m benchmarks.digests [--sizes 1000 100000] [--rounds 5]`.

Half of workload W's submissions are in the consultation that is measured. The first digest counts all of them; the
ones after it, which the table is about, count what is new: their cost must not grow with what there was before. The
floor reads the same of the same submissions, in seven bare statements, and stores it.
"""

from __future__ import annotations

import argparse
import json
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
_FLOOR = (
    "SELECT kind, count(*) FROM ledger WHERE consultation_id = :c AND number >= :since GROUP BY kind",
    "SELECT said, count(*), count(DISTINCT text_hash) FROM analysis_counted, unnest(places) said "
    "WHERE submission_id > :after AND consultation_id = :c GROUP BY said",
    "SELECT * FROM (SELECT c.id, c.provision_id, c.stance, c.body, s.reference, s.person_name, row_number() OVER "
    "(PARTITION BY c.provision_id, c.stance ORDER BY g.received > 1, abs(length(c.body) - 160)) AS rank FROM submission s "
    "JOIN comment c ON c.submission_id = s.id JOIN text_group g ON g.consultation_id = s.consultation_id "
    "AND g.text_hash = s.text_hash WHERE s.id > :after AND s.consultation_id = :c AND c.shown) r WHERE rank <= 3",
    "SELECT place, stance, submissions FROM place_count WHERE consultation_id = :c",
    "SELECT dimension, key, n FROM heard_count WHERE consultation_id = :c",
    "SELECT wid, number, heading, text FROM provision WHERE version_id = 1 ORDER BY position",
)
_STORED = """
WITH kept AS (
    INSERT INTO digest (consultation_id, cadence, edition, slot_at, since, until, empty, body, compiled_at)
    VALUES (2, 'daily', 1, clock_timestamp(), :since, :since + 1, false, CAST(:body AS jsonb), now()) RETURNING id
)
INSERT INTO ledger (at, kind, consultation_id, subject_id, detail) SELECT now(), 'digest.compiled', 2, id, '{}' FROM kept
"""


@dataclass
class Spent:
    """Seconds of wall time, and of CPU of the application and PostgreSQL."""

    wall: float = 0
    cpu: float = 0


@contextmanager
def spending(into: Spent) -> Iterator[None]:
    server = postgres_cpu()  # reading /proc costs more than what is measured: outside of it
    wall, own = time.perf_counter(), time.process_time()
    yield
    into.cpu += time.process_time() - own
    into.wall += time.perf_counter() - wall
    into.cpu += postgres_cpu() - server


def measure(url: str, rounds: int) -> tuple[Spent, list[list[Spent]]]:
    """The first digest; then of each round: the analysis of 1,000 new ones, who was heard, the digest, the floor."""
    app = create_app(Settings(database_url=url, broker_url="memory://", limits_url="memory://", log_level="ERROR"))
    first, spent = Spent(), [[Spent() for _ in range(rounds)] for _ in range(4)]
    with app.app_context():
        with spending(first), transaction() as session:
            _digest(session)
        for run in range(rounds):
            with transaction() as session:
                after = session.execute(text("SELECT max(id) FROM submission")).scalar_one()
                since = ledger.head(session)
            with transaction() as session:
                session.execute(text(_MORE), {"run": str(run), "slug": workload.SLUG})
            with spending(spent[0][run]), transaction() as session:
                ledger.number_entries(session)
                analysis.follow(session, consultation_id=_consultation(session), until=ledger.head(session))
            with spending(spent[1][run]), transaction() as session:
                counting.follow(session, consultation_id=_consultation(session), until=ledger.head(session))
            with spending(spent[2][run]), transaction() as session:
                _digest(session)
            with spending(spent[3][run]), transaction() as session:
                _floor(session, {"c": _consultation(session), "after": after, "since": since})
        db.engine.dispose()
    return first, spent


def _consultation(session: Session) -> int:
    return session.scalar(select(Consultation.id).where(Consultation.slug == workload.SLUG)) or 0


def _digest(session: Session) -> None:
    service.compile_digest(session, consultation_id=_consultation(session), cadence=Cadence.DAILY, slot_at=now())


def _floor(session: Session, window: dict[str, int]) -> None:
    found = [[list(row) for row in session.execute(text(statement), window)] for statement in _FLOOR]
    session.execute(text(_STORED), {"body": json.dumps(found), "since": window["since"]})


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--sizes", type=int, nargs="+", default=[1_000, 100_000])
    arguments.add_argument("--rounds", type=int, default=5)
    asked = arguments.parse_args()
    rows = []
    for n in asked.sizes:
        with workload.database(n) as url:
            first, spent = measure(url, asked.rounds)
        rows.append([f"{n:,}", f"{first.wall:.1f}", *(f"{_median(part, 'cpu'):.0f}" for part in spent),
                     f"{_median(spent[2], 'cpu') / _median(spent[3], 'cpu'):.1f}",
                     f"{sum(_median(part, 'wall') for part in spent[:3]):.0f}"])  # fmt: skip
    head = ["submissions before", "first digest, s", "CPU ms: analysis", "who was heard", "digest", "floor", "ratio",
            "all three, ms"]  # fmt: skip
    print_table("A digest of 1,000 new submissions", head, rows)


def _median(samples: list[Spent], name: str) -> float:
    """Milliseconds."""
    return 1000 * float(statistics.median(getattr(one, name) for one in samples))


if __name__ == "__main__":
    main()
