"""Pages with workload W at two sizes, next to the floor: `python -m benchmarks.pages [--small 1000] [--large 100000]`.

Columns: CPU ms a request (application and PostgreSQL, median of rounds) of an uncached page, a cached page, a page that
the browser holds (304), and the floor, with the ratio to the uncached page. Then p95 of the wall time at both sizes and
its growth, and the number of SQL statements at both sizes.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select, update

from benchmarks import floor, workload
from benchmarks.measure import Samples, print_table, rounds
from consult import create_app
from consult.accounts.model import Account
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.crypto import seal
from consult.core.db import db
from consult.core.settings import Settings
from consult.core.web import page_cache
from consult.core.web.access import Role
from consult.digests import service as digests
from consult.digests.model import Cadence
from tests.signing import session_cookie

PAGES = {
    "home": ("/", None, "/consultations"),
    "list of consultations": ("/consultations", None, "/consultations"),
    "consultation": ("/c/plan-1", None, "/consultation"),
    "reading room, a chapter": ("/c/plan-1/draft/chp_2", None, "/chapter"),
    "20 comments of the hot paragraph": ("/c/plan-1/p/2.1", None, "/paragraph"),
    "review queue": ("/review", Role.MODERATOR, "/queue"),
    "digest on the web": ("/desk/digests/1", Role.POLICYMAKER, "/digest"),
    "workspace of a policymaker": ("/desk", Role.POLICYMAKER, None),
}


@dataclass
class Site:
    """The application on one database, with a client for each role and a counter of statements."""

    app: Flask
    clients: dict[Role | None, FlaskClient]
    statements: list[str] = field(default_factory=list)

    def get(self, path: str, role: Role | None, *, anew: bool = True) -> Callable[[], object]:
        client = self.clients[role]

        def call() -> None:
            if anew:
                page_cache.init_app(self.app)
            answer = client.get(path)
            assert answer.status_code == 200, (path, answer.status)
            assert path != "/review" or 'class="line"' in answer.text, "a queue without lines measures nothing"

        return call

    def held(self, path: str) -> Callable[[], object] | None:
        """Return the request of a browser that holds the page, or None for a page that is rendered for each reader."""
        client = self.clients[None]
        if (tag := client.get(path).headers.get("ETag")) is None:
            return None

        def call() -> None:
            nonlocal tag
            answer = client.get(path, headers={"If-None-Match": tag})
            if answer.status_code != 304:  # home and the list are made once a minute
                tag, old = answer.headers["ETag"], tag
                assert tag != old, path

        return call

    def count(self, path: str, role: Role | None) -> int:
        self.statements.clear()
        self.get(path, role)()
        return len(self.statements)


@contextmanager
def site(n: int) -> Iterator[Site]:
    with workload.database(n) as url, served(url) as found:
        with found.app.app_context():
            _compile(found.app)
        yield found


@contextmanager
def served(url: str) -> Iterator[Site]:
    """Yield the application on a database of workload W."""
    app = create_app(Settings(database_url=url, broker_url="memory://", limits_url="memory://", log_level="ERROR"))
    clients: dict[Role | None, FlaskClient] = {None: app.test_client()}
    found = Site(app, clients)
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda _c, _u, sql, *_: found.statements.append(sql))
        # Rows of workload W have no address that a key opens, and the queue reads them.
        db.session.execute(update(Account).values(email_sealed=seal("person@example.org")))
        for role in (Role.MODERATOR, Role.POLICYMAKER):
            account = db.session.scalar(select(Account).where(Account.role == role))
            clients[role] = app.test_client()
            with clients[role].session_transaction() as cookie:
                cookie.update(session_cookie(db.session(), account))
            db.session.commit()
    yield found
    with app.app_context():
        db.engine.dispose()


def _compile(app: Flask) -> None:
    """Compile a digest, and fill the queues of the moderators."""
    consultation = db.session.scalar(select(Consultation.id).where(Consultation.slug == workload.SLUG)) or 0
    workload.fill_queue(db.session())
    digests.compile_digest(db.session(), consultation_id=consultation, cadence=Cadence.DAILY, slot_at=now())
    db.session.commit()
    db.session.remove()


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--small", type=int, default=1_000)
    arguments.add_argument("--large", type=int, default=100_000)
    sizes = arguments.parse_args()
    with ExitStack() as stack:
        small, large = (stack.enter_context(site(n)) for n in (sizes.small, sizes.large))
        bare = floor.make(large.app.config["SETTINGS"].database_url).test_client()
        operations: dict[str, Callable[[], object]] = {}
        for name, (path, role, bare_path) in PAGES.items():
            operations[f"{name}|small"] = small.get(path, role)
            operations[f"{name}|large"] = large.get(path, role)
            if role is None and (held := large.held(path)):
                operations[f"{name}|kept"] = large.get(path, role, anew=False)
                operations[f"{name}|held"] = held
            if bare_path:
                operations[f"{name}|floor"] = lambda path=bare_path: bare.get(path)
        found = rounds(operations)
        rows = [_row(name, found, small, large) for name in PAGES]
    head = [
        "page",
        "CPU ms",
        "kept",
        "304",
        "floor",
        "ratio",
        f"p95 ms at {sizes.small:,}",
        f"at {sizes.large:,}",
        "growth",
        "SQL",
    ]
    print_table(f"Pages, {sizes.small:,} and {sizes.large:,} submissions", head, rows)


def _row(name: str, found: dict[str, Samples], small: Site, large: Site) -> list[str]:
    path, role, _bare = PAGES[name]
    few, many, base = (found.get(f"{name}|{size}") for size in ("small", "large", "floor"))
    assert few
    assert many
    return [
        name, f"{many.median_cpu:.1f}", *(_ms(found.get(f"{name}|{how}")) for how in ("kept", "held")), f"{base.median_cpu:.1f}" if base else "–",
        f"{many.median_cpu / base.median_cpu:.1f}" if base else "–", f"{few.p95:.1f}", f"{many.p95:.1f}",
        f"{many.p95 / few.p95:.2f}", f"{small.count(path, role)} / {large.count(path, role)}",
    ]  # fmt: skip


def _ms(samples: Samples | None) -> str:
    return f"{samples.median_cpu:.1f}" if samples else "–"


if __name__ == "__main__":
    main()
