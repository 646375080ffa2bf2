"""The log of sign-ins, refusals and administrators has events and numbers in bounded lines, and no addresses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from structlog.testing import LogCapture

from consult.accounts import passwords
from consult.accounts.model import Account
from consult.core import logs
from consult.core.web.access import Role
from tests import factories

SignIn = Callable[[Account], FlaskClient]
PASSWORD = "correct horse battery"


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    lines = LogCapture()
    monkeypatch.setattr(logs, "log", structlog.wrap_logger(None, [lines], structlog.BoundLogger))
    monkeypatch.setattr(logs, "line_budget", logs.LineBudget())
    yield lines.entries
    written = repr(lines.entries)
    assert not any(word in written for word in ("@", "ana", "Ana", PASSWORD, "127.0.0.1", "secret"))


@pytest.fixture
def ana(session: Session) -> Account:
    made = factories.account(
        session, email="ana@example.org", display_name="Ana", password_hash=passwords.hash_password(PASSWORD)
    )
    session.commit()
    return made


def enter(client: FlaskClient, password: str, email: str = "ana@example.org") -> None:
    client.post("/sign-in", data={"email": email, "password": password})


def test_signing_in_out_and_failing_to_are_logged_by_number(client: FlaskClient, ana: Account, said: list[Any]) -> None:
    enter(client, "wrong password")
    enter(client, "wrong password", "nobody@example.org")
    enter(client, PASSWORD)
    client.post("/sign-out")
    assert [(line["event"], line["account"], line.get("method")) for line in said] == [
        ("sign_in.failed", ana.id, None), ("sign_in.failed", None, None), ("sign_in.succeeded", ana.id, "password"),
        ("sign_out", ana.id, None),
    ]  # fmt: skip


@pytest.mark.usefixtures("limits")
def test_a_limit_that_is_reached_is_logged(client: FlaskClient, ana: Account, said: list[Any]) -> None:
    for _try in range(21):
        enter(client, "wrong password")
    for _request in range(5):
        client.post("/sign-in/link", data={"email": "ana@example.org"})
    for _question in range(21):
        client.post("/c/nothing/report/1", data={})
    events = [line["event"] for line in said]
    assert (events.count("sign_in.failed"), events.count("sign_in.limited"), events.count("letters.limited")) == (
        20,
        1,
        1,
    )


@pytest.mark.usefixtures("limits")
def test_a_route_that_is_limited_is_logged_by_its_name(sign_in: SignIn, ana: Account, said: list[Any]) -> None:
    browser = sign_in(ana)
    answers = [browser.post("/account/address/arrives").status_code for _ in range(6)]
    assert answers[-1] == 429
    assert said[-1]["event"] == "limit.reached"
    assert said[-1]["endpoint"] == "accounts.ask_arrival"


def test_a_page_that_was_refused_is_logged_with_the_role(sign_in: SignIn, ana: Account, said: list[Any]) -> None:
    assert sign_in(ana).get("/people/1?q=secret").status_code == 403
    (line,) = said
    assert {name: line[name] for name in ("event", "endpoint", "account", "role")} == {
        "event": "access.refused", "endpoint": "people.one", "account": ana.id, "role": "contributor",
    }  # fmt: skip


def test_what_an_administrator_changes_is_logged_and_what_they_read_is_not(
    session: Session, sign_in: SignIn, ana: Account, said: list[Any]
) -> None:
    admin = factories.account(session, Role.ADMIN)
    browser = sign_in(admin)
    browser.get(f"/people/{ana.id}")
    browser.post(f"/people/{ana.id}", data={"role": "no role"})
    assert said == []
    assert browser.post(f"/people/{ana.id}", data={"role": "moderator"}).status_code == 303
    (line,) = said
    assert (line["event"], line["endpoint"], line["account"]) == ("administrator.acted", "people.one", admin.id)


def test_whoever_knocks_often_fills_no_log(client: FlaskClient, ana: Account, said: list[Any]) -> None:
    for _try in range(100):
        client.post("/sign-in", data={"email": "nobody@example.org", "password": ""})
        logs.log_bounded("sign_in.failed", account=None)
    assert len(said) <= 120, "sixty a minute, and a minute may end meanwhile"
