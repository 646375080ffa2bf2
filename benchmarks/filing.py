"""A submission of five comments: validate, ledger, outbox, answer: `python -m benchmarks.filing [--n 200]`.

First CPU ms of the request that files, next to the floor, in alternating rounds. Then the rate over HTTP with two web
processes and prepared drafts. Eight connections of `wrk` are used if it is installed, else a light client in this
process. The client uses the same processors, so the table has the share of each part, and the rate of two whole cores.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from html import unescape
from http.client import HTTPConnection
from pathlib import Path
from threading import local
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from benchmarks import floor, workload
from benchmarks.measure import postgres_cpu, print_table, process_cpu, rounds
from consult import create_app
from consult.consultations.model import Consultation
from consult.core.db import transaction
from consult.core.settings import Settings
from consult.submissions.comments import queries as comments_queries
from consult.submissions.content.draft import DraftComment, DraftContent
from consult.submissions.drafts import service as submissions_drafts
from consult.submissions.fields import DraftSubmitter
from consult.submissions.model import NameRule, Stance

_WORDS = "People who use services told us what works, and what does not. " * 5
_PLACES, _WARM = 5, 40
_CHECK = f"/c/{workload.SLUG}/respond/check"
_HIDDEN = re.compile(r'<input(?=[^>]*type="hidden")[^>]*>')
_ATTRIBUTE = re.compile(r'(\w+)="([^"]*)"')
_ALONE: dict[str, Any] = {
    "broker_url": "memory://", "limits_url": "memory://", "log_level": "ERROR", "filing_limit": "1000000 per hour",
}  # fmt: skip
_SECRET = os.environ["CONSULT_SECRET_KEY"]  # that of the workload
_FASTEST = 400
"""Submissions a second for which drafts are kept ready while `wrk`, which runs by the clock, sends them."""
_WRK = r"""
local threads, lines, at = {}, {}, 0
sent = 0
function setup(thread) thread:set("own", #threads); table.insert(threads, thread) end
function init(arguments)
    local number = 0
    for line in io.lines(arguments[1]) do
        if number % 2 == own then table.insert(lines, line) end
        number = number + 1
    end
end
function request()
    at = at + 1
    if not lines[at] then return wrk.format("GET", "/robots.txt") end
    local path, body, cookie = lines[at]:match("(.-)\t(.-)\t(.*)")
    return wrk.format("POST", path, {Cookie = cookie, ["Content-Type"] = "application/x-www-form-urlencoded"}, body)
end
function response(status) if status == 303 then sent = sent + 1 end end
function done()
    local all = 0
    for _, thread in ipairs(threads) do all = all + thread:get("sent") end
    io.write("sent ", all, "\n")
end
"""


Request = tuple[str, str, str]
"""Path, body and cookie."""


def drafts(app: Flask, count: int) -> list[tuple[FlaskClient, dict[str, str]]]:
    """Return browsers with a draft each, ready to be sent, and the form that sends it."""
    with app.app_context(), transaction() as session:
        row = session.scalars(select(Consultation).where(Consultation.slug == workload.SLUG)).one()
        places = [
            place.id
            for place in comments_queries.get_provision_tree(session, row.version_id or 0).by_id.values()
            if place.text
        ][:_PLACES]
        tokens = []
        for number in range(count):
            said = {place: DraftComment(f"{_WORDS}{number}", Stance.CONCERN) for place in places}
            writing = DraftContent(said, about=DraftSubmitter(NameRule.NONE))
            tokens.append(
                submissions_drafts.save(
                    session, row.id, submissions_drafts.DraftOwner(), lambda _nothing, writing=writing: writing
                )
            )
    ready = []
    for token in tokens:
        client = app.test_client()
        with client.session_transaction() as kept:
            kept["drafts"] = {workload.SLUG: token}
        fields = [dict(_ATTRIBUTE.findall(tag)) for tag in _HIDDEN.findall(client.get(_CHECK).text)]
        ready.append((client, {field["name"]: unescape(field.get("value", "")) for field in fields if "name" in field}))
    return ready


def cpu(url: str, n: int) -> list[str]:
    app = create_app(Settings(database_url=url, **_ALONE))
    calls = iter(drafts(app, n + 10))
    bare = floor.make(url).test_client()

    def send() -> None:
        client, form = next(calls)
        answer = client.post(_CHECK, data=form)
        assert answer.status_code == 303, answer.status

    found = rounds(
        {"consult": send, "floor": lambda: bare.post("/file", data={"body": _WORDS})}, rounds=5, calls=n // 5
    )
    ours, base = found["consult"].median_cpu, found["floor"].median_cpu
    return [f"{ours:.1f}", f"{base:.1f}", f"{ours / base:.1f}", f"{found['consult'].p95:.0f}"]


def throughput(url: str, n: int, data: Path) -> list[str]:
    """Measure sending with two web processes and eight connections: rate, CPU ms of each part, rate of two cores."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    given = {"database_url": url, "secret_key": _SECRET, "data_dir": str(data), **_ALONE}
    environment = {**os.environ, **{f"CONSULT_{name.upper()}": value for name, value in given.items()}}
    worker = "consult.cli.processes.buffered_worker.BufferedWorker"
    options = [
        "--worker-class",
        worker,
        "--workers",
        "2",
        "--threads",
        "4",
        "--bind",
        f"127.0.0.1:{port}",
        "--log-level",
        "error",
    ]
    web = subprocess.Popen([sys.executable, "-m", "gunicorn", *options, "consult:create_app()"], env=environment)
    try:
        base = f"http://127.0.0.1:{port}"
        _wait_for(base)
        app = create_app(Settings(database_url=url, secret_key=_SECRET, data_dir=data, **_ALONE))
        requests = [_request(client, form) for client, form in drafts(app, n + _WARM)]
        _by_threads(requests[:_WARM], port, data)
        before = process_cpu(web.pid), postgres_cpu(), _client_cpu()
        sent, seconds = (_by_wrk if shutil.which("wrk") else _by_threads)(requests[_WARM:], port, data)
        after = process_cpu(web.pid), postgres_cpu(), _client_cpu()
    finally:
        web.terminate()
        web.wait()
    each = [1000 * (then - now) / sent for now, then in zip(before, after, strict=True)]
    return [f"{sent / seconds:.0f}", *(f"{ms:.1f}" for ms in each), f"{2000 / (each[0] + each[1]):.0f}"]


def _client_cpu() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def _by_wrk(requests: Sequence[Request], port: int, folder: Path) -> tuple[int, float]:
    """Return how many submissions were sent in how many seconds."""
    script, lines, seconds = folder / "filing.lua", folder / "requests", max(1, len(requests) // _FASTEST)
    script.write_text(_WRK)
    lines.write_text("".join("\t".join(request) + "\n" for request in requests))
    command = ["wrk", "-t2", "-c8", f"-d{seconds}s", "-s", script, f"http://127.0.0.1:{port}", lines]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return int(said.rpartition("sent ")[2]), seconds


def _by_threads(requests: Sequence[Request], port: int, _folder: Path) -> tuple[int, float]:
    started = time.perf_counter()
    _each(requests, partial(_post, local(), port))
    return len(requests), time.perf_counter() - started


def _request(client: FlaskClient, form: dict[str, str]) -> Request:
    """Return the request that this browser would send."""
    kept = client.get_cookie("session")
    return _CHECK, urlencode(form), f"session={kept.value if kept else ''}"


def _post(kept: local, port: int, request: Request) -> None:
    """Send a request over this thread's open connection."""
    if not hasattr(kept, "connection"):
        kept.connection = HTTPConnection("127.0.0.1", port)
    path, body, cookie = request
    headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
    kept.connection.request("POST", path, body, headers)
    answer = kept.connection.getresponse()
    answer.read()
    assert answer.status == 303, answer.status


def _each(things: Sequence[Any], act: Callable[[Any], object]) -> None:
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(act, things))


def _wait_for(base: str) -> None:
    for _try in range(600):
        try:
            urlopen(base + "/robots.txt").close()
            return
        except OSError:
            time.sleep(0.1)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--n", type=int, default=200)
    n = arguments.parse_args().n
    with workload.database(10_000) as url, tempfile.TemporaryDirectory() as data:
        in_process, over_http = cpu(url, n), throughput(url, 4 * n, Path(data))
    name = "full submission, 5 comments"
    print_table("Filing", ["operation", "CPU ms", "floor", "ratio", "p95 ms"], [[name, *in_process]])
    head = ["over HTTP, 2 web processes", "a second", "CPU ms web", "PostgreSQL", "client", "a second on 2 cores*"]
    print_table("", head, [[name, *over_http]])
    print("* of which the client takes nothing")


if __name__ == "__main__":
    main()
