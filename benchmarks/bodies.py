"""Pages of bodies with many consultations: `python -m benchmarks.bodies [--few 20] [--many 1000]`.

One body has `many` consultations, another `few`. Each consultation has eight checked arguments. Six are answered, every
third answer is late, and one is deferred to a past day. The table has, for each page, CPU ms of an uncached page at
both sizes (application and PostgreSQL, median of rounds), its growth, and SQL statements. The records are counted at
the beginning of each round, as the scheduler does twice a minute. The last line has the cost of that. Goals: 7.5 ms and
6 statements.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta

from sqlalchemy import Connection, create_engine, insert, select, text

from benchmarks import workload
from benchmarks.measure import print_table, rounds
from benchmarks.pages import Site, served
from consult.accounts.model import Account
from consult.arguments.model import Argument
from consult.bodies.model import BodyKind, PublicBody
from consult.consultations.model import Consultation, Phase
from consult.core.clock import now
from consult.core.db import transaction
from consult.documents.model import Document
from consult.responses.model import AnswerOutcome, Response
from consult.responses.records import service as records

PAGES = {"a body": "/b/one", "all bodies": "/bodies", "as a table": "/bodies.csv"}
_COUNT = "counting all records"
_ARGUMENTS, _ANSWERED = 8, 6


@contextmanager
def site(n: int) -> Iterator[Site]:
    """Yield the application with two bodies and their consultations."""
    with workload.database(200 + n) as url:
        engine = create_engine(url)
        with engine.begin() as connection:
            _fill(connection, "one", n)
            _fill(connection, "two", 20)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
        engine.dispose()
        with served(url) as found:
            yield found


def _fill(connection: Connection, name: str, n: int) -> None:
    body = connection.scalar(
        insert(PublicBody).returning(PublicBody.id),
        {"slug": name, "name": name.title(), "names": {}, "kind": BodyKind.MINISTRY, "about": "What it does.",
         "address": "", "created_at": now(), "revision": 1},
    )  # fmt: skip
    like = connection.execute(select(Consultation.__table__).limit(1)).mappings().one()
    person = connection.scalar(select(Account.id).limit(1))
    for number in range(n):
        document = connection.scalar(
            insert(Document).returning(Document.id), {"title": "Plan", "language": "en", "created_at": now()}
        )
        closed = now() - timedelta(days=100 + number % 700)
        values = {**like, "slug": f"{name}-{number}", "title": f"Plan {number} of {name}", "body_id": body,
                  "document_id": document, "closes_at": closed, "opens_at": closed - timedelta(days=30),
                  "answer_by": (closed + timedelta(days=60)).date(), "phase": Phase.CLOSED}  # fmt: skip
        del values["id"]
        row = connection.scalar(insert(Consultation.__table__).returning(Consultation.id), values)
        arguments = connection.scalars(
            insert(Argument.__table__).returning(Argument.__table__.c.id),
            [
                {"consultation_id": row, "place": "", "stance": "concern", "name": f"Point {point}", "phrases": [],
                 "kept": True, "voices": 9 - point, "statements": 3, "revision": 1, "made_at": closed, "senders": 0}
                for point in range(_ARGUMENTS)
            ],
        ).all()  # fmt: skip
        connection.execute(
            insert(Response.__table__), [_answer(values, row, body, person, a) for a in arguments[:_ANSWERED]]
        )


def _answer(values: dict, row: int, body: int, person: int, argument: int) -> dict:
    off = argument % _ANSWERED == 5
    at = values["closes_at"] + timedelta(days=90 if argument % 3 == 0 else 20)
    return {"consultation_id": row, "argument_id": argument, "answered_at": at, "said_at": at, "body_id": body,
            "promised_for": values["answer_by"], "revision": 1, "reasons": "Because.", "account_id": person,
            "outcome": AnswerOutcome.DEFERRED if off else AnswerOutcome.ACCEPTED, "version_id": None,
            "due_on": (at + timedelta(days=30)).date() if off else None, "provision_id": None}  # fmt: skip


def _recount(site: Site) -> Callable[[], object]:
    def call() -> None:
        with site.app.app_context(), transaction() as session:
            records.recount(session)

    return call


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--few", type=int, default=20)
    arguments.add_argument("--many", type=int, default=1_000)
    sizes = arguments.parse_args()
    with ExitStack() as stack:
        few, many = (stack.enter_context(site(n)) for n in (sizes.few, sizes.many))
        calls = {f"{_COUNT}|few": _recount(few), f"{_COUNT}|many": _recount(many)}
        calls |= {f"{name}|few": few.get(path, None) for name, path in PAGES.items()}
        found = rounds(calls | {f"{name}|many": many.get(path, None) for name, path in PAGES.items()})
        rows = []
        for name, path in PAGES.items():
            small, large = found[f"{name}|few"].median_cpu, found[f"{name}|many"].median_cpu
            counts = f"{few.count(path, None)} / {many.count(path, None)}"
            rows.append([name, f"{small:.1f}", f"{large:.1f}", f"{large / small:.2f}", counts])
        small, large = (found[f"{_COUNT}|{size}"].median_cpu for size in ("few", "many"))
        rows.append([_COUNT, f"{small:.1f}", f"{large:.1f}", f"{large / small:.2f}", "–"])
    head = ["page", f"CPU ms at {sizes.few:,}", f"at {sizes.many:,}", "growth", "SQL"]
    print_table(f"Bodies, {sizes.few:,} and {sizes.many:,} consultations of one", head, rows)


if __name__ == "__main__":
    main()
