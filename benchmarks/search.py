"""Search over workload W, with a file of 12,000 characters for every tenth submission.

    python -m benchmarks.search [--comments 100000] [--calls 40]

Rows: queries. Columns: number of matches, p50 and p95 of the wall time of the whole page, CPU ms of a call (application
and PostgreSQL), SQL statements. Then the cost of indexing and of exporting all comments. Goal: p95 under 100 ms over
100,000 comments, for rare and common words.
"""

from __future__ import annotations

import argparse
import time

from flask.testing import FlaskClient
from sqlalchemy import event, text

from benchmarks import workload
from benchmarks.measure import peak_memory, print_table, rounds
from consult import create_app
from consult.core.db import db
from consult.core.paging import encode_cursor
from consult.core.settings import Settings
from consult.search import service

WISHES = {
    "rare word": "/c/plan-1/search?q=nitazene",
    "rare word, everywhere": "/search?q=nitazene",
    "one text": "/search?q=%22Comment+4242%22",
    "common word": "/c/plan-1/search?q=services",
    "common word, everywhere": "/search?q=services",
    "common word, page far back": "",
    "common word, one paragraph": "/c/plan-1/search?q=services&on=2.1",
    "common word, small group": "/search?q=services&stance=wording&who=organisation&group=ngo",
    "two common words or one rare": "/search?q=community+people+or+nitazene",
    "no words, narrowed": "/c/plan-1/search?stance=concern&on=2.1",
    "no match": "/search?q=zoology",
    "evidence, newest": "/evidence",
    "evidence, rare word in a file": "/evidence?q=isotonitazene",
    "evidence, common word, small group": "/evidence?q=services&evidence=study&country=KE",
}

_EVIDENCE = """
WITH file AS (
    INSERT INTO stored_file (folder, salt, name, kind, size, state, created_at, checked_at, attempts, clean_kind, clean_size,
        removed, pages, text)
    SELECT 'f' || s.id, '\\x00', 'study.pdf', 'pdf', 90000, 'clean', now(), now(), 1, 'pdf', 80000, '[]', 3,
        repeat('Of the people who use services, ' || s.id || ' told us what works and what does not. ', 150)
        || CASE WHEN s.id % 5000 = 7 THEN 'isotonitazene' ELSE '' END
    FROM submission s WHERE s.id % 10 = 7 AND s.state = 'published' RETURNING id, substr(folder, 2)::bigint AS submission_id
)
INSERT INTO evidence (submission_id, consultation_id, position, shown, file_id, kind, description, language, year, place,
    method, consent)
SELECT s.id, s.consultation_id, 0, true, file.id, (ARRAY['study','testimony','statistics'])[1 + s.id / 10 % 3],
    'What works, told by those it is for ' || s.id, 'en', 2025, 'Two districts', 'Interviews', true
FROM file JOIN submission s ON s.id = file.submission_id
"""


def index() -> float:
    """Follow the whole ledger, and return the seconds."""
    started = time.perf_counter()
    while service.FOLLOWER.follow_site(db.session()):
        db.session.commit()
    db.session.execute(text("ANALYZE search_indexed"))
    db.session.commit()
    return time.perf_counter() - started


def take_away(client: FlaskClient, path: str) -> tuple[float, int]:
    """Return the seconds of reading a whole file as a stream, and its number of lines."""
    started, lines = time.perf_counter(), 0
    for part in client.get(path, buffered=False).response:
        lines += bytes(part).count(b"\n")
    return time.perf_counter() - started, lines


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--comments", type=int, default=100_000)
    arguments.add_argument("--calls", type=int, default=40)
    chosen = arguments.parse_args()
    with workload.database(chosen.comments) as url:
        app = create_app(Settings(database_url=url, broker_url="memory://", limits_url="memory://", log_level="ERROR"))
        with app.app_context():
            db.session.execute(text(_EVIDENCE))
            db.session.commit()
            spent = index()
            size = db.session.scalar(text("SELECT pg_total_relation_size('search_indexed') / 1000000"))
            middle = db.session.scalar(text("SELECT max(id) / 3 FROM search_indexed"))
            shown = db.session.scalar(text("SELECT count(*) FROM search_indexed"))
            db.session.remove()
            statements: list[str] = []
            event.listen(db.engine, "before_cursor_execute", lambda _c, _u, sql, *_: statements.append(sql))
        _search(app.test_client(), chosen, middle or 0, statements)
        print(
            f"Indexed {shown:,} comments and pieces of evidence in {spent:.1f} s, {(shown or 0) / spent:,.0f} a second; {size} MB."
        )
        before = peak_memory()
        for kind in ("csv", "jsonl"):
            seconds, lines = take_away(app.test_client(), f"/search.{kind}?q=services")
            print(f"{lines:,} lines of {kind} in {seconds:.1f} s; memory grew by {peak_memory() - before:.0f} MB.")
        with app.app_context():
            db.engine.dispose()


def _search(client: FlaskClient, chosen: argparse.Namespace, middle: int, statements: list[str]) -> None:
    far = encode_cursor([middle])
    paths = {name: path or f"/search?q=services&after={far}" for name, path in WISHES.items()}
    found = rounds({name: lambda path=path: client.get(path) for name, path in paths.items()}, calls=chosen.calls)  # type: ignore[misc]
    rows = []
    for name, path in paths.items():
        statements.clear()
        page = client.get(path).text
        head = page.split("<h2>")[1].split("</h2>")[0] if "<h2>" in page else ""
        samples = found[name]
        half = sorted(samples.wall)[len(samples.wall) // 2]
        rows.append(
            [name, head[:24], f"{half:.1f}", f"{samples.p95:.1f}", f"{samples.median_cpu:.1f}", str(len(statements))]
        )
    print_table(
        f"Search over {chosen.comments:,} comments", ["looked for", "found", "p50 ms", "p95 ms", "CPU ms", "SQL"], rows
    )


if __name__ == "__main__":
    main()
