"""A full submission of five comments: validate, ledger, outbox, answer. `python -m benchmarks.filing [--n 200]`.

First CPU ms of the request that files, beside the floor, in alternating rounds; then submissions a second over real
HTTP with two web processes, drafts written beforehand.
"""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from threading import local
from typing import Any
from urllib.parse import urlencode

from flask import Flask

from benchmarks import floor, workload
from benchmarks.measure import print_table, rounds
from consult import create_app
from consult.core.settings import Settings
from tests.visitor import NotAnswered, Visitor

_WORDS = "People who use services told us what works, and what does not. " * 5
_NUMBERS = ("2.1", "2.2", "2.3", "3.1", "3.2")
_SECRET = "only-for-the-benchmark-but-long-enough"


def drafts(app: Flask, count: int) -> list[Callable[[], None]]:
    """Drafts ready to be sent, each in a browser of its own; calling one sends it."""
    ready = []
    for number in range(count):
        client = app.test_client()
        for place in _NUMBERS:
            client.post(
                f"/c/{workload.SLUG}/respond/comment/{place}", data={"stance": "concern", "body": f"{_WORDS}{number}"}
            )
        client.post(f"/c/{workload.SLUG}/respond/about", data={"speaks": "none", "language": "en"})
        page = client.get(f"/c/{workload.SLUG}/respond/check").text
        form = {name: page.split(f'name="{name}"')[1].split('value="')[1].split('"')[0] for name in ("key", "mark")}

        def send(client: object = client, form: dict[str, str] = form) -> None:
            answer = client.post(f"/c/{workload.SLUG}/respond/check", data=form)  # type: ignore[attr-defined]
            assert answer.status_code == 303, answer.status

        ready.append(send)
    return ready


def cpu(url: str, n: int) -> list[str]:
    app = create_app(Settings(database_url=url, broker_url="memory://", limits_url="memory://", log_level="ERROR"))
    app.config["WTF_CSRF_ENABLED"] = False
    calls = iter(drafts(app, n + 10))
    bare = floor.make(url).test_client()
    found = rounds(
        {"consult": lambda: next(calls)(), "floor": lambda: bare.post("/file", data={"body": _WORDS})},
        rounds=5, calls=n // 5,
    )  # fmt: skip
    ours, base = found["consult"].median_cpu, found["floor"].median_cpu
    return [f"{ours:.1f}", f"{base:.1f}", f"{ours / base:.1f}", f"{found['consult'].p95:.0f}"]


def throughput(url: str, n: int, data: Path) -> str:
    """Submissions a second: two processes, eight browsers, only the sending timed."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ, "CONSULT_DATABASE_URL": url, "CONSULT_SECRET_KEY": _SECRET, "CONSULT_DATA_DIR": str(data),
        "CONSULT_BROKER_URL": "memory://", "CONSULT_LOG_LEVEL": "ERROR", "CONSULT_LIMITS_URL": "memory://",
        "CONSULT_FILING_LIMIT": "1000000 per hour",
    }  # fmt: skip
    options = ["--workers", "2", "--threads", "4", "--bind", f"127.0.0.1:{port}", "--log-level", "error"]
    web = subprocess.Popen([sys.executable, "-m", "gunicorn", *options, "consult:create_app()"], env=environment)
    try:
        base = f"http://127.0.0.1:{port}"
        _wait_for(base)
        people = [Visitor(base, workload.SLUG) for _number in range(n)]
        _each(people, lambda person: person.write(_WORDS, numbers=_NUMBERS))
        requests = [_request(person) for person in people]
        started = time.perf_counter()
        _each(requests, partial(_post, local(), port))
        return f"{n / (time.perf_counter() - started):.0f}"
    finally:
        web.terminate()
        web.wait()


def _request(person: Visitor) -> tuple[str, str, dict[str, str]]:
    """What the browser of this person would send: path, body and headers."""
    path = f"/c/{workload.SLUG}/respond/check"
    cookie = "; ".join(f"{kept.name}={kept.value}" for kept in person.cookies)
    form = urlencode(person.hidden(path))
    return path, form, {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}


def _post(kept: local, port: int, request: tuple[str, str, dict[str, str]]) -> None:
    """Sends over this thread's open connection, with as little work of its own as can be."""
    if not hasattr(kept, "connection"):
        kept.connection = HTTPConnection("127.0.0.1", port)
    path, body, headers = request
    kept.connection.request("POST", path, body, headers)
    answer = kept.connection.getresponse()
    answer.read()
    assert answer.status == 303, answer.status


def _each(things: Sequence[Any], act: Callable[[Any], object]) -> None:
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(act, things))


def _wait_for(base: str) -> None:
    for _try in range(300):
        try:
            Visitor(base, "").open("/robots.txt")
            return
        except NotAnswered:
            time.sleep(0.1)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--n", type=int, default=200)
    n = arguments.parse_args().n
    with workload.database(10_000) as url, tempfile.TemporaryDirectory() as data:
        row = ["full submission, 5 comments", *cpu(url, n), throughput(url, n, Path(data))]
    head = ["operation", "CPU ms", "floor", "ratio", "p95 ms", "a second, 2 processes*"]
    print_table("Filing", head, [row])
    print("* over HTTP, from eight connections of a client that shares the processors")


if __name__ == "__main__":
    main()
