"""Evidence: bad files, a submission with files, and the speed of cleaning: `python -m benchmarks.evidence`.

1. Each bad file of tests/files/samples.py: its message to the sender, seconds of wall time, and peak memory of the
child process that parses it, 0 without a parser. The child may have 512 MB and 25 s of CPU.

2. CPU ms (application and PostgreSQL) of receiving a file of 200 KB, and of sending five comments with two files, each
next to the floor, in alternating rounds.

3. Files and MB a second of one worker, from the encrypted original to the encrypted copy.
"""

from __future__ import annotations

import argparse
import io
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from benchmarks import floor, workload
from benchmarks.measure import print_table, rounds
from consult import create_app
from consult.core.db import db, transaction
from consult.core.sandbox import child as sandbox_child
from consult.core.settings import Settings
from consult.core.web.limits import limiter
from consult.files import inspection
from consult.files import service as files
from consult.files.inspection import clean_file
from consult.files.kinds import UnacceptableFile, detect_kind
from consult.files.reasons import REASONS
from tests.files import samples

_WORDS = "People who use services told us what works, and what does not. " * 5
_NUMBERS = ("2.1", "2.2", "2.3", "3.1", "3.2")
_SAID = {"description": "Deaths fell by a third", "kind": "study", "language": "en", "year": "2025"}
_WATCHED = """
import json, resource, subprocess, sys, time
started = time.monotonic()
subprocess.run(sys.argv[1:], stdin=open(0, "rb"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([time.monotonic() - started, used.ru_maxrss / 1024, used.ru_utime + used.ru_stime]))
"""
"""A small process between this one and the child: memory is counted from what the parent had."""


def child(data: bytes, kind: str) -> tuple[float, float, float]:
    """Return seconds, MB and CPU seconds of the parser's process on this file."""
    command = [sys.executable, "-I", sandbox_child.__file__, inspection.CLEANERS[kind], "512", "25", kind]
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.seek(0)
        told = subprocess.run(
            [sys.executable, "-I", "-S", "-c", _WATCHED, *command], stdin=file, capture_output=True, check=True
        )
    seconds, megabytes, cpu = json.loads(told.stdout)
    return seconds, megabytes, cpu


def bad_files() -> None:
    rows = []
    for what, (name, make, expected) in samples.BAD.items():
        data, seconds, megabytes = make(), 0.0, 0.0
        started = time.monotonic()
        try:
            kind = detect_kind(data, name)
            seconds, megabytes, _cpu = child(data, kind)
            code = clean_file(data, kind).refused
        except UnacceptableFile as refused:
            seconds, code = time.monotonic() - started, refused.code
        right = "" if code == expected else f" (expected: {expected})"
        rows.append(
            [what, f"{len(data) / 1e6:.2f}", str(REASONS.get(code, code or "taken!")).split(".")[0] + right,
             f"{seconds:.2f}", f"{megabytes:.0f}" if megabytes else "–"]
        )  # fmt: skip
    print_table("Bad files", ["file", "MB", "its sender reads", "seconds", "peak MB"], rows)


def _upload(client: FlaskClient, data: bytes) -> Any:
    form = {"file": (io.BytesIO(data), "study.pdf"), "consent": "y"}
    return client.post(
        f"/c/{workload.SLUG}/respond/evidence/file", data=form, content_type="multipart/form-data"
    )  # fmt: skip


def drafts(app: Flask, count: int, data: bytes) -> Iterator[Callable[[], None]]:
    """Yield functions that each send a draft of five comments and two described files, from a browser of its own."""
    for _number in range(count):
        client = app.test_client()
        for place in _NUMBERS:
            said = {"stance": "concern", "body": _WORDS}
            client.post(f"/c/{workload.SLUG}/respond/comment/{place}", data=said)
        for _file in range(2):
            assert client.post(_upload(client, data).headers["Location"], data=_SAID).status_code == 303
        client.post(f"/c/{workload.SLUG}/respond/about", data={"speaks": "none", "language": "en"})
        page = client.get(f"/c/{workload.SLUG}/respond/check").text
        form = {name: page.split(f'name="{name}"')[1].split('value="')[1].split('"')[0] for name in ("key", "mark")}

        def send(client: FlaskClient = client, form: dict[str, str] = form) -> None:
            answer = client.post(f"/c/{workload.SLUG}/respond/check", data=form)
            assert answer.status_code == 303, answer.status

        yield send


def submissions(app: Flask, url: str, n: int, folder: Path) -> None:
    data = samples.pdf(pages=20) + b"\n" * 190_000
    ready = iter(list(drafts(app, n + 10, data)))
    bare, taking = floor.make(url).test_client(), uploads(app, data)
    found = rounds(
        {
            "consult": lambda: next(ready)(),
            "floor": lambda: bare.post("/file", data={"body": _WORDS, "files": "2"}),
            "upload": lambda: next(taking)(),
            "floor of upload": lambda: bare.post(
                "/keep", data={"file": (io.BytesIO(data), "a.pdf"), "folder": str(folder)}
            ),
        },
        rounds=5, calls=n // 5,
    )  # fmt: skip
    rows = []
    for name, ours, base in (
        ("full submission, 5 comments and 2 files", "consult", "floor"),
        ("taking in a file of 200 KB", "upload", "floor of upload"),
    ):
        spent, least = found[ours].median_cpu, found[base].median_cpu
        rows.append([name, f"{spent:.1f}", f"{least:.1f}", f"{spent / least:.1f}", f"{found[ours].p95:.0f}"])
    print_table("Filing with files", ["operation", "CPU ms", "floor", "ratio", "p95 ms"], rows)


def uploads(app: Flask, data: bytes) -> Iterator[Callable[[], None]]:
    """Yield functions that each upload the file into a draft. A draft holds at most twenty."""
    while True:
        client = app.test_client()
        for _file in range(20):

            def take(client: FlaskClient = client) -> None:
                answer = _upload(client, data)
                assert answer.status_code == 303, answer.status

            yield take


def throughput(app: Flask, n: int) -> None:
    """Measure one worker that cleans one file after the other."""
    made = {
        "PDF of 20 pages": (lambda: samples.pdf(pages=20), "a.pdf"),
        "photograph of 12 megapixels": (lambda: samples.jpeg(4000, 3000), "a.jpg"),
        "Word file with a picture": (samples.docx, "a.docx"),
        "table of 5 MB": (lambda: b"district;deaths;year\n" + b"North;12;2025\n" * 370_000, "a.csv"),
        "table of 24 MB": (lambda: b"district;deaths;year\n" + b"North;12;2025\n" * 1_780_000, "a.csv"),
    }
    rows = []
    with app.app_context():
        for what, (make, name) in made.items():
            data = make()
            with transaction() as session:
                ids = [files.receive(session, data=data, name=name).id for _file in range(n)]
            started = time.perf_counter()
            assert all(inspection.check_file(file_id) for file_id in ids)
            spent = (time.perf_counter() - started) / n
            _seconds, megabytes, cpu = child(data, detect_kind(data, name))
            rows.append(
                [what, f"{len(data) / 1e6:.1f}", f"{spent:.2f}", f"{1 / spent:.1f}", f"{cpu:.2f}", f"{megabytes:.0f}"]
            )
        db.session.remove()
        db.engine.dispose()
    print_table("Good files", ["file", "MB", "seconds", "a second", "CPU s of the child", "peak MB"], rows)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--n", type=int, default=100, help="submissions")
    arguments.add_argument("--files", type=int, default=5, help="good files of each kind")
    chosen = arguments.parse_args()
    bad_files()
    with workload.database(10_000) as url, tempfile.TemporaryDirectory() as folder:
        app = create_app(
            Settings(
                database_url=url, broker_url="memory://", limits_url="memory://", log_level="ERROR",
                data_dir=Path(folder),
            )
        )  # fmt: skip
        app.config["WTF_CSRF_ENABLED"], limiter.enabled = False, False
        submissions(app, url, chosen.n, Path(folder))
        throughput(app, chosen.files)


if __name__ == "__main__":
    main()
