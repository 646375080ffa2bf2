"""Letters through Celery to a local SMTP server, beside plain smtplib: `python -m benchmarks.mail [--letters 1000]`.

Needs CONSULT_DATABASE_URL (a database that may be emptied of letters) and CONSULT_REDIS_URL. One Celery worker
process with the stock settings; the server takes everything and keeps nothing.
"""

from __future__ import annotations

import multiprocessing
import os
import smtplib
import socketserver
import subprocess
import time
from email.message import EmailMessage
from pathlib import Path

from sqlalchemy import text

from benchmarks.measure import postgres_cpu
from consult.core.db import db, transaction
from consult.mail import draining, service
from consult.mail.service import Copy

_TICK = os.sysconf("SC_CLK_TCK")
_WORDS = "Two hundred and fourteen comments arrived this week; paragraph 2.1 has most of them. " * 60


class _Sink(socketserver.StreamRequestHandler):
    """The least an SMTP server can be: what is measured is the client."""

    def handle(self) -> None:
        self.wfile.write(b"220 sink\r\n")
        for line in self.rfile:
            word = line[:4].upper()
            if word == b"DATA":
                self.wfile.write(b"354 go\r\n")
                while self.rfile.readline() != b".\r\n":
                    pass
                self.wfile.write(b"250 taken\r\n")
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


def _process_cpu(pid: int) -> float:
    """CPU seconds of a process and the children it still has."""
    total = 0.0
    pids = [
        pid,
        *(int(p) for p in subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True).stdout.split()),
    ]
    for each in pids:
        fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        total += (int(fields[11]) + int(fields[12])) / _TICK
    return total


def _plain(port: int, letters: int, *, build_each: bool) -> tuple[float, float]:
    """Wall and CPU seconds of smtplib alone: one connection, one message for all or one built for each."""
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


def _write(letters: int, run: int) -> None:
    copies = [
        Copy(
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


def _through_celery(worker: int, letters: int, run: int) -> tuple[float, float]:
    """From the commit that wrote the letters to the last one sent; CPU of worker and PostgreSQL."""
    cpu = _process_cpu(worker) + postgres_cpu()
    started = time.perf_counter()
    _write(letters, run)
    written = time.perf_counter()
    while _waiting():
        time.sleep(0.02)
    wall = time.perf_counter() - written
    del started
    return wall, _process_cpu(worker) + postgres_cpu() - cpu


def _in_process(letters: int, run: int) -> tuple[float, float]:
    _write(letters, run)
    wall, cpu = time.perf_counter(), time.process_time() + postgres_cpu()
    draining.drain(budget=600)
    return time.perf_counter() - wall, time.process_time() + postgres_cpu() - cpu
