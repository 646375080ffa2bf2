"""`consult doctor` finds each planted fault, says what to do, and its exit status says how serious it is."""

from __future__ import annotations

import json
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dns.exception
import pytest
from aiosmtpd.controller import Controller
from click.testing import CliRunner
from sqlalchemy import text
from sqlalchemy.orm import Session

from consult.cli import main
from consult.cli.maintenance import doctor, network_checks, site_checks
from consult.cli.maintenance.findings import CheckOutcome, DoctorFinding
from consult.core.clock import now
from consult.core.queue import QUEUES
from consult.site import service as site
from tests.conftest import KEY

GIB = 2**30
RECORDS = {"consult.example.org": ["v=spf1 mx -all"], "_dmarc.consult.example.org": ["v=DMARC1; p=none"]}


class Proxy(BaseHTTPRequestHandler):
    """A site behind a proxy that replaces the forwarded headers, or passes them on if it is `careless`."""

    careless = False
    status = 200

    def do_GET(self) -> None:
        forged = self.careless and self.headers.get("X-Forwarded-Host") == "forged.invalid"
        self.send_response(400 if forged else self.status)
        self.end_headers()

    def log_message(self, *_line: object) -> None:
        pass


class Inbox:
    """Keeps the received messages."""

    def __init__(self) -> None:
        self.messages: list[bytes] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        self.messages.append(envelope.content)
        return "250 OK"


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Proxy]]:
    handler = type("OwnProxy", (Proxy,), {})
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        monkeypatch.setenv("CONSULT_BASE_URL", f"http://127.0.0.1:{server.server_address[1]}")
        yield handler
        server.shutdown()


@pytest.fixture
def inbox() -> Iterator[tuple[Inbox, int]]:
    box = Inbox()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    yield box, port
    controller.stop()


@pytest.fixture
def healthy(
    run: CliRunner, session: Session, proxy: type[Proxy], inbox: tuple[Inbox, int], monkeypatch: pytest.MonkeyPatch
) -> CliRunner:
    """An installation without any fault."""
    for name in ("clock", *map(site.worker_beat_name, QUEUES)):
        site.record_beat(session, name)
    session.commit()
    monkeypatch.setenv("CONSULT_SMTP_URL", f"smtp://127.0.0.1:{inbox[1]}")
    monkeypatch.setenv("CONSULT_MAIL_FROM", "Consult <consult@consult.example.org>")
    monkeypatch.setenv("CONSULT_PROXIES", "1")
    monkeypatch.setenv("CONSULT_HOSTS", "127.0.0.1")
    monkeypatch.setattr(network_checks, "find_texts", lambda name: RECORDS.get(name, []))
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=50 * GIB, total=100 * GIB))
    return run


def examine(run: CliRunner, *options: str) -> tuple[int, dict[str, tuple[str, str, str]]]:
    """Run the command, and return its exit status and what it says of each check that is not well."""
    answer = run.invoke(main, ["doctor", "--json", *options])
    assert answer.exception is None or isinstance(answer.exception, SystemExit), answer.exception
    findings = json.loads(answer.stdout)
    assert findings
    return answer.exit_code, {
        each["check"]: (each["outcome"], each["sentence"], each["remedy"])
        for each in findings
        if each["outcome"] != "ok"
    }


def test_an_installation_without_faults_has_no_remarks(healthy: CliRunner) -> None:
    assert examine(healthy) == (0, {})


Plant = Callable[[pytest.MonkeyPatch, Session, type[Proxy], Path], object]


def weak_key(patch: pytest.MonkeyPatch, *_rest: object) -> None:
    patch.setenv("CONSULT_SECRET_KEY", "short")


def misspelt(patch: pytest.MonkeyPatch, *_rest: object) -> None:
    patch.setenv("CONSULT_SMPT_URL", "smtp://x")


def exposed(patch: pytest.MonkeyPatch, _session: Session, _proxy: type[Proxy], folder: Path) -> None:
    (folder / "key").write_text(KEY + "\n")
    (folder / "key").chmod(0o644)
    patch.delenv("CONSULT_SECRET_KEY")
    patch.setenv("CONSULT_SECRET_KEY_FILE", str(folder / "key"))


def no_database(patch: pytest.MonkeyPatch, *_rest: object) -> None:
    patch.setenv("CONSULT_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")


def few_connections(patch: pytest.MonkeyPatch, *_rest: object) -> None:
    patch.setattr(site_checks.connections, "count_connections", lambda _connection: (5, 20))


def old_database(patch: pytest.MonkeyPatch, *_rest: object) -> None:
    patch.setattr(site_checks, "is_schema_behind", lambda _connection: True)


def stop_clock(_patch: pytest.MonkeyPatch, session: Session, *_rest: object) -> None:
    session.execute(text("DELETE FROM heartbeat WHERE name = 'clock'"))
    session.commit()


def stop_worker(_patch: pytest.MonkeyPatch, session: Session, *_rest: object) -> None:
    session.execute(text("DELETE FROM heartbeat WHERE name = 'worker.mail'"))
    session.commit()


def no_broker(patch: pytest.MonkeyPatch, *_rest: object) -> None:
    patch.setenv("CONSULT_BROKER_URL", "redis://127.0.0.1:1/0")


def no_store(patch: pytest.MonkeyPatch, *_rest: object) -> None:
    patch.setenv("CONSULT_FILES_URL", "s3://key:secret@bucket?endpoint=http://127.0.0.1:1&region=eu")


def full_disk(patch: pytest.MonkeyPatch, *_rest: object) -> None:
    patch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=9 * GIB, total=100 * GIB))


def no_mail(patch: pytest.MonkeyPatch, *_rest: object) -> None:
    patch.setenv("CONSULT_SMTP_URL", "smtp://127.0.0.1:1")


def mail_folder(patch: pytest.MonkeyPatch, *_rest: object) -> None:
    patch.delenv("CONSULT_SMTP_URL")


def local_sender(patch: pytest.MonkeyPatch, *_rest: object) -> None:
    patch.setenv("CONSULT_MAIL_FROM", "Consult <consult@localhost>")


def no_policy(patch: pytest.MonkeyPatch, *_rest: object) -> None:
    patch.setattr(network_checks, "find_texts", lambda name: RECORDS[name] if name[0] != "_" else [])


def no_dns(patch: pytest.MonkeyPatch, *_rest: object) -> None:
    def fail(_name: str) -> list[str]:
        raise dns.exception.Timeout

    patch.setattr(network_checks, "find_texts", fail)


def careless_proxy(_patch: pytest.MonkeyPatch, _session: Session, proxy: type[Proxy], _folder: Path) -> None:
    proxy.careless = True


def wrong_host(_patch: pytest.MonkeyPatch, _session: Session, proxy: type[Proxy], _folder: Path) -> None:
    proxy.status = 400


def uncounted_proxy(_patch: pytest.MonkeyPatch, session: Session, *_rest: object) -> None:
    site.record_beat(session, site.FORWARDED, now())
    session.commit()


def no_site(patch: pytest.MonkeyPatch, *_rest: object) -> None:
    patch.setenv("CONSULT_BASE_URL", "http://127.0.0.1:1")


@pytest.mark.parametrize(
    ("plant", "check", "outcome", "words", "advice"),
    [
        (weak_key, "settings", "problem", "shorter than 32 characters", "settings.md"),
        (misspelt, "settings", "problem", "There is no setting CONSULT_SMPT_URL", "settings.md"),
        (exposed, "settings", "problem", "Other users can read", "chmod 600"),
        (no_database, "database", "problem", "The database does not answer", "Start PostgreSQL"),
        (few_connections, "connections", "problem", "allows 20 connections", "max_connections"),
        (old_database, "migrations", "problem", "from an older release", "consult migrate"),
        (stop_clock, "clock", "problem", "The scheduler has stopped", "consult clock"),
        (stop_worker, "worker", "problem", "taken jobs from: mail", "consult worker"),
        (no_broker, "queue", "problem", "The queue cannot be reached", "CONSULT_BROKER_URL"),
        (no_store, "files", "problem", "The file store does not respond", "CONSULT_FILES_URL"),
        (full_disk, "disk", "problem", "has 9.0 GB free of 100 GB", "Free space"),
        (no_mail, "mail server", "problem", "cannot be used", "CONSULT_SMTP_URL"),
        (mail_folder, "mail server", "problem", "not sent", "CONSULT_SMTP_URL"),
        (local_sender, "sender", "problem", "localhost", "CONSULT_MAIL_FROM"),
        (no_policy, "DMARC", "problem", "has no DMARC record", "v=DMARC1"),
        (no_dns, "SPF", "unknown", "could not be looked up", "DNS"),
        (careless_proxy, "forwarded headers", "problem", "passes on forwarded headers", "nginx.conf"),
        (wrong_host, "reverse proxy", "problem", "answers with status 400", "Host header"),
        (uncounted_proxy, "proxy", "problem", "CONSULT_PROXIES is 0", "CONSULT_PROXIES"),
        (no_site, "reverse proxy", "unknown", "does not answer from here", "Start consult web"),
    ],
)
def test_a_planted_fault_is_found_with_a_remedy(
    healthy: CliRunner,
    session: Session,
    proxy: type[Proxy],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    plant: Plant,
    check: str,
    outcome: str,
    words: str,
    advice: str,
) -> None:
    plant(monkeypatch, session, proxy, tmp_path)
    status, findings = examine(healthy)
    assert check in findings, findings
    found_outcome, sentence, remedy = findings[check]
    assert (found_outcome, words in sentence, advice in remedy) == (outcome, True, True), findings[check]
    assert status == (1 if outcome == "problem" else 2)


def test_a_test_e_mail_is_sent_on_request_only(healthy: CliRunner, inbox: tuple[Inbox, int]) -> None:
    examine(healthy)
    assert inbox[0].messages == []
    status, findings = examine(healthy, "--send", "operator@example.org")
    assert (status, findings) == (0, {})
    (message,) = inbox[0].messages
    assert b"Subject: Test e-mail from Consult" in message


def test_the_text_names_each_check_and_what_to_do(healthy: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    full_disk(monkeypatch)
    answer = healthy.invoke(main, ["doctor"])
    assert "problem     disk: The data folder" in answer.output
    assert "            → Free space, or enlarge the disk." in answer.output
    assert "ok          migrations: " in answer.output


def test_secrets_do_not_appear_in_findings(healthy: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONSULT_DATABASE_URL", "postgresql://consult:hidden-word@127.0.0.1:1/none")
    monkeypatch.setenv("CONSULT_BROKER_URL", "redis://:hidden-word@127.0.0.1:1/0")
    monkeypatch.setenv("CONSULT_SMTP_URL", "smtp://consult:hidden-word@127.0.0.1:1")
    answer = healthy.invoke(main, ["doctor"])
    assert (answer.exit_code, "hidden-word" in answer.output) == (1, False)


def test_a_problem_outweighs_what_could_not_be_checked() -> None:
    well, wrong, open_ = (
        DoctorFinding("x", outcome, "") for outcome in (CheckOutcome.OK, CheckOutcome.PROBLEM, CheckOutcome.UNKNOWN)
    )
    assert [doctor.choose_exit_status(each) for each in ([well], [well, open_], [open_, wrong])] == [0, 2, 1]
