"""A digest of 1,000 new submissions: `python -m benchmarks.digests [--sizes 1000 100000] [--rounds 10]`.

Half of workload W's submissions are in the measured consultation. They are followed in steps, as the scheduler does,
and are in a first digest. Then each makes a statement of one of 1,280 arguments, and a tenth are copies of one letter.
The table has the cost of later digests with new submissions, arguments and the letter. It must not grow with the number
of earlier submissions. The floor reads the same data in ten bare statements and stores the same edition again.
Fingerprints of the texts are made and discarded: `benchmarks.engine` measures campaigns.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import event, select, text
from sqlalchemy.orm import Session

from benchmarks import workload
from benchmarks.measure import postgres_cpu, print_table
from consult import create_app
from consult.analysis import service as analysis
from consult.analysis.jobs.text_updates import TextUpdate, update_texts
from consult.analysis.kinds import TextKind
from consult.analysis.model import Campaign
from consult.arguments import coverage
from consult.arguments.claims import statement_proof
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.db import db, transaction
from consult.core.settings import Settings
from consult.digests import count_queries, service
from consult.digests.model import Cadence
from consult.ledger import service as ledger

_SPOKEN = "eople who use services told us what works"
"""What all comments of the workload have, old and new: a statement is its beginning."""
_SHORTEST, _LENGTHS = 20, 20
_MORE = """
WITH fresh AS (
    INSERT INTO submission (reference, consultation_id, version_id, state, revision, submitter_kind, name_rule,
        person_name, language, received_at, text_hash, salt)
    SELECT 'NEW-' || :run || '-' || i, c.id, c.version_id, 'published', 1, 'person', 'own', 'Person ' || i, 'en', now(),
        CASE WHEN i % 10 = 0 THEN :letter ELSE decode(md5(:run || '-' || (i % 900)), 'hex') END, '\\x00'
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
_ARGUMENTS = """
INSERT INTO argument (consultation_id, place, stance, phrases, made_at, kept, voices, statements, revision)
SELECT c.id, p.wid, stance, jsonb_build_array('Argument ' || n), now(), false, 0, 0, 1
FROM consultation c JOIN provision p ON p.version_id = c.version_id AND p.kind = 'paragraph',
    unnest(ARRAY['support','concern','wording','evidence']) AS stance, generate_series(1, 4) AS n
WHERE c.id = :c
"""
_CLAIMS = """
WITH kept AS (
    INSERT INTO claim (consultation_id, text_hash, comment_id, submission_id, place, stance, start, "end", key, proof,
        submitter, argument_id, kept)
    SELECT s.consultation_id, s.text_hash, c.id, s.id, p.wid, c.stance, strpos(c.body, :spoken) - 1,
        strpos(c.body, :spoken) - 1 + :shortest + s.id % :lengths, '\\x00',
        (CAST(:proofs AS bytea[]))[1 + s.id % :lengths], 's' || s.id, a.id, false
    FROM submission s JOIN comment c ON c.submission_id = s.id JOIN provision p ON p.id = c.provision_id JOIN (
        SELECT id, place, stance, row_number() OVER (PARTITION BY place, stance ORDER BY id) AS n FROM argument
        WHERE consultation_id = :c
    ) AS a ON a.place = p.wid AND a.stance = c.stance AND a.n = 1 + s.id / 8 % 4
    WHERE s.consultation_id = :c AND s.id > :after AND c.shown RETURNING argument_id
)
UPDATE argument a SET voices = voices + k.n, statements = statements + k.n
FROM (SELECT argument_id, count(*) AS n FROM kept GROUP BY argument_id) AS k WHERE k.argument_id = a.id
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
    "SELECT id, wording FROM question WHERE consultation_id = :c ORDER BY position",
    "SELECT argument_id, count(*) FROM claim WHERE submission_id > :after AND consultation_id = :c GROUP BY argument_id",
    "SELECT a.id, a.voices, q.body FROM (SELECT * FROM argument WHERE consultation_id = :c ORDER BY voices DESC LIMIT 24) "
    "AS a CROSS JOIN LATERAL (SELECT c.body FROM claim k JOIN comment c ON c.id = k.comment_id WHERE k.argument_id = a.id "
    "ORDER BY k.id LIMIT 3) AS q",
    "SELECT k.id, k.members, k.exact, k.adding, count(*) FROM campaign k JOIN submission s ON s.text_hash = k.letter_hash "
    "WHERE k.consultation_id = :c AND s.id > :after GROUP BY k.id",
)
_BEFORE = "SELECT id, body FROM digest WHERE consultation_id = :c ORDER BY id DESC LIMIT 1"
_STORED = """
WITH kept AS (
    INSERT INTO digest (consultation_id, cadence, edition, slot_at, since, until, empty, body, compiled_at)
    VALUES (2, 'daily', 1, clock_timestamp(), :since, :since + 1, false, CAST(:body AS jsonb), now()) RETURNING id
), quoted AS (
    INSERT INTO digest_quote (digest_id, comment_id, submission_id, sha256)
    SELECT kept.id, comment_id, submission_id, sha256 FROM kept, digest_quote WHERE digest_id = :before
)
INSERT INTO ledger (at, kind, consultation_id, subject_id, detail) SELECT now(), 'digest.compiled', 2, id, '{}' FROM kept
"""


Window = dict[str, int]
"""What a round's statements are given: the consultation, and where its new submissions and entries begin."""
Part = tuple[str, Callable[[Session, Window], None]]


@dataclass
class Spent:
    """Seconds of wall time and of CPU (application and PostgreSQL), and the number of statements."""

    wall: float = 0
    cpu: float = 0
    statements: int = 0


@dataclass
class Measured:
    """The figures of the first digest and of each round."""

    followed: Spent = field(default_factory=Spent)
    first: Spent = field(default_factory=Spent)
    rounds: dict[str, list[Spent]] = field(
        default_factory=lambda: {name: [] for name in ("analysis", "heard", "digest", "floor")}
    )


@contextmanager
def spending(into: Spent) -> Iterator[None]:
    def count(*_what: object) -> None:
        into.statements += 1

    event.listen(db.engine, "before_cursor_execute", count)
    server = postgres_cpu()  # reading /proc costs more than what is measured: outside of it
    wall, own = time.perf_counter(), time.process_time()
    yield
    into.cpu += time.process_time() - own
    into.wall += time.perf_counter() - wall
    into.cpu += postgres_cpu() - server
    event.remove(db.engine, "before_cursor_execute", count)


def measure(url: str, rounds: int) -> Measured:
    """Measure the first digest, then in each round the analysis of 1,000 new submissions, “What we heard”, the digest
    and the floor.
    """
    app = create_app(Settings(database_url=url, broker_url="memory://", limits_url="memory://", log_level="ERROR"))
    found = Measured()
    with app.app_context():
        with spending(found.followed):
            _follow_all()
        with spending(found.first), transaction() as session:
            _digest(session, {"c": _consultation(session)})
        letter = _argued()
        for run in range(rounds):
            window = _more(str(run), letter)
            parts: list[Part] = [("analysis", _analysed), ("heard", _heard), ("digest", _digest)]
            parts.insert(2 + run % 2, ("floor", _floor))  # who is first to read what was written pays for it
            for name, part in parts:
                found.rounds[name].append(spent := Spent())
                with spending(spent), transaction() as session:
                    part(session, window)
        db.engine.dispose()
    return found


def _consultation(session: Session) -> int:
    return session.scalar(select(Consultation.id).where(Consultation.slug == workload.SLUG)) or 0


def _follow_all() -> None:
    at, head = 0, 1
    while at < head:
        with transaction() as session:
            number, head = _consultation(session), ledger.head(session)
            until = min(head, analysis.FOLLOWER.get_position(session, number) + analysis.FOLLOWER.step)
            at = count_queries.FOLLOWER.follow(session, consultation_id=number, until=until)


def _argued() -> bytes:
    """Give each published submission a statement, a tenth of them from one letter. Return the letter's hash."""
    with transaction() as session:
        number = _consultation(session)
        session.execute(text("SET LOCAL statement_timeout = 0"))  # half a million statements at once
        session.execute(text(_ARGUMENTS), {"c": number})
        _claims(session, 0)
        chosen = "SELECT text_hash FROM text_group WHERE consultation_id = :c ORDER BY text_hash LIMIT 1 + :most / 10"
        most = session.scalar(text("SELECT count(*) FROM text_group WHERE consultation_id = :c"), {"c": number})
        hashes = [bytes(key) for key in session.scalars(text(chosen), {"c": number, "most": most})]
        letter = Campaign(
            consultation_id=number, letter_hash=hashes[0], versions=[], core=b"", detected=True
        )  # fmt: skip
        session.add(letter)
        session.flush()
        kinds = [TextKind.EXACT, *[TextKind.LETTER] * (len(hashes) - 1)]
        moves = [TextUpdate(key, kind, letter.id, 0.9, False, False) for key, kind in zip(hashes, kinds, strict=True)]
        for first in range(0, len(moves), 4_000):
            update_texts(session, number, ledger.head(session), moves[first : first + 4_000], [])
        coverage.update_coverage(session, number)
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))  # as the server does by itself after so many
    return hashes[0]


def _claims(session: Session, after: int) -> None:
    proofs = [statement_proof(_SPOKEN[: _SHORTEST + more]) for more in range(_LENGTHS)]
    session.execute(text(_CLAIMS), {
        "c": _consultation(session), "after": after, "spoken": _SPOKEN, "shortest": _SHORTEST, "lengths": _LENGTHS,
        "proofs": proofs,
    })  # fmt: skip


def _more(run: str, letter: bytes) -> Window:
    """Add 1,000 new submissions with their statements, and return the first id."""
    with transaction() as session:
        after = session.execute(text("SELECT max(id) FROM submission")).scalar_one()
        window = {"c": _consultation(session), "after": after, "since": ledger.head(session)}
        session.execute(text(_MORE), {"run": run, "slug": workload.SLUG, "letter": letter})
        _claims(session, after)
    return window


def _analysed(session: Session, window: Window) -> None:
    analysis.FOLLOWER.follow(session, consultation_id=window["c"], until=ledger.number_entries(session))


def _heard(session: Session, window: Window) -> None:
    count_queries.FOLLOWER.follow(session, consultation_id=window["c"], until=ledger.head(session))
    coverage.update_coverage(session, window["c"])


def _digest(session: Session, window: Window) -> None:
    service.compile_digest(session, consultation_id=window["c"], cadence=Cadence.DAILY, slot_at=now())


def _floor(session: Session, window: Window) -> None:
    for statement in _FLOOR:
        session.execute(text(statement), window).all()
    before = session.execute(text(_BEFORE), window).one()
    session.execute(text(_STORED), {"body": json.dumps(before.body), "before": before.id, "since": window["since"]})


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--sizes", type=int, nargs="+", default=[1_000, 100_000])
    arguments.add_argument("--rounds", type=int, default=10)
    asked = arguments.parse_args()
    rows = []
    for n in asked.sizes:
        with workload.database(n) as url:
            found = measure(url, asked.rounds)
        parts = found.rounds
        rows.append([f"{n:,}", f"{found.followed.wall:.1f}", f"{found.first.wall:.1f}",
                     *(f"{_median(part, 'cpu'):.0f}" for part in parts.values()),
                     f"{_median(parts['digest'], 'cpu') / _median(parts['floor'], 'cpu'):.1f}",
                     f"{parts['digest'][-1].statements}",
                     f"{sum(_median(parts[name], 'wall') for name in ('analysis', 'heard', 'digest')):.0f}"])  # fmt: skip
    head = ["submissions before", "followed, s", "first digest, s", "CPU ms: analysis", "who was heard", "digest", "floor",
            "ratio", "SQL", "all three, ms"]  # fmt: skip
    print_table("A digest of 1,000 new submissions", head, rows)


def _median(samples: list[Spent], name: str) -> float:
    """Return the median in milliseconds."""
    return 1000 * float(statistics.median(getattr(one, name) for one in samples))


if __name__ == "__main__":
    main()
