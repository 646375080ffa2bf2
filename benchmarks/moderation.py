"""The moderators' pages: `python -m benchmarks.moderation [--small 1000] [--large 100000]`.

At both sizes that many submissions wait and as many are decided. Measured are CPU ms and p95 of the queue, “next”, one
submission, the logs and statistics. Then one decision from its page next to a floor, and its application by the
scheduler. Then one decision on many submissions in the background task, stopped and restarted half-way. Last, the speed
at which the queues follow.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from flask.testing import FlaskClient
from sqlalchemy import select, text

from benchmarks import floor, workload
from benchmarks.measure import Samples, postgres_cpu, print_table, rounds
from consult import create_app
from consult.accounts.model import Account
from consult.core.clock import now
from consult.core.db import db, transaction
from consult.core.settings import Settings
from consult.core.web.access import Role
from consult.decisions.service import UNDO_DELAY
from consult.moderation import service
from consult.moderation import waiting_list as queue
from consult.moderation.bulk import service as bulk
from consult.moderation.model import Batch, Decision, DecisionOutcome, Queue, QueueEntry
from consult.moderation.service import ModerationVerdict
from consult.moderation.statistics import service as statistics
from tests.signing import session_cookie

_ALL_WAIT = """
UPDATE submission SET state = 'pending';
UPDATE comment SET shown = false;
DELETE FROM tally;
INSERT INTO tally (consultation_id, provision_id, stance, state, n)
SELECT consultation_id, NULL, NULL, state, count(*) FROM submission GROUP BY 1, 4;
INSERT INTO tally (consultation_id, provision_id, stance, state, n)
SELECT s.consultation_id, c.provision_id, c.stance, s.state, count(*) FROM comment c
JOIN submission s ON s.id = c.submission_id GROUP BY 1, 2, 3, 4
"""
_FOLLOWED = 3_000
"""So many come into the queues as in production, which is timed; the rest by one statement that says the same."""
_DECIDED = """
INSERT INTO decision (submission_id, revision, moderator_id, outcome, note, at, ended, ended_at, queue)
SELECT s.id, 1, a.id, 'publish', '', now(), 'took_effect', now(), 'new'
FROM submission s, (SELECT id FROM account WHERE role = 'moderator') a
"""
"""As many decisions as there are submissions, for the logs and the statistics."""


@dataclass
class Desk:
    """The application with all submissions waiting, and a moderator's browser."""

    app: Flask
    client: FlaskClient
    url: str
    followed: float  # submissions a second that came into the queues

    def get(self, path: str) -> Callable[[], object]:
        def call() -> None:
            answer = self.client.get(path)
            assert answer.status_code in (200, 303), (path, answer.status)

        return call


@contextmanager
def desk(n: int) -> Iterator[Desk]:
    with workload.database(n) as url:
        app = create_app(Settings(database_url=url, broker_url="memory://", limits_url="memory://", log_level="ERROR"))
        app.config["WTF_CSRF_ENABLED"] = False
        client = app.test_client(use_cookies=False)  # else what each decision says heaps up in the session, unread
        with app.app_context():
            followed = _fill(n)
            account = db.session.scalars(select(Account).where(Account.role == Role.MODERATOR)).one()
            signed_in = session_cookie(db.session(), account)
            db.session.commit()
            signer = SecureCookieSessionInterface().get_signing_serializer(app)
            assert signer is not None
            client.environ_base["HTTP_COOKIE"] = f"{app.config['SESSION_COOKIE_NAME']}={signer.dumps(signed_in)}"
            db.session.remove()
        yield Desk(app, client, url, followed)
        with app.app_context():
            db.engine.dispose()


def _fill(n: int) -> float:
    with transaction() as session:
        for statement in _ALL_WAIT.split(";\n"):
            session.execute(text(statement))
    started, followed = time.perf_counter(), 0
    while followed < min(n, _FOLLOWED):
        with transaction() as session:
            followed += queue.FOLLOWER.follow_site(session)
    rate = followed / (time.perf_counter() - started)
    with transaction() as session:
        workload.fill_queue(session)
        session.execute(text(_DECIDED))
        while statistics.FOLLOWER.follow_site(session, most=_FOLLOWED):
            pass
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    return rate


def pages(small: Desk, large: Desk) -> list[list[str]]:
    """Measure CPU ms at the larger size next to a floor of the queue, p95 at both sizes, and the growth."""
    paths = {
        "queue": "/review", "queue, one consultation": "/review?consultation=plan-1",
        "queue, one stance": "/review?stance=evidence", "one submission": "/review/7", "on to the next": "/review/7/skip",
        "log of decisions": "/review/log", "statistics": "/review/statistics", "public decision log": "/log",
        "public decision log, a rare kind": "/log?kind=appeal.rejected", "public statistics": "/moderation/statistics", "who reads what": "/review/claims",
    }  # fmt: skip
    operations = {f"{name}|{size}": at.get(path) for name, path in paths.items() for size, at in
                  (("small", small), ("large", large))}  # fmt: skip
    bare = floor.make(large.url).test_client()
    found = rounds({**operations, "floor": lambda: bare.get("/waiting")})
    base = {"queue": found["floor"].median_cpu}
    return [[name, *_compared(found[f"{name}|small"], found[f"{name}|large"], base.get(name))] for name in paths]


def _compared(few: Samples, many: Samples, base: float | None) -> list[str]:
    ratio = [f"{base:.1f}", f"{many.median_cpu / base:.1f}"] if base else ["–", "–"]
    return [f"{many.median_cpu:.1f}", *ratio, f"{few.p95:.1f}", f"{many.p95:.1f}", f"{many.p95 / few.p95:.2f}"]


def decisions(at: Desk, calls: int = 40) -> list[list[str]]:
    """Measure a decision sent from its page until the answer, and its application half a minute later."""
    with at.app.app_context():
        asked = select(QueueEntry.submission_id, QueueEntry.revision).where(QueueEntry.queue == Queue.NEW)
        free = iter(db.session.execute(asked.order_by(QueueEntry.submission_id.desc()).limit(calls * 12)).all())
        db.session.remove()

    def decide() -> None:
        row = next(free)
        data = {"outcome": "publish", "revision": row.revision, "seen": "", "covers": "[]"}
        answer = at.client.post(f"/review/{row.submission_id}", data=data)
        assert answer.status_code == 303, answer.status

    bare = floor.make(at.url).test_client()
    both = rounds(
        {"a decision": decide, "floor": lambda: bare.post(f"/decide/{next(free).submission_id}")}, rounds=5, calls=calls
    )
    found, base = both["a decision"], both["floor"]
    with at.app.app_context():
        own, server, started = time.process_time(), postgres_cpu(), time.perf_counter()
        with transaction() as session:
            done = service.apply_due_decisions(session, at=now() + UNDO_DELAY + timedelta(seconds=1))
        spent = time.process_time() - own + postgres_cpu() - server
        wall = (time.perf_counter() - started) * 1000 / done
    return [
        ["a decision, until the answer", f"{found.median_cpu:.1f}", f"{found.p95:.1f}"],
        ["floor", f"{base.median_cpu:.1f}", f"{base.p95:.1f}"],
        ["as a ratio", f"{found.median_cpu / base.median_cpu:.1f}", ""],
        ["the same taking effect", f"{spent * 1000 / done:.1f}", f"{wall:.1f}"],
    ]


def many(at: Desk, n: int) -> str:
    """Measure one decision on `n` submissions, applied in parts. Half-way a part is discarded, as by a kill."""
    with at.app.app_context():
        with transaction() as session:
            account = session.scalars(select(Account).where(Account.role == Role.MODERATOR)).one()
            second = session.scalars(select(Account).where(Account.id != account.id).limit(1)).one()
            second.role = Role.MODERATOR
            session.flush()
            started = time.perf_counter()
            where = [QueueEntry.queue == Queue.NEW]
            batch = bulk.propose(
                session, moderator=account, where=where, verdict=ModerationVerdict(DecisionOutcome.PUBLISH)
            )
            bulk.confirm(session, second=second, batch_id=batch.id)
            number = batch.id
        proposed, parts, more = time.perf_counter() - started, 0, True
        later = now() + UNDO_DELAY + timedelta(seconds=1)
        started = time.perf_counter()
        while more:
            if parts == n // bulk.CHUNK // 2:
                bulk.run(db.session(), number, at=later)
                db.session.rollback()
            with transaction() as session:
                more = bulk.run(session, number, at=later)
            parts += 1
        spent = time.perf_counter() - started
        made = db.session.scalars(select(Decision.id).where(Decision.batch_id == number)).all()
        batch_now = db.session.get_one(Batch, number)
        assert len(made) == n, len(made)
        return f"{len(made):,} decided in {spent:.1f} s in {parts} parts, one of them twice; proposed in {proposed:.1f} s ({batch_now.progress})"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--small", type=int, default=1_000)
    arguments.add_argument("--large", type=int, default=100_000)
    sizes = arguments.parse_args()
    with ExitStack() as stack:
        small, large = (stack.enter_context(desk(n)) for n in (sizes.small, sizes.large))
        head = ["page", "CPU ms", "floor", "ratio", f"p95 ms at {sizes.small:,}", f"at {sizes.large:,}", "growth"]
        print_table(f"Review, {sizes.small:,} and {sizes.large:,} waiting", head, pages(small, large))
        print_table("Deciding", ["what", "CPU ms", "p95 ms"], decisions(large))
        print(many(large, min(sizes.large, bulk.MOST)))
        print(f"Queues follow the ledger at {large.followed:,.0f} submissions a second")


if __name__ == "__main__":
    main()
