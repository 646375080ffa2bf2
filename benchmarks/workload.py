"""Workload W: 50 consultations, a draft of 10 chapters × 8 paragraphs × 600 characters, N submissions of about 290.

One tenth of the comments are on one hot paragraph, every tenth submission waits for review, and there are a rare and a
common word. SQL in the server creates the data, so that N = 1,000,000 takes minutes. Source:
docs/decisions/0004-measuring.md.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from sqlalchemy import Connection, create_engine, make_url, text, update
from sqlalchemy.orm import Session

from benchmarks.measure import MINE
from consult.accounts.model import Account
from consult.cli.database import migrate
from consult.cli.schema_check import require_key
from consult.core.crypto import seal
from consult.core.settings import Settings
from consult.core.web.access import Role

SERVER = os.environ.get("CONSULT_BENCH_DATABASE_URL", "postgresql+psycopg://postgres@127.0.0.1/postgres")
SLUG = "plan-1"
# A worker of Celery refuses to start without them, and what it unseals must be sealed by the same key.
os.environ.setdefault("CONSULT_SECRET_KEY", "only-for-the-benchmarks-but-long-enough")
os.environ.setdefault("CONSULT_BASE_URL", "http://127.0.0.1:8000")

_WAITING = """
INSERT INTO waiting (submission_id, consultation_id, queue, home, turn, received_at, revision, text_hash, language,
    stances, place, comments, same, score, found)
SELECT s.id, s.consultation_id, 'new', 'new', s.received_at, s.received_at, s.revision, s.text_hash, s.language,
    c.stance, p.number, 1, 1, 0, '[]'
FROM submission s JOIN comment c ON c.submission_id = s.id JOIN provision p ON p.id = c.provision_id
WHERE s.state = 'pending' ON CONFLICT DO NOTHING
"""
"""What waits, in the queues of the moderators: the same as their follower says, in one statement."""
_SQL = """
INSERT INTO account (email_index, email_sealed, display_name, role, language, verified_at, created_at, session_epoch)
SELECT decode(md5('a' || i), 'hex'), '\\x00', 'Person ' || i,
    CASE i WHEN 1 THEN 'policymaker' WHEN 2 THEN 'moderator' ELSE 'contributor' END, 'en', now(), now(), 0
FROM generate_series(1, 1002) i;

INSERT INTO organisation (name, kind, country, created_at)
SELECT 'Organisation ' || i, 'ngo', (ARRAY['PE','KE','FR','EG','BO'])[1 + i % 5], now() FROM generate_series(1, 200) i;

INSERT INTO document (title, language, created_at) SELECT 'Draft ' || i, 'en', now() FROM generate_series(1, 50) i;
INSERT INTO version (document_id, number, source, created_at, published_at)
SELECT id, 1, '', now(), now() FROM document;
INSERT INTO provision (version_id, wid, eid, chapter, kind, number, heading, text, position, depth)
SELECT v.id, 'chp_' || c, 'chp_' || c, 'chp_' || c, 'chapter', c, 'Chapter number ' || c, '', c * 9, 0
FROM version v, generate_series(1, 10) c;
INSERT INTO provision (version_id, parent_id, wid, eid, chapter, kind, number, heading, text, position, depth)
SELECT v.id, ch.id, ch.eid || '__para_' || p, ch.eid || '__para_' || p, ch.eid, 'paragraph', ch.number || '.' || p, '',
    repeat('Each State shall ensure access to evidence-based services. ', 10), ch.position + p, 1
FROM version v JOIN provision ch ON ch.version_id = v.id AND ch.kind = 'chapter', generate_series(1, 8) p;

INSERT INTO consultation (slug, code, title, body, summary, purpose, language, tags, owner_id, document_id, version_id,
    opens_at, closes_at, timezone, answer_by, phase, created_at, revision)
SELECT 'plan-' || v.id, 'DP27', 'Draft plan ' || v.id, 'Secretariat', 'Tell us what would work.', 'Why we ask.', 'en',
    '["Harm reduction"]', (SELECT id FROM account WHERE role = 'policymaker'), v.document_id, v.id,
    now() - interval '7 days', now() + interval '30 days' + v.id * interval '1 hour', 'UTC', NULL, 'open', now(), 1
FROM version v;

INSERT INTO submission (reference, consultation_id, version_id, state, revision, organisation_id, submitter_kind,
    name_rule, organisation_name, person_name, language, received_at, text_hash, salt)
SELECT 'DP27-' || lpad(i::text, 8, '0'), c.id, c.version_id, CASE WHEN i % 10 = 0 THEN 'pending' ELSE 'published' END, 1,
    CASE WHEN i % 3 = 0 THEN 1 + i % 200 END, CASE WHEN i % 3 = 0 THEN 'organisation' ELSE 'person' END,
    CASE WHEN i % 3 = 0 THEN 'organisation' ELSE 'own' END,
    CASE WHEN i % 3 = 0 THEN 'Organisation ' || (1 + i % 200) END, CASE WHEN i % 3 <> 0 THEN 'Person ' || i END,
    'en', now() - interval '6 days' + i * interval '4 days' / :n, decode(md5(i::text), 'hex'), '\\x00'
FROM generate_series(1, :n) i JOIN consultation c ON c.id = (CASE WHEN i % 2 = 0 THEN 1 ELSE 1 + i % 50 END);

INSERT INTO comment (submission_id, consultation_id, provision_id, stance, body, language, position, shown)
SELECT s.id, s.consultation_id, p.id, (ARRAY['support','concern','wording','evidence'])[1 + s.id / 2 % 4],
    'Comment ' || s.id || ' ' || repeat('People who use services told us what works. ', 6)
    || CASE WHEN s.id / 2 % 1000 = 7 THEN 'nitazene' ELSE 'community' END, 'en', 0, s.state = 'published'
FROM submission s JOIN LATERAL (
    SELECT id FROM provision WHERE version_id = s.version_id AND kind = 'paragraph'
        AND number = CASE WHEN s.id / 2 % 10 = 1 THEN '2.1'
            ELSE (1 + s.id / 2 % 10) || '.' || (1 + s.id / 20 % 8) END
) p ON true;

INSERT INTO tally (consultation_id, provision_id, stance, state, n)
SELECT consultation_id, NULL, NULL, state, count(*) FROM submission GROUP BY 1, 4;
INSERT INTO tally (consultation_id, provision_id, stance, state, n)
SELECT s.consultation_id, c.provision_id, c.stance, s.state, count(*) FROM comment c
JOIN submission s ON s.id = c.submission_id GROUP BY 1, 2, 3, 4;
INSERT INTO ledger (number, at, kind, consultation_id, subject_id, detail)
SELECT row_number() OVER (ORDER BY id), received_at, 'submission.received', consultation_id, id, '{}' FROM submission;
INSERT INTO ledger (number, at, kind, consultation_id, subject_id, detail)
SELECT (SELECT max(number) FROM ledger) + row_number() OVER (ORDER BY id), received_at, 'submission.published',
    consultation_id, id, '{"was": "pending"}' FROM submission WHERE state = 'published';
"""


@lru_cache(maxsize=1)
def postmaster() -> int:
    """Return the process id of the database server if it runs on this machine, else None."""
    engine = create_engine(SERVER)
    with engine.connect() as connection:
        backend = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        parent = int(Path(f"/proc/{backend}/stat").read_text().rpartition(")")[2].split()[1])
    engine.dispose()
    return parent


@contextmanager
def database(n: int, *, keep: bool = False) -> Iterator[str]:
    """Yield the URL of a database with N submissions, which is dropped afterwards."""
    name = f"{MINE}{n}"
    admin = create_engine(SERVER, isolation_level="AUTOCOMMIT")
    url = make_url(SERVER).set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    migrate(url)
    require_key(Settings(database_url=url))  # kept before there are addresses that no key opens
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        fill(connection, n)
    engine.dispose()
    try:
        yield url
    finally:
        if not keep:
            with admin.connect() as connection:
                connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        admin.dispose()


def fill(connection: Connection, n: int) -> None:
    """Insert workload W into an empty, migrated database. `connection` is in autocommit."""
    for statement in _SQL.split(";\n"):
        if statement.strip():
            connection.execute(text(statement), {"n": n} if ":n" in statement else {})
    connection.execute(text("VACUUM ANALYZE"))


def fill_queue(session: Session) -> None:
    """Add the waiting submissions that are not in the moderators' queues yet.

    The queue compares addresses, so accounts get addresses that the key opens: moderators another one than authors.
    """
    session.execute(text(_WAITING))
    session.execute(update(Account).values(email_sealed=seal("author@bench.example")))
    staff = update(Account).where(Account.role != Role.CONTRIBUTOR)
    session.execute(staff.values(email_sealed=seal("moderator@bench.example")))
