"""E-mails that could not be sent, as an administrator meets them: /letters, the delivery page, health, the command."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.orm import Session

from consult.cli import main
from consult.core.clock import now
from consult.core.queue import QUEUES
from consult.core.settings import Settings
from consult.core.web.access import Role
from consult.mail import service as mail
from consult.mail import suppression
from consult.mail.model import Letter, State
from consult.site import service
from tests import factories
from tests.conftest import KEY

SignIn = Callable[[Any], FlaskClient]


@pytest.fixture
def dead(session: Session) -> list[Letter]:
    """Two letters that were given up."""
    rows = []
    for to in ("ada@example.org", "eve@example.net"):
        row = mail.post(session, key=f"receipt:{to[0]}", to=to, template="accounts/mail/deleted", language="en",
                        at=now())  # fmt: skip
        row.state, row.reason, row.attempts = State.DEAD, "cut after the end, 10 times: it may have arrived", 10
        rows.append(row)
    session.commit()
    return rows


def _states(session: Session, rows: list[Letter]) -> list[State]:
    session.expire_all()
    return [row.state for row in rows]


def test_dead_letters_degrade_the_health_in_a_sentence(
    session: Session, client: FlaskClient, dead: list[Letter]
) -> None:
    for name in ("clock", *map(service.worker_beat_name, QUEUES)):
        service.record_beat(session, name)
    session.commit()
    answer = client.get("/health", headers={"Accept": "application/json"}).json
    assert answer
    assert (answer["status"], answer["checks"]["mail"]) == ("degraded", "degraded")
    assert "2 e-mails could not be sent and are kept for 30 days." in client.get("/health").text


def test_an_administrator_sends_dead_letters_again_or_ends_them(
    session: Session, dead: list[Letter], sign_in: SignIn
) -> None:
    admin = sign_in(factories.account(session, Role.ADMIN))
    page = admin.get("/letters").text
    assert "…@example.net" in page
    assert "eve@" not in page
    admin.post("/letters", data={"end": dead[0].id})
    assert _states(session, dead) == [State.FAILED, State.DEAD]
    assert "1 e-mail is being sent again." in admin.post("/letters", data={"again": "all"}, follow_redirects=True).text
    assert _states(session, dead) == [State.FAILED, State.PENDING]
    assert "No failed e-mails" in admin.get("/letters").text
    assert sign_in(factories.account(session, Role.MODERATOR)).get("/letters").status_code == 403


@pytest.fixture
def run(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., str]:
    values = {"DATABASE_URL": settings.database_url, "BROKER_URL": "memory://", "LIMITS_URL": "memory://",
              "DATA_DIR": str(tmp_path), "LOG_LEVEL": "ERROR", "SECRET_KEY": KEY,
              "BASE_URL": "https://consult.example.org"}  # fmt: skip
    for name, value in values.items():
        monkeypatch.setenv(f"CONSULT_{name}", value)
    monkeypatch.setattr(Settings, "require_production", lambda _self: None)

    def command(*words: str) -> str:
        done = CliRunner().invoke(main, ["mail", *words])
        assert done.exit_code == 0, done.output
        return done.output.strip()

    return command


def test_the_command_lists_dead_letters_and_sends_them_again(
    run: Callable[..., str], session: Session, dead: list[Letter]
) -> None:
    listed = run("dead")
    assert f"{dead[0].id}\treceipt\texample.org\t" in listed
    assert "ada@" not in listed
    assert run("resend", str(dead[0].id)) == "1 queued to be sent again."
    assert run("end", str(dead[1].id)) == "1 deleted."
    assert run("end", "987654321") == "0 deleted. 1 of these numbers are not failed e-mails. See `consult mail dead`."
    assert _states(session, dead) == [State.PENDING, State.FAILED]
    session.execute(update(Letter).values(state=State.DEAD))
    session.commit()
    assert run("resend", "--all") == "1 queued to be sent again."


def test_the_command_says_how_an_address_stands_and_opens_it(run: Callable[..., str], session: Session) -> None:
    suppression.close_address(session, address="ada@example.org", reason="bounced: 5.1.1")
    session.commit()
    assert "bounced: 5.1.1. E-mails not sent: 0." in run("address", "ada@example.org")
    assert run("open", "ada@example.org") == "We send e-mails to this address again."
    assert run("address", "ada@example.org") == "We send e-mails to this address."
