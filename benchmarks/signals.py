"""Delivery of a warning: `python -m benchmarks.signals [--watchers 1000] [--backlog 5000]`.

One worker process sends through a local SMTP server that accepts everything. `backlog` e-mails of a digest were written
before; the warning has priority. Times are from the moderator's decision to the moment at which the server accepted
each e-mail. Then the size of the page of a report is printed.
"""

from __future__ import annotations

import argparse
import gzip
import multiprocessing
import secrets
import statistics
import time
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from benchmarks.mail import _application, _serve, _worker, _write
from benchmarks.measure import print_table
from consult.accounts import service as accounts
from consult.cli.database import migrate
from consult.core.clock import now
from consult.core.crypto import blind_index, seal
from consult.core.db import db, transaction
from consult.core.web.access import Role
from consult.core.web.stylesheet import REPORT, join_components
from consult.embedded import servers
from consult.signals import service
from consult.signals.model import Basis, ReportChannel, Signal, SignalLevel, Watcher
from consult.signals.reports import service as reports
from consult.signals.reports.values import NewReport
from consult.signals.triage import seats

_SENT = text(
    "SELECT extract(epoch FROM sent_at)::float8 FROM letter WHERE key LIKE 'signals:%' AND sent_at IS NOT NULL ORDER BY sent_at"
)
_COUNT = text("SELECT count(*) FROM letter WHERE key LIKE 'signals:%'")
_LEFT = text("SELECT count(*) FROM letter WHERE key NOT LIKE 'signals:%' AND sent_at IS NULL")
_CLEAR = (text("TRUNCATE letter, signal_alert CASCADE"),)


def add_watchers(count: int) -> None:
    with transaction() as session:
        rows = []
        for number in range(count):
            address, salt = f"watcher{number}@example.org", secrets.token_bytes(32)
            rows.append({
                "email_sealed": seal(address, salt=salt), "email_index": blind_index(address), "salt": salt,
                "language": ("en", "es", "fr", "ar")[number % 4], "countries": ["EC"], "regions": [], "substances": [],
                "least": SignalLevel.ALERT, "confirmed_at": now(), "created_at": now(),
            })  # fmt: skip
        session.execute(insert(Watcher), rows)


def decide(run: int) -> tuple[float, float]:
    """Open a signal and raise it. Return the time of the decision, and the seconds of the transaction."""
    with transaction() as session:
        me = accounts.find_by_email(session, "bench@example.org")
        given = NewReport("EC", "EC-E", now().date(), "Oxycodone M30", f"Report {run}.", Basis.SEEN)
        sent = reports.file(session, given, key=f"bench-signal-{run:06}", channel=ReportChannel.WEB)
        assert me is not None
        signal = service.open_signal(session, sent.report, by=me, title="Tablets sold as oxycodone", reason="Seen.")
        number = signal.id
    pressed, began = time.time(), time.perf_counter()
    with transaction() as session:
        me = accounts.find_by_email(session, "bench@example.org")
        assert me is not None
        signal = session.get_one(Signal, number)
        service.set_level(session, signal, SignalLevel.ALERT, by=me, reason="Two saw it.")
    return pressed, time.perf_counter() - began


def one_round(run: int, watchers: int, backlog: int) -> list[float]:
    """Return seconds of the transaction, the median e-mail, p99 and the last, the number lost, and digests that still
    wait.
    """
    with db.engine.begin() as connection:
        for statement in _CLEAR:
            connection.execute(statement)
    if backlog:
        _write(backlog, run)
    pressed, spent = decide(run)
    with db.engine.connect() as connection:
        count = connection.execute(_COUNT).scalar_one()
        while len(times := connection.execute(_SENT).scalars().all()) < count:
            connection.rollback()
            time.sleep(0.02)
        left = connection.execute(_LEFT).scalar_one()
    since = [at - pressed for at in times]
    late = statistics.quantiles(since, n=100)[98]
    return [spent, statistics.median(since), late, since[-1], watchers - len(since), left]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--watchers", type=int, default=1_000)
    arguments.add_argument("--backlog", type=int, default=5_000)
    arguments.add_argument("--rounds", type=int, default=5)
    asked = arguments.parse_args()
    ports: multiprocessing.Queue[int] = multiprocessing.Queue()
    multiprocessing.Process(target=_serve, args=(ports,), daemon=True).start()
    port, rows = ports.get(), []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        urls = stack.enter_context(servers(folder, print))
        migrate(urls.database)
        app = _application(urls, port, folder)
        stack.enter_context(app.app_context())
        with transaction() as session:
            me = accounts.create(session, email="bench@example.org", name="Bench", role=Role.MODERATOR)
            seats.give(session, account_id=me.id, on_call=True)
        add_watchers(asked.watchers)
        stack.enter_context(_worker(urls, port, folder))
        one_round(999, asked.watchers, 0)  # until the worker is up
        for backlog in (0, asked.backlog):
            found = [one_round(run + backlog, asked.watchers, backlog) for run in range(asked.rounds)]
            worst = [max(column) for column in zip(*found, strict=True)]
            rows.append([f"{backlog:,}", *(f"{one:.2f}" for one in worst[:4]), f"{worst[4]:.0f}", f"{worst[5]:,.0f}"])
        page = app.test_client().get("/signals/report").data
        sheet = join_components(Path(str(app.static_folder)) / "kit", REPORT)
    head = ["digests before", "written, s", "median, s", "p99, s", "last, s", "lost", "digests left"]
    print_table(f"A warning to {asked.watchers:,} watchers, the worst of {asked.rounds} rounds", head, rows)
    sizes = [["page", f"{len(page):,}", f"{len(gzip.compress(page, 6)):,}"],
             ["style sheet, once", f"{len(sheet):,}", f"{len(gzip.compress(sheet, 6)):,}"]]  # fmt: skip
    print_table("The form of a report", ["", "bytes", "bytes sent"], sizes)


if __name__ == "__main__":
    main()
