"""Work after a burst, with fresh, missing and old statistics.

    python -m benchmarks.bursts [--small 2000] [--large 20000]

A burst is imported, numbered and followed. Moderators decide on half of it, which is followed again. A new version of
the draft is published; comments are moved to it and followed a third time. The services of the scheduler and the
workers do this on one connection. The table has the cost of each service for one comment (rows read and CPU time), and
its ratio between the large and the small burst. A ratio of about 1 means constant cost.

Statistics are fresh, missing as in a new database, or old. With old ones, the tables were analysed when they had few
rows, and the connection keeps its plans from then. Autovacuum is off. CONSULT_BENCH_DATABASE_URL names the server.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
from collections import defaultdict
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, make_url, select, text
from sqlalchemy.orm import Session

from benchmarks import workload
from benchmarks.measure import MINE, print_table
from consult import create_app
from consult.accounts.model import Account
from consult.analysis import queries as analysis_queries
from consult.analysis import service as analysis
from consult.arguments import service as arguments
from consult.cli.database import migrate
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.db import db, transaction
from consult.core.settings import Settings
from consult.digests import count_queries
from consult.digests import service as digests
from consult.digests.model import Cadence
from consult.digests.results import cache as results_cache
from consult.documents import queries as documents_queries
from consult.documents import service as documents
from consult.ledger import service as ledger
from consult.moderation import waiting_list as queue
from consult.moderation.bulk import service as bulk
from consult.moderation.model import BatchProgress, DecisionOutcome, QueueEntry
from consult.moderation.service import ModerationVerdict
from consult.moderation.statistics import service as moderation_statistics
from consult.search import service as search
from consult.submissions import counters, imports
from consult.submissions.anchors import carry_forward

STATISTICS = ("fresh", "none", "old")
_OFTEN = 14
"""So often small bursts are worked through before: PostgreSQL keeps a plan after some of them."""
_LETTER = "We ask all States to fund services in the community and to stop detaining people who use drugs, in copy {}"
_DRAFT = "\n\n".join(
    f"## {c} Chapter {c}\n\n{c}.1 Each State shall do this.\n\n{c}.2 Each State shall do {{}}." for c in (1, 2)
)
_PEOPLE = """
INSERT INTO account (email_index, email_sealed, display_name, role, language, verified_at, created_at, session_epoch)
SELECT decode(md5('a' || i), 'hex'), '\\x00', 'Person ' || i, CASE i WHEN 1 THEN 'policymaker' ELSE 'moderator' END, 'en',
    now(), now(), 0
FROM generate_series(1, 3) i
"""
_ORGANISATIONS = text(
    "UPDATE submission SET name_rule = 'organisation', submitter_kind = 'organisation', organisation_name = 'O' || id % 500 "
    "WHERE id % 5 = 0 AND name_rule = 'none'"
)
_READ = text(
    "SELECT coalesce(sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)), 0) FROM pg_stat_xact_user_tables"
)
_BACKEND = text("SELECT pg_backend_pid()")
_TABLES = text("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace")


@dataclass
class Cost:
    rows: int = 0
    cpu: float = 0.0


@dataclass
class World:
    """A consultation, and the cost of each service since `costs` was emptied."""

    engine: Engine  # in autocommit, for what no transaction may hold
    id: int = 0
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    costs: dict[str, Cost] = field(default_factory=lambda: defaultdict(Cost))

    def do(self, name: str, verb: Callable[[Session], Any]) -> Any:
        """Run a function in one transaction, as a task does."""
        with transaction() as session:
            process, read = session.scalar(_BACKEND), session.scalar(_READ) or 0
            before = _cpu(process)
            found = verb(session)
            session.flush()
            self.costs[name].cpu += _cpu(process) - before
            self.costs[name].rows += int((session.scalar(_READ) or 0) - read)
        return found

    def loop(self, name: str, verb: Callable[[Session], Any]) -> None:
        while self.do(name, verb):
            pass

    def look(self, how: str) -> None:
        with self.engine.connect() as connection:
            connection.execute(text(how))


def _cpu(process: int | None) -> float:
    return int(Path(f"/proc/{process}/schedstat").read_text().split()[0]) / 1e6


def _words(n: int) -> str:
    if n % 4 == 0:
        return _LETTER.format(n % 3)
    marks = hashlib.sha256(str(n % 3000 if n % 2 else n).encode()).hexdigest()
    return " ".join(marks[at : at + 5] for at in range(0, 60, 5)) + " is what people who use services told us"


def begin(world: World) -> None:
    """Create a consultation on a draft of four paragraphs, with its staff."""
    world.look(_PEOPLE)
    with transaction() as session:
        version = documents.create(session, title="Plan", language="en")
        documents.replace_text(session, version_id=version.id, text=_DRAFT.format(1, 1))
        row = Consultation(
            slug="plan", code="DP27", title="Plan", body="Secretariat", summary="Tell us.", purpose="Why.", language="en",
            tags=[], owner_id=1, document_id=version.document_id, opens_at=now() - timedelta(days=1),
            closes_at=now() + timedelta(days=30), timezone="UTC", phase="open", created_at=now(),
        )  # fmt: skip
        session.add(row)
        session.flush()
        documents.publish(session, version_id=version.id, consultation_id=row.id, actor=None)
        row.version_id, world.id = version.id, row.id


def burst(world: World, n: int) -> None:
    """Import comments: half of them published, half for moderators."""
    for published in (True, False):
        with transaction() as session:
            into = imports.get_target(session, slug="plan", source="burst", published=published)
            rows = [
                imports.check_record(
                    into, source_id=str(each), body=_words(each), provision=f"{1 + each % 2}.{1 + each // 2 % 2}",
                    stance=("support", "concern", "wording")[each % 3],
                )
                for each in itertools.islice(world.numbers, n // 2)
            ]  # fmt: skip
            imports.file_batch(session, into, imports.seal_batch(into, rows), at=now())
            session.execute(_ORGANISATIONS)


def follow(world: World) -> None:
    """Run the followers of the ledger."""
    of, do = {"consultation_id": world.id}, world.do
    do("numbers", ledger.number_entries)
    do("tally", counters.fold)
    world.loop("queue", queue.FOLLOWER.follow_site)
    world.loop("statistics of moderation", moderation_statistics.FOLLOWER.follow_site)
    world.loop("search", search.FOLLOWER.follow_site)
    do(
        "who is behind",
        lambda session: (
            analysis_queries.list_behind(session, analysis.FOLLOWER),
            results_cache.list_outdated(session),
        ),
    )
    do("analysis", lambda session: analysis.FOLLOWER.follow(session, until=ledger.head(session), **of))
    do("what was heard", lambda session: count_queries.FOLLOWER.follow(session, until=ledger.head(session), **of))
    do("arguments", lambda session: arguments.FOLLOWER.follow(session, until=ledger.head(session), **of))
    do("digest", lambda session: digests.compile_digest(session, cadence=Cadence.DAILY, slot_at=now(), **of))
    do("page of what was heard", lambda session: results_cache.refresh(session, **of) and None)


def decide(world: World) -> None:
    """Publish the waiting submissions, by two moderators."""

    def propose(session: Session) -> int | None:
        if not session.scalar(select(QueueEntry.submission_id).limit(1)):
            return None
        where = [QueueEntry.consultation_id == world.id]
        return bulk.propose(
            session,
            moderator=session.get_one(Account, 2),
            where=where,
            verdict=ModerationVerdict(outcome=DecisionOutcome.PUBLISH),
        ).id

    def confirm(session: Session) -> None:
        if session.get_one(bulk.Batch, number).progress is BatchProgress.SECOND_READER:
            bulk.confirm(session, second=session.get_one(Account, 3), batch_id=number)

    late = now() + timedelta(hours=1)
    while number := world.do("decision on many", propose):
        world.do("decision on many", confirm)
        world.loop("decision on many", lambda session: bulk.run(session, number, at=late))


def move_on(world: World) -> None:
    """Publish the next version, and move the comments to it."""
    with transaction() as session:
        row = session.get_one(Consultation, world.id)
        documents.begin_next(session, document_id=row.document_id, text=_DRAFT.format(next(world.numbers), 2))
        version = documents_queries.get_latest(session, row.document_id)
        assert version
        documents.publish(session, version_id=version.id, consultation_id=row.id, actor=None)
        row.version_id = version.id
    world.loop("carrying", lambda session: carry_forward.carry_batch(session, consultation_id=world.id))


def work_through(world: World, n: int, statistics: str = "") -> None:
    burst(world, n)
    if statistics == "fresh":
        world.look("ANALYZE")
    for step in (follow, decide, follow, move_on, follow):
        step(world)


@contextmanager
def _world(statistics: str) -> Any:
    admin = create_engine(workload.SERVER, isolation_level="AUTOCOMMIT")
    name = f"{MINE}bursts"
    url = make_url(workload.SERVER).set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        migrate(url)
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        app = create_app(Settings(database_url=url, broker_url="memory://", limits_url="memory://", log_level="ERROR"))
        with engine.connect() as connection, app.app_context():
            for (table,) in connection.execute(_TABLES).all():
                connection.execute(text(f'ALTER TABLE "{table}" SET (autovacuum_enabled = off)'))
            world = World(engine)
            begin(world)
            if statistics == "old":
                work_through(world, 2)
                world.look("VACUUM ANALYZE")
                for _often in range(_OFTEN):
                    work_through(world, 2)
            world.costs.clear()
            yield world
            db.session.remove()
            db.engine.dispose()
        engine.dispose()
    finally:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        admin.dispose()


def measure(statistics: str, sizes: tuple[int, int]) -> list[list[str]]:
    found: dict[int, dict[str, Cost]] = {}
    for n in sizes:
        with _world(statistics) as world:
            work_through(world, n, statistics)
            found[n] = {name: Cost(cost.rows, cost.cpu) for name, cost in world.costs.items()}
    few, many = sizes
    return [
        [
            name, f"{found[few][name].rows / few:.1f}", f"{cost.rows / many:.1f}", f"{found[few][name].cpu / few:.2f}",
            f"{cost.cpu / many:.2f}", f"{cost.rows / many / max(found[few][name].rows / few, 0.1):.2f}",
        ]
        for name, cost in found[many].items()
    ]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", type=int, default=2_000)
    parser.add_argument("--large", type=int, default=20_000)
    parser.add_argument("--statistics", nargs="*", default=STATISTICS, choices=STATISTICS)
    chosen = parser.parse_args()
    with create_engine(workload.SERVER).connect() as connection:
        version = connection.execute(text("SHOW server_version")).scalar_one()
    head = ["verb", *(f"{what}, {n:,}" for what in ("rows", "CPU ms") for n in (chosen.small, chosen.large)), "growth"]
    for statistics in chosen.statistics:
        rows = measure(statistics, (chosen.small, chosen.large))
        print_table(f"PostgreSQL {version}, statistics: {statistics}; for one comment", head, rows)


if __name__ == "__main__":
    main()
