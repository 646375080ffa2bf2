"""Sessions are kept at the server: what is signed out stays signed out, also for a copied cookie."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from consult.accounts import passwords
from consult.accounts import service as accounts
from consult.accounts.model import Account
from consult.accounts.sessions import service as sessions
from consult.accounts.sessions.model import AccountSession
from consult.core.clock import now
from consult.core.web.access import Role
from tests import factories, signing
from tests.accounts.letters import letters
from tests.counting import statements

SignIn = Callable[[Account], FlaskClient]
PASSWORD = "correct horse battery"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0 canary-4711"
NOON = datetime(2027, 3, 1, 12, 40, tzinfo=UTC)


@pytest.fixture
def ana(session: Session) -> Account:
    return person(session)


def person(session: Session, role: Role = Role.CONTRIBUTOR, email: str = "ana@example.org") -> Account:
    made = factories.account(session, role, email=email, password_hash=passwords.hash_password(PASSWORD))
    session.commit()
    return made


def enter(client: FlaskClient, agent: str = FIREFOX, email: str = "ana@example.org") -> FlaskClient:
    answer = client.post("/sign-in", data={"email": email, "password": PASSWORD}, headers={"User-Agent": agent})
    assert answer.status_code == 303
    return client


def copy_of(client: FlaskClient) -> FlaskClient:
    """Another browser with the session cookie of this one."""
    kept = client.get_cookie("session")
    assert kept
    other = client.application.test_client()
    other.set_cookie("session", kept.value)
    return other


def is_in(client: FlaskClient, path: str = "/account") -> bool:
    return client.get(path).status_code == 200


def rows(session: Session) -> list[AccountSession]:
    session.expire_all()
    return list(session.scalars(select(AccountSession).order_by(AccountSession.id)))


@pytest.mark.parametrize("away", [("POST", "/sign-out"), ("GET", "/leave"), ("POST", "/leave")])
def test_a_copied_cookie_opens_nothing_after_signing_out(
    client: FlaskClient, session: Session, ana: Account, away: tuple[str, str]
) -> None:
    enter(client)
    copy = copy_of(client)
    assert is_in(copy)
    assert client.open(away[1], method=away[0]).status_code == 303
    assert not is_in(copy)
    assert rows(session) == []


def test_signing_in_again_ends_the_session_that_was_there(client: FlaskClient, session: Session, ana: Account) -> None:
    copy = copy_of(enter(client))
    enter(client)
    assert (is_in(copy), is_in(client), len(rows(session))) == (False, True, 1)


def test_the_account_page_lists_sessions_by_kind_of_device_and_hour(app: Flask, session: Session, ana: Account) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        enter(app.test_client())
        clock.shift(timedelta(hours=2))
        app.test_client().post("/sign-in/link", data={"email": "ana@example.org"})
        here = app.test_client()
        here.post(letters(session)[-1].path, headers={"User-Agent": "strange/1.0"})
        page = here.get("/account").text
    assert page.count("<h3><bdi>Firefox, Windows</bdi></h3>") == 1
    assert "Signed in with a password on 1 March 2027, 12:00 UTC." in page
    assert re.search("<h3>Another browser <span[^>]*>This browser</span></h3>", page)
    assert "Signed in with a link by e-mail on 1 March 2027, 14:00 UTC." in page
    assert page.count('action="/account/sessions/') == 1, "the present one is ended by signing out"


def test_of_a_browser_its_kind_is_kept_and_nothing_else(app: Flask, session: Session, ana: Account) -> None:
    with time_machine.travel(NOON, tick=False):
        enter(app.test_client())
    kept = session.execute(text("SELECT * FROM account_session")).mappings().one()
    named = {"id", "hash", "account_id", "epoch", "method", "second", "device", "begun_at", "seen_at"}
    assert set(kept) == named | {"identity_id", "provider_session"}
    assert kept["device"] == "Firefox, Windows"
    assert kept["begun_at"] == kept["seen_at"] == NOON.replace(minute=0)


def test_each_session_is_ended_by_itself(app: Flask, session: Session, ana: Account) -> None:
    here, phone, library = (enter(app.test_client()) for _ in range(3))
    number = rows(session)[1].id
    page = here.post(f"/account/sessions/{number}", follow_redirects=True).text
    assert "Session ended." in page
    assert [is_in(one) for one in (here, phone, library)] == [True, False, True]
    assert here.post(f"/account/sessions/{number}").status_code == 404


def test_ones_own_session_ends_like_signing_out(client: FlaskClient, session: Session, ana: Account) -> None:
    enter(client)
    assert client.post(f"/account/sessions/{rows(session)[0].id}").location == "/"
    assert not is_in(client)


@pytest.mark.parametrize("role", [None, Role.CONTRIBUTOR, Role.ADMIN])
def test_a_session_of_somebody_else_cannot_be_ended(
    app: Flask, session: Session, ana: Account, sign_in: SignIn, role: Role | None
) -> None:
    mine = enter(app.test_client())
    number = rows(session)[0].id
    other = sign_in(factories.account(session, role)) if role else app.test_client()
    assert other.post(f"/account/sessions/{number}").status_code == (404 if role else 303)
    assert is_in(mine)


def test_ending_all_others_keeps_this_one_as_old_as_it_is(app: Flask, session: Session) -> None:
    person(session, Role.MODERATOR)
    with time_machine.travel(NOON, tick=False) as clock:
        here, other = enter(app.test_client()), enter(app.test_client())
        for _half_hour in range(23):
            clock.shift(timedelta(minutes=30))
            assert is_in(here, "/review")
            here.post("/account/sessions")
        assert not is_in(other, "/review")
        clock.shift(timedelta(minutes=31))
        assert not is_in(here, "/review"), "no fresh twelve hours"


@pytest.mark.parametrize("hours", [2, 11, 13])
def test_a_copy_of_the_cookie_of_the_sign_in_begins_no_hours_of_its_own(
    client: FlaskClient, session: Session, hours: int
) -> None:
    person(session, Role.MODERATOR)
    with time_machine.travel(NOON, tick=False) as clock:
        copy = copy_of(enter(client))
        with client.session_transaction() as cookie:
            assert cookie["begun"] == cookie["seen"] == int(NOON.timestamp()) // 60
        clock.shift(timedelta(hours=hours))
        assert not is_in(copy, "/review")


def test_a_cookie_without_times_is_as_old_as_its_session(client: FlaskClient, session: Session) -> None:
    account = person(session, Role.MODERATOR)
    with time_machine.travel(NOON, tick=False) as clock:
        with client.session_transaction() as cookie:
            cookie.update(signing.session_cookie(session, account))
        copy = copy_of(client)
        assert is_in(client, "/review")
        clock.shift(timedelta(hours=13))
        assert not is_in(copy, "/review")


def test_a_cookie_of_the_release_before_is_nobodys(client: FlaskClient, session: Session, ana: Account) -> None:
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = f"{ana.id}.{ana.session_epoch}", True
    assert not is_in(client)


def test_the_hour_of_a_page_is_noted_once_an_hour_and_only_by_requests_that_read(
    client: FlaskClient, session: Session, ana: Account
) -> None:
    def written(method: str = "GET") -> int:
        with statements() as seen:
            client.open("/account/name", method=method)
        return len([one for one in seen if one.startswith("UPDATE account_session")])

    with time_machine.travel(NOON, tick=False) as clock:
        enter(client)
        assert [written() for _page in range(3)] == [0, 0, 0]
        clock.shift(timedelta(minutes=30))
        assert [written("POST"), written(), written()] == [0, 1, 0]
    assert rows(session)[0].seen_at == NOON.replace(hour=13, minute=0)


def test_a_page_is_shown_where_its_hour_cannot_be_noted(
    client: FlaskClient, session: Session, ana: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: object, **_more: object) -> None:
        raise OperationalError("UPDATE", {}, Exception("No space left on device"))

    enter(client)
    monkeypatch.setattr(sessions, "note_use", full)
    with time_machine.travel(now() + timedelta(hours=2)):
        assert is_in(client)


def test_a_session_that_begins_while_the_password_changes_opens_nothing(session: Session, ana: Account) -> None:
    with Session(session.get_bind()) as thief:
        read = accounts.sign_in(thief, email="ana@example.org", password=PASSWORD)
        accounts.change_password(session, ana, current=PASSWORD, password="another green harbour")
        session.commit()
        token = signing.session_token(thief, read)
        thief.commit()
    assert not signing.is_signed_in(session, token)
    assert signing.is_signed_in(session, signing.session_token(session, ana))


def test_sessions_that_have_run_out_are_deleted(session: Session) -> None:
    moderator, writer = factories.account(session, Role.MODERATOR), factories.account(session)
    at = now()
    kept = [signing.session_token(session, one) for one in (moderator, writer)]
    for account, age in ((moderator, timedelta(hours=14)), (writer, timedelta(days=91))):
        sessions.begin(session, account, method=sessions.SignInMethod.LINK, at=at - age)
    old = sessions.begin(session, writer, method=sessions.SignInMethod.LINK, at=at - timedelta(days=60))
    sessions.forget_ended(session, limited_hours=12, at=at)
    assert all(signing.is_signed_in(session, token) for token in (*kept, old))
    assert len(rows(session)) == 3


def test_signing_out_clears_the_browser_also_where_the_database_is_away(
    client: FlaskClient, session: Session, ana: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_args: object) -> None:
        raise OperationalError("DELETE", {}, Exception("the server closed the connection"))

    enter(client)
    monkeypatch.setattr(sessions, "end", away)
    assert client.get("/leave").status_code == 303
    with client.session_transaction() as cookie:
        assert "_user_id" not in cookie
