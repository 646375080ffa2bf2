"""E-mails to a local SMTP server, next to plain smtplib: `python -m benchmarks.mail [--letters 1000] [--rounds 5]`.

With `--readers 1000 10000 100000`: one edition of a digest to that many readers, from compilation to the last e-mail.
The table has the numbers lost and sent twice, and the peak memory of the compiling and the sending process.

The server accepts everything and stores nothing, on one connection. CPU is that of the sender and PostgreSQL, without
the server. Through Celery, one worker process is measured from the commit that wrote the e-mails to the last one sent.
"""

from __future__ import annotations

import argparse
import itertools
import multiprocessing
import os
import smtplib
import socketserver
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from email.message import EmailMessage
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar

from flask import Flask
from jinja2 import ChoiceLoader, DictLoader
from sqlalchemy import create_engine, text

from benchmarks import workload
from benchmarks.measure import children, peak_memory, postgres_cpu, print_table, process_cpu
from consult import ROOT, create_app
from consult.cli.database import migrate
from consult.core.clock import now
from consult.core.crypto import blind_index, seal
from consult.core.db import db, transaction
from consult.core.settings import Settings
from consult.core.web.localized_templates import LocalizedLoader
from consult.digests import service as digests
from consult.digests.model import Cadence
from consult.embedded import Urls, servers
from consult.mail import drain, service
from consult.mail.service import LetterCopy

Spent = tuple[float, float]
"""Wall and CPU seconds."""
_postmaster: list[int] = []

_SUBSCRIBED = """
WITH fresh AS (
    INSERT INTO account (email_index, email_sealed, display_name, role, language, verified_at, created_at, session_epoch)
    SELECT index, sealed, 'Reader', 'policymaker', 'en', now(), now(), 0
    FROM unnest(CAST(:indexes AS bytea[]), CAST(:sealed AS bytea[])) AS given (index, sealed) RETURNING id
)
INSERT INTO subscription (account_id, consultation_id, cadence, language, created_at)
SELECT id, 1, 'daily', 'en', now() - interval '1 day' FROM fresh
"""
_NEWS = "INSERT INTO ledger (at, kind, consultation_id, subject_id, detail) VALUES (now(), 'consultation.changed', 1, 1, '{}')"
_WORDS = "Two hundred and fourteen comments arrived this week; paragraph 2.1 has most of them. " * 60


class _Sink(socketserver.StreamRequestHandler):
    """A minimal SMTP server, because the client is measured.

    VRFY returns the number of e-mails received for an address.
    """

    taken: ClassVar[Counter[bytes]] = Counter()

    def handle(self) -> None:
        self.wfile.write(b"220 sink\r\n")
        to = b""
        for line in self.rfile:
            word = line[:4].upper()
            if word == b"DATA":
                self.wfile.write(b"354 go\r\n")
                while self.rfile.readline() != b".\r\n":
                    pass
                self.wfile.write(b"250 taken\r\n")
                self.taken[to] += 1
            elif word == b"VRFY":
                self.wfile.write(b"250 %d %d\r\n" % (len(self.taken), self.taken.total()))
                self.taken.clear()
            elif word == b"RCPT":
                to = line
                self.wfile.write(b"250 ok\r\n")
            elif word == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            else:
                self.wfile.write(b"250 ok\r\n")


def _serve(port: multiprocessing.Queue[int]) -> None:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Sink) as server:
        server.daemon_threads = True
        port.put(server.server_address[1])
        server.serve_forever()


def _plain(port: int, letters: int, *, build_each: bool) -> Spent:
    """Return wall and CPU seconds of smtplib alone: one connection, and one message for all or one built for each."""
    message = _message("reader@example.org")
    wall, cpu = time.perf_counter(), time.process_time()
    with smtplib.SMTP("127.0.0.1", port) as smtp:
        for n in range(letters):
            body = _message(f"reader{n}@example.org") if build_each else message
            smtp.sendmail("desk@consult.test", f"reader{n}@example.org", body)
    return time.perf_counter() - wall, time.process_time() - cpu


def _message(to: str) -> bytes:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = "An edition", "desk@consult.test", to
    message.set_content(_WORDS)
    message.add_alternative(f"<p>{_WORDS}</p>", subtype="html")
    return message.as_bytes()


def _server_cpu() -> float:
    """Return the CPU seconds of this benchmark's own PostgreSQL, because the machine may have others."""
    return postgres_cpu(server=_postmaster[0])


def _write(letters: int, run: int) -> None:
    copies = [
        LetterCopy(
            f"bench:{run}:{n}", f"reader{n}@example.org", {"List-Unsubscribe": "<{{stop}}>"}, {"stop": f"https://c/{n}"}
        )
        for n in range(letters)
    ]
    with transaction() as session:
        service.post_all(
            session, shared_key=f"bench:{run}", template="mail/bench", language="en", copies=copies, words=_WORDS
        )


def _waiting() -> int:
    with db.engine.connect() as connection:
        return int(connection.execute(text("SELECT count(*) FROM letter WHERE state <> 'sent'")).scalar_one())


def _through_celery(worker: int, letters: int, run: int) -> Spent:
    """Return the seconds from the commit that wrote the e-mails to the last one sent, and the CPU of worker and
    PostgreSQL.
    """
    _write(letters, run)
    started, cpu = time.perf_counter(), process_cpu(worker) + _server_cpu()
    while _waiting():
        time.sleep(0.02)
    return time.perf_counter() - started, process_cpu(worker) + _server_cpu() - cpu


def _in_process(letters: int, run: int) -> Spent:
    _write(letters, run)
    wall, cpu = time.perf_counter(), time.process_time() + _server_cpu()
    drain.drain(budget=600)
    return time.perf_counter() - wall, time.process_time() + _server_cpu() - cpu


def _written(letters: int, run: int) -> Spent:
    """Store e-mails in the outbox: one content, and an encrypted address and a Message-ID for each."""
    wall, cpu = time.perf_counter(), time.process_time() + _server_cpu()
    _write(letters, run)
    spent = time.perf_counter() - wall, time.process_time() + _server_cpu() - cpu
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE letter SET state = 'sent' WHERE state = 'pending'"))
    return spent


def _application(urls: Urls, port: int, folder: Path) -> Flask:
    app = create_app(_settings(urls, port, folder))
    texts = {
        "mail/bench.txt": "Subject: An edition\n\n{{ words }}\n{{ place('stop') }}",
        "mail/bench.html": "<p>{{ words }}</p><a href='{{ place('stop') }}'>Stop</a>",
    }
    app.jinja_env.loader = LocalizedLoader(ChoiceLoader([DictLoader(texts), app.jinja_env.loader]))  # type: ignore[list-item]
    return app


def _settings(urls: Urls, port: int, folder: Path) -> Settings:
    values = {"database_url": urls.database, "redis_url": urls.redis, "smtp_url": f"smtp://127.0.0.1:{port}"}
    return Settings(**values, data_dir=folder, log_level="ERROR")  # type: ignore[arg-type]


@contextmanager
def _worker(urls: Urls, port: int, folder: Path) -> Iterator[int]:
    """Yield the process id of a running Celery worker."""
    settings = {
        "CONSULT_DATABASE_URL": urls.database, "CONSULT_REDIS_URL": urls.redis, "CONSULT_DATA_DIR": str(folder),
        "CONSULT_SMTP_URL": f"smtp://127.0.0.1:{port}", "CONSULT_LOG_LEVEL": "ERROR",
    }  # fmt: skip
    command = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "consult.worker",
        "worker",
        "--concurrency",
        "1",
        "--queues",
        "mail",
    ]
    process = subprocess.Popen(command, env={**os.environ, **settings}, cwd=ROOT, stderr=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL)  # fmt: skip
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait()


def editions(sizes: list[int], port: int, stack: ExitStack) -> list[list[str]]:
    """Measure one edition for each number of readers, and whether each reader got it once."""
    folder = Path(stack.enter_context(TemporaryDirectory()))
    urls = stack.enter_context(servers(folder, print))
    migrate(urls.database)
    _postmaster.append(int(next(folder.rglob("postmaster.pid")).read_text().split()[0]))
    stack.enter_context(_application(urls, port, folder).app_context())
    with create_engine(urls.database, isolation_level="AUTOCOMMIT").connect() as connection:
        workload.fill(connection, 1_000)
    worker = stack.enter_context(_worker(urls, port, folder))
    return [_edition(size, before, port, worker) for before, size in itertools.pairwise([0, *sorted(sizes)])]


def _edition(readers: int, before: int, port: int, worker: int) -> list[str]:
    with transaction() as session:
        for first in range(before, readers, 5_000):
            addresses = [f"reader{number}@example.org" for number in range(first, min(first + 5_000, readers))]
            given = {"indexes": [blind_index(one) for one in addresses], "sealed": [seal(one) for one in addresses]}
            session.execute(text(_SUBSCRIBED), given)
        session.execute(text(_NEWS))
    cpu, wall = time.process_time() + _server_cpu() + process_cpu(worker), time.perf_counter()
    with transaction() as session:
        digests.compile_digest(session, consultation_id=1, cadence=Cadence.DAILY, slot_at=now())
    compiled = time.perf_counter() - wall
    while _waiting():
        time.sleep(0.5)
    spent = time.perf_counter() - wall
    used = time.process_time() + _server_cpu() + process_cpu(worker) - cpu
    with smtplib.SMTP("127.0.0.1", port) as smtp:
        people, letters = map(int, smtp.verify("")[1].split())
    sender = max(peak_memory(pid) for pid in children(worker))
    return [f"{readers:,}", f"{compiled:.1f}", f"{spent:.1f}", f"{readers / spent:,.0f}", f"{used * 1000 / readers:.2f}",
            str(readers - people), str(letters - people), f"{peak_memory():.0f}", f"{sender:.0f}"]  # fmt: skip


def measure(n: int, rounds: int, port: int, stack: ExitStack) -> dict[str, list[Spent]]:
    """Measure each way to send in alternating rounds, then the same number of rounds through Celery."""
    folder, number = Path(stack.enter_context(TemporaryDirectory())), itertools.count()
    urls = stack.enter_context(servers(folder, print))
    migrate(urls.database)
    _postmaster.append(int(next(folder.rglob("postmaster.pid")).read_text().split()[0]))
    stack.enter_context(_application(urls, port, folder).app_context())
    ways: dict[str, Callable[[], Spent]] = {
        "smtplib, one message for all": lambda: _plain(port, n, build_each=False),
        "smtplib, a message built for each": lambda: _plain(port, n, build_each=True),
        "Consult, written to the outbox": lambda: _written(n, next(number)),
        "Consult, sent in this process": lambda: _in_process(n, next(number)),
    }
    found: dict[str, list[Spent]] = {}
    for _round in range(rounds):
        for what, run in ways.items():
            found.setdefault(what, []).append(run())
    worker = stack.enter_context(_worker(urls, port, folder))
    _through_celery(worker, n, next(number))  # until the worker is up
    found["Consult, through Celery"] = [_through_celery(worker, n, next(number)) for _round in range(rounds)]
    return found


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--letters", type=int, default=1_000)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--readers", type=int, nargs="+", default=[])
    asked = arguments.parse_args()
    ports: multiprocessing.Queue[int] = multiprocessing.Queue()
    multiprocessing.Process(target=_serve, args=(ports,), daemon=True).start()
    if asked.readers:
        head = ["readers", "compiled, s", "sent, s", "letters/s", "CPU ms a letter", "lost", "twice", "MB compiling",
                "MB sending"]  # fmt: skip
        with ExitStack() as stack:
            rows = editions(asked.readers, ports.get(), stack)
        print_table("One edition of a digest, through Celery", head, rows)
        return
    with ExitStack() as stack:
        found = measure(asked.letters, asked.rounds, ports.get(), stack)
    rows = [_row(what, samples, asked.letters) for what, samples in found.items()]
    print_table(f"{asked.letters:,} letters", ["", "seconds", "letters/s", "CPU ms a letter"], rows)


def _row(what: str, samples: list[Spent], letters: int) -> list[str]:
    wall, cpu = (statistics.median(values) for values in zip(*samples, strict=True))
    return [what, f"{wall:.2f}", f"{letters / wall:,.0f}", f"{cpu * 1000 / letters:.2f}"]


if __name__ == "__main__":
    main()
