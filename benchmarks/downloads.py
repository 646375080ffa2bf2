"""Whole lists as files, over HTTP: `python -m benchmarks.downloads [--comments 1000000] [--port 8791]`.

One consultation of workload W gets that many published comments. The files are read from a web process of its own, as
plain text and compressed. CPU is that of the web processes and of PostgreSQL, memory the growth of their peak.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress

from sqlalchemy import create_engine, text

from benchmarks import workload
from benchmarks.measure import children, peak_memory, postgres_cpu, print_table, process_cpu
from consult import ROOT

_COMMENTS = """
INSERT INTO comment (submission_id, consultation_id, provision_id, stance, body, language, position, shown)
SELECT s.id, s.consultation_id, p.id, 'support',
    'Comment ' || i || ' ' || repeat('People who use services told us what works. ', 6), 'en', 1 + i % 1000, true
FROM generate_series(1, :n) i
JOIN submission s ON s.id = (SELECT array_agg(id) FROM submission WHERE consultation_id = 1 AND state = 'published')[1 + i % 4000]
JOIN provision p ON p.version_id = s.version_id AND p.number = '2.1'
"""
_CHUNK = 1 << 20


def read(port: int, path: str, encoding: str) -> tuple[float, int, int]:
    """Read an address to its end. Gives seconds, bytes and lines."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Accept-Encoding": encoding})
    began, size, lines = time.perf_counter(), 0, 0
    with urllib.request.urlopen(request, timeout=600) as answer:
        while part := answer.read(_CHUNK):
            size += len(part)
            lines += part.count(b"\n")
    return time.perf_counter() - began, size, lines


def measure(port: int, pid: int, paths: list[tuple[str, str]]) -> list[list[str]]:
    """Read each file and describe what it cost."""
    rows = []
    for path, encoding in paths:
        workers = [pid, *children(pid)]
        for worker in workers:
            with suppress(OSError), open(f"/proc/{worker}/clear_refs", "w") as peak:
                peak.write("5")
        memory = [peak_memory(worker) for worker in workers]
        cpu, server = process_cpu(pid), postgres_cpu(server=workload.postmaster())
        seconds, size, lines = read(port, path, encoding)
        cpu, server = process_cpu(pid) - cpu, postgres_cpu(server=workload.postmaster()) - server
        grown = max(peak_memory(worker) - was for worker, was in zip(workers, memory, strict=True))
        rows.append([path.rpartition("/")[2], encoding, f"{lines:,}", f"{size / 1e6:.0f}", f"{seconds:.1f}",
                     f"{cpu:.1f}", f"{server:.1f}", f"{grown:.1f}"])  # fmt: skip
    return rows


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--comments", type=int, default=1_000_000)
    arguments.add_argument("--port", type=int, default=8791)
    chosen = arguments.parse_args()
    with workload.database(10_000) as url:
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(_COMMENTS), {"n": chosen.comments})
            connection.execute(text("VACUUM ANALYZE comment"))
        engine.dispose()
        environment = {**os.environ, "CONSULT_DATABASE_URL": url, "CONSULT_BROKER_URL": "memory://",
                       "CONSULT_LIMITS_URL": "memory://", "CONSULT_LOG_LEVEL": "ERROR"}  # fmt: skip
        web = subprocess.Popen(
            [sys.executable, "-m", "consult.cli", "web", "--bind", f"127.0.0.1:{chosen.port}"],
            cwd=ROOT, env=environment,
        )  # fmt: skip
        try:
            _show(chosen.port, web.pid)
        finally:
            web.send_signal(signal.SIGTERM)
            web.wait(30)


def _show(port: int, pid: int) -> None:
    base = f"/api/v1/consultations/{workload.SLUG}"
    for _try in range(120):
        with suppress(OSError):
            read(port, base, "identity")
            break
        time.sleep(0.5)
    paths = [(f"{base}/{name}", "identity") for name in ("submissions.ndjson", "comments.ndjson", "comments.csv")]
    rows = measure(port, pid, [*paths, (f"{base}/comments.ndjson", "gzip"), (f"{base}/comments.csv", "gzip")])
    print_table("Files", ["file", "encoding", "lines", "MB", "s", "web CPU s", "PostgreSQL CPU s", "memory + MB"], rows)


if __name__ == "__main__":
    main()
