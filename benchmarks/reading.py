"""The draft with few and many comments on words: `python -m benchmarks.reading [--few 500] [--many 50000]`.

Workload W, with each comment on words of its paragraph; `few` and `many` count the published comments of one
consultation. For each page: CPU ms of an uncached page, the fastest answer at both sizes (least affected by a busy
machine), p95 of the wall time at both sizes and its growth (at most 1.25), KB after gzip, and SQL statements.
"""

from __future__ import annotations

import argparse
import gzip
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from sqlalchemy import create_engine, text

from benchmarks import workload
from benchmarks.measure import print_table, rounds
from benchmarks.pages import Site, served

PAGES = {
    "a chapter": "/c/plan-1/draft/chp_2",
    "the whole text": "/c/plan-1/draft?whole=1",
    "the hot paragraph": "/c/plan-1/p/2.1",
    "annotations, one page": "/c/plan-1/annotations.jsonld",
}
_PUBLISHED = 0.4  # of the submissions of workload W, in its first consultation
_ANCHORS = """
UPDATE comment c SET anchor = jsonb_build_object('start', w.at, 'end', w.upto, 'exact', substr(p.text, w.at + 1, w.upto - w.at),
    'prefix', substr(p.text, greatest(w.at - 31, 1), least(w.at, 32)), 'suffix', substr(p.text, w.upto + 1, 32))
FROM provision p, (
    SELECT id, (59 * (id % 9) + (ARRAY[0, 5, 11, 17, 24])[1 + id / 9 % 5])::int AS at, (59 * (id % 9) + 58)::int AS upto
    FROM comment
) w WHERE p.id = c.provision_id AND w.id = c.id
"""


@contextmanager
def site(comments: int) -> Iterator[Site]:
    """Yield the application with about `published` comments on words of one draft."""
    with workload.database(round(comments / _PUBLISHED)) as url:
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for statement in (_ANCHORS, "VACUUM FULL ANALYZE comment"):
                connection.execute(text(statement))
            n = connection.scalar(
                text("SELECT count(*) FROM comment WHERE consultation_id = 1 AND shown AND anchor IS NOT NULL")
            )
        engine.dispose()
        assert n is not None
        assert abs(n - comments) <= comments * 0.05, n
        with served(url) as found:
            yield found


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--few", type=int, default=500)
    arguments.add_argument("--many", type=int, default=50_000)
    sizes = arguments.parse_args()
    with ExitStack() as stack:
        few, many = (stack.enter_context(site(n)) for n in (sizes.few, sizes.many))
        operations: dict[str, Callable[[], object]] = {}
        for name, path in PAGES.items():
            operations[f"{name}|few"] = few.get(path, None)
            operations[f"{name}|many"] = many.get(path, None)
        found = rounds(operations, rounds=8)
        rows = []
        for name, path in PAGES.items():
            small, large = found[f"{name}|few"], found[f"{name}|many"]
            sent = len(gzip.compress(many.clients[None].get(path).data)) / 1024
            counts = f"{few.count(path, None)} / {many.count(path, None)}"
            rows.append([
                name, f"{large.median_cpu:.1f}", f"{min(small.wall):.1f} / {min(large.wall):.1f}",
                f"{small.p95:.1f}", f"{large.p95:.1f}", f"{large.p95 / small.p95:.2f}", f"{sent:.1f}", counts,
            ])  # fmt: skip
    head = ["page", "CPU ms", "fastest ms", f"p95 ms at {sizes.few:,}", f"at {sizes.many:,}", "growth", "KB", "SQL"]
    print_table(f"Reading room, {sizes.few:,} and {sizes.many:,} comments on words", head, rows)


if __name__ == "__main__":
    main()
