"""Two-step verification: an app, recovery codes, and what becomes of wrong codes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
import time_machine
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from consult.accounts import passwords
from consult.accounts.model import Account
from consult.accounts.second_factor import limits
from consult.accounts.second_factor.model import Authenticator, RecoveryCode
from consult.accounts.sessions.model import AccountSession, SignIn
from consult.core.crypto import unseal
from consult.core.web.access import Role
from consult.ledger.model import Kind, LedgerEntry
from tests import factories
from tests.accounts.letters import letters

PASSWORD = "correct horse battery"
NOON = datetime(2027, 3, 1, 12, 40, tzinfo=UTC)
HERE, AWAY = "198.51.101.7", "203.0.114.9"


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    passwords._decoy_hash.cache_clear()


@pytest.fixture
def clock() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(NOON, tick=False) as moved:
        yield moved


@pytest.fixture
def tomas(clock: time_machine.Coordinates, session: Session) -> Account:
    row = factories.account(
        session, Role.MODERATOR, email="tomas@example.org", password_hash=passwords.hash_password(PASSWORD)
    )
    session.commit()
    return row


def enter(client: FlaskClient, ip: str = HERE, **more: str) -> TestResponse:
    sent = {"email": "tomas@example.org", "password": PASSWORD, **more}
    return client.post("/sign-in", data=sent, environ_base={"REMOTE_ADDR": ip})


def step(client: FlaskClient, code: str, ip: str = HERE, path: str = "/sign-in/second") -> TestResponse:
    return client.post(path, data={"code": code}, environ_base={"REMOTE_ADDR": ip})


def set_up(client: FlaskClient, session: Session) -> tuple[pyotp.TOTP, list[str]]:
    """An app set up on the page; gives what a telephone would have, and the recovery codes that were shown."""
    assert client.post("/account/security/app").location == "/account/security/app/code"
    page = client.get("/account/security/app/code").text
    secret = re.search(r"<code dir=\"ltr\">([A-Z2-7 ]+)</code>", page)
    assert secret
    assert "<svg" in page
    app = pyotp.TOTP(secret[1].replace(" ", ""))
    done = client.post("/account/security/app/code", data={"code": app.now(), "current": PASSWORD})
    return app, re.findall(r"<code dir=\"ltr\">([a-z2-9]{5}-[a-z2-9]{5})</code>", done.text)


@pytest.fixture
def phone(client: FlaskClient, session: Session, tomas: Account) -> tuple[pyotp.TOTP, list[str]]:
    enter(client)
    made = set_up(client, session)
    client.post("/sign-out")
    return made


def is_in(client: FlaskClient) -> bool:
    return client.get("/account").status_code == 200


def test_after_the_password_a_code_of_the_app_is_asked_for(
    client: FlaskClient, session: Session, phone: tuple[pyotp.TOTP, list[str]], clock: time_machine.Coordinates
) -> None:
    app, codes = phone
    assert len(set(codes)) == 10
    clock.shift(60)
    answer = enter(client, next="/review")
    assert (answer.location, is_in(client)) == ("/sign-in/second", False)
    assert "Six-digit code" in client.get("/sign-in/second").text
    assert step(client, app.now()).location == "/review"
    assert is_in(client)
    kept = session.scalars(select(SignIn).order_by(SignIn.id.desc())).first()
    assert kept is not None
    assert (kept.method, kept.second, kept.at) == ("password", "code", NOON.replace(minute=0))
    assert "with a password, confirmed with a code" in client.get("/account/security").text


def test_the_secret_is_sealed_and_the_recovery_codes_are_hashed(
    session: Session, phone: tuple[pyotp.TOTP, list[str]]
) -> None:
    app, codes = phone
    row = session.scalars(select(Authenticator)).one()
    assert unseal(row.secret_sealed) == app.secret
    assert app.secret.encode() not in row.secret_sealed
    kept = b"".join(code.hash for code in session.scalars(select(RecoveryCode)))
    assert not any(code.replace("-", "").encode() in kept for code in codes)


def test_a_code_works_once_and_no_earlier_one_afterwards(
    app: Flask, client: FlaskClient, phone: tuple[pyotp.TOTP, list[str]], clock: time_machine.Coordinates
) -> None:
    clock.shift(60)
    seen, before = phone[0].now(), phone[0].at(NOON + timedelta(seconds=30))
    enter(client)
    assert step(client, seen).status_code == 303
    thief = app.test_client()
    enter(thief)
    assert [step(thief, code).status_code for code in (seen, before)] == [422, 422]
    assert not is_in(thief)


@pytest.mark.parametrize(("seconds", "taken"), [(-60, False), (-30, True), (30, True), (60, False)])
def test_a_telephone_may_be_off_by_half_a_minute(
    client: FlaskClient, phone: tuple[pyotp.TOTP, list[str]], clock: time_machine.Coordinates, seconds: int, taken: bool
) -> None:
    clock.shift(300)
    enter(client)
    code = phone[0].at(NOON + timedelta(seconds=300 + seconds))
    assert (step(client, code).status_code == 303) is taken


def test_each_recovery_code_signs_in_once_and_the_owner_is_told(
    app: Flask, client: FlaskClient, session: Session, phone: tuple[pyotp.TOTP, list[str]]
) -> None:
    code = phone[1][3]
    enter(client)
    assert "Recovery code" in client.get("/sign-in/second?recovery=1").text
    assert step(client, code.upper().replace("-", " "), path="/sign-in/second?recovery=1").status_code == 303
    other = app.test_client()
    enter(other)
    assert step(other, code).status_code == 422
    assert "You have 9 codes left" in client.get("/account/security").text
    assert letters(session)[-1].subject == "Someone used a recovery code to sign in to your account"
    assert "You have 9 recovery codes left." in letters(session)[-1].text


def test_every_way_in_asks_for_the_second_step(
    app: Flask, client: FlaskClient, session: Session, phone: tuple[pyotp.TOTP, list[str]]
) -> None:
    client.post("/sign-in/link", data={"email": "tomas@example.org"})
    assert client.post(letters(session)[-1].path).location == "/sign-in/second"
    assert not is_in(client)
    client.post("/reset", data={"email": "tomas@example.org"})
    new = {"password": "another horse battery"}
    assert client.post(letters(session)[-1].path, data=new).location == "/sign-in/second"
    assert not is_in(client)


def test_the_second_step_needs_the_first_in_the_same_browser_and_soon(
    app: Flask, client: FlaskClient, phone: tuple[pyotp.TOTP, list[str]], clock: time_machine.Coordinates
) -> None:
    assert step(app.test_client(), phone[0].now()).location == "/sign-in"
    enter(client)
    clock.shift(11 * 60)
    assert step(client, phone[0].now()).location == "/sign-in"
    assert not is_in(client)


@pytest.mark.usefixtures("limits")
def test_a_thief_of_the_password_does_not_keep_the_owner_out(
    app: Flask,
    client: FlaskClient,
    session: Session,
    phone: tuple[pyotp.TOTP, list[str]],
    clock: time_machine.Coordinates,
) -> None:
    clock.shift(3600)
    thief = app.test_client()
    enter(thief, AWAY)
    answers = [step(thief, f"{n:06}", AWAY).status_code for n in range(12)]
    assert answers == [422] * limits.PER_NETWORK.amount + [429] * 2
    assert [one.subject for one in letters(session)].count("Someone entered wrong codes for your account") == 1
    enter(client)
    assert step(client, phone[0].now()).status_code == 303, "the owner, in a network of their own"
    other = app.test_client()
    enter(other, AWAY)
    assert step(other, phone[1][0], AWAY).status_code == 303, "and even in the thief's, by a recovery code"


def test_the_app_is_removed_by_password_and_code(client: FlaskClient, session: Session, tomas: Account) -> None:
    enter(client)
    _app, codes = set_up(client, session)
    path = "/account/security/app/remove"
    for current, code in (("wrong password here", codes[0]), (PASSWORD, "aaaaa-aaaaa")):
        assert client.post(path, data={"current": current, "code": code}).status_code == 422
    assert client.post(path, data={"current": PASSWORD, "code": codes[0]}).status_code == 303
    session.refresh(tomas)
    assert tomas.factor_since is None
    assert session.scalars(select(RecoveryCode)).all() == []
    client.post("/sign-out")
    assert enter(client).location == "/review"


def test_a_wrong_code_sets_nothing_up_and_a_wrong_password_neither(client: FlaskClient, tomas: Account) -> None:
    enter(client)
    client.post("/account/security/app")
    page = client.post("/account/security/app/code", data={"code": "000000", "current": PASSWORD})
    assert (page.status_code, "This is not the code your app shows now." in page.text) == (422, True)
    right = {"code": "123456", "current": "wrong password"}
    assert "Your current password is wrong." in client.post("/account/security/app/code", data=right).text
    client.post("/sign-out")
    assert enter(client).location == "/review"


def test_new_recovery_codes_end_the_old_ones(client: FlaskClient, session: Session, tomas: Account) -> None:
    enter(client)
    _app, codes = set_up(client, session)
    page = client.post("/account/security/codes", data={"current": PASSWORD})
    new = re.findall(r"([a-z2-9]{5}-[a-z2-9]{5})</code>", page.text)
    assert len(new) == 10
    assert page.headers["Cache-Control"] == "no-store"
    client.post("/sign-out")
    enter(client)
    assert step(client, codes[0]).status_code == 422
    assert step(client, new[0]).status_code == 303


def test_an_administrator_takes_a_lost_second_step_away(
    client: FlaskClient,
    session: Session,
    tomas: Account,
    phone: tuple[pyotp.TOTP, list[str]],
    sign_in: Callable[[Account], FlaskClient],
) -> None:
    theirs, admin = sign_in(tomas), factories.account(session, Role.ADMIN)
    desk = sign_in(admin)
    assert "Turn off two-step verification" in desk.get(f"/people/{tomas.id}").text
    desk.post(f"/people/{tomas.id}/sign-in", data={"do": "reset"})
    assert not is_in(theirs)
    assert letters(session)[-1].subject == "Two-step verification was turned off for your account"
    assert (
        session.scalars(select(LedgerEntry).where(LedgerEntry.kind == Kind.FACTOR_RESET)).one().subject_id == tomas.id
    )
    assert "Two-step verification turned off for a person" in desk.get("/people/acts").text
    assert enter(client).location == "/review"
    assert session.scalars(select(AccountSession.account_id).where(AccountSession.account_id == tomas.id)).all()
