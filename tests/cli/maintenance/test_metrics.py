"""Measurements: valid, without personal data, and served only to those who may read them."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from http.client import HTTPConnection

import click
import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy.orm import Session

from consult.cli import main
from consult.cli.maintenance.metrics import MetricsServer, collect, parse_bind
from consult.core.processes.signals import StopSignal
from consult.core.settings import Secret, Settings
from consult.site import database_checks
from consult.site import service as site
from tests import factories, filing

TOKEN = "a-token-for-prometheus-that-is-long-enough"


@pytest.fixture
def site_with_people(session: Session) -> list[str]:
    """What people entered."""
    row = factories.consultation(session)
    person = factories.account(session, email="ada.lovelace@example.org")
    filing.file(session, row, "Words of a comment about clinics.", person="Ana Ñandú", published=True)
    site.record_beat(session, "clock")
    session.commit()
    return [row.slug, "ada.lovelace", "example.org", person.display_name, "Ñandú", "clinics"]


def test_measurements_hold_nothing_of_what_people_entered(app: Flask, site_with_people: list[str]) -> None:
    text = collect(app)
    assert "consult_record_entries" in text
    assert 'consult_heartbeat_age_seconds{part="clock"}' in text
    assert [words for words in site_with_people if words.casefold() in text.casefold()] == []
    labels = set(re.findall(r"{(\w+)=", text))
    assert labels == {"version", "check", "part", "follower", "state"}


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not installed")
def test_promtool_accepts_the_measurements(app: Flask) -> None:
    checked = subprocess.run(["promtool", "check", "metrics"], input=collect(app), capture_output=True, text=True)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


@pytest.mark.usefixtures("app")
def test_the_command_prints_them_once(run: CliRunner) -> None:
    answer = run.invoke(main, ["metrics"])
    assert (answer.exit_code, answer.output.startswith("# HELP consult_info")) == (0, True), answer.output


def test_without_a_database_its_state_is_measured(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_session: Session) -> bool:
        raise ConnectionError

    monkeypatch.setattr(database_checks, "is_schema_behind", fail)
    text = collect(app)
    assert 'consult_health{check="database"} 2' in text
    assert "consult_heartbeat_age_seconds" not in text


@pytest.fixture
def port(app: Flask) -> Iterator[int]:
    settings: Settings = app.config["SETTINGS"]
    vars(settings)["metrics_token"] = Secret(TOKEN)
    ended = StopSignal()
    with MetricsServer(("127.0.0.1", 0), app) as server:
        thread = threading.Thread(target=server.serve, args=(ended,))
        thread.start()
        yield int(server.server_address[1])
        ended.set()
        thread.join()
    vars(settings)["metrics_token"] = Secret()


def get(port: int, path: str = "/metrics", **headers: str) -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def test_a_request_needs_the_token_and_must_not_come_through_a_proxy(port: int) -> None:
    allowed = {"Authorization": f"Bearer {TOKEN}"}
    status, text = get(port, **allowed)
    assert (status, "consult_health" in text) == (200, True)
    assert get(port)[0] == 403
    assert get(port, Authorization="Bearer wrong")[0] == 403
    assert get(port, **allowed, X_Forwarded_For="203.0.113.7")[0] == 403
    assert get(port, "/people", **allowed)[0] == 404


def test_a_client_that_sends_nothing_does_not_block_the_others_for_long(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port)):
        assert get(port, Authorization=f"Bearer {TOKEN}")[0] == 200


def test_other_machines_can_reach_them_only_with_a_token() -> None:
    assert parse_bind("127.0.0.1:9464", Settings()) == ("127.0.0.1", 9464)
    with pytest.raises(click.BadParameter, match="Set CONSULT_METRICS_TOKEN"):
        parse_bind("0.0.0.0:9464", Settings())
    assert parse_bind("0.0.0.0:9464", Settings(metrics_token=Secret(TOKEN))) == ("0.0.0.0", 9464)
    for wrong in ("9464", "localhost:9464", "127.0.0.1:http", "127.0.0.1:99999"):
        with pytest.raises(click.BadParameter, match="use an IPv4 address and a port"):
            parse_bind(wrong, Settings())


def test_no_page_of_the_site_serves_them(app: Flask) -> None:
    assert not [rule.rule for rule in app.url_map.iter_rules() if "metrics" in rule.rule]
