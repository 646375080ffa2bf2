"""Suspended accounts, and who signed in when."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts import passwords
from consult.accounts.model import Account
from consult.core.web.access import Role
from consult.ledger.model import Kind, LedgerEntry
from tests import factories
from tests.accounts.letters import letters
from tests.counting import statements

PASSWORD = "correct horse battery"
SignIn = Callable[[Account], FlaskClient]


@pytest.fixture
def admin(session: Session) -> Account:
    return factories.account(session, Role.ADMIN)


@pytest.fixture
def mod(session: Session) -> Account:
    return factories.account(
        session, Role.MODERATOR, email="mod@example.org", password_hash=passwords.hash_password(PASSWORD)
    )


def enter(client: FlaskClient) -> int:
    return client.post("/sign-in", data={"email": "mod@example.org", "password": PASSWORD}).status_code


def test_a_suspended_account_is_out_at_once_and_stays_out(
    client: FlaskClient, session: Session, admin: Account, mod: Account, sign_in: SignIn
) -> None:
    theirs, desk = sign_in(mod), sign_in(admin)
    assert theirs.get("/review").status_code == 200
    desk.post(f"/people/{mod.id}/sign-in", data={"do": "suspend"})
    assert theirs.get("/account").location == "/sign-in?next=/account"
    assert letters(session)[-1].subject == "Your account is suspended"
    assert enter(client) == 403
    client.post("/sign-in/link", data={"email": "mod@example.org"})
    link = client.post(letters(session)[-1].path)
    assert (link.status_code, "This account is suspended" in link.text) == (403, True)
    assert "<title>Your account is suspended" in link.text
    assert "Suspended" in desk.get("/people").text
    desk.post(f"/people/{mod.id}/sign-in", data={"do": "restore"})
    assert enter(client) == 303
    assert client.get("/review").status_code == 200, "the role stayed"
    kinds = session.scalars(select(LedgerEntry.kind).order_by(LedgerEntry.id)).all()
    assert kinds == [Kind.ACCOUNT_SUSPENDED, Kind.ACCOUNT_RESTORED]
    acts = desk.get("/people/acts").text
    assert "Account suspended (role: Moderator)" in acts
    assert f'<a href="/people/{mod.id}"><bdi>{mod.display_name}</bdi></a>' in acts


def test_a_wrong_password_does_not_tell_that_an_account_is_suspended(
    client: FlaskClient, session: Session, admin: Account, mod: Account, sign_in: SignIn
) -> None:
    sign_in(admin).post(f"/people/{mod.id}/sign-in", data={"do": "suspend"})
    page = client.post("/sign-in", data={"email": "mod@example.org", "password": "wrong password"})
    assert (page.status_code, "suspended" in page.text) == (422, False)


def test_nobody_suspends_themselves_or_the_last_who_can_let_others_in(
    session: Session, admin: Account, sign_in: SignIn
) -> None:
    other = factories.account(session, Role.ADMIN)
    desk = sign_in(admin)
    assert desk.post(f"/people/{admin.id}/sign-in", data={"do": "suspend"}).status_code == 409
    assert desk.post(f"/people/{other.id}/sign-in", data={"do": "suspend"}).status_code == 303
    left = sign_in(admin).post(f"/people/{admin.id}", data={"role": "contributor"})
    assert "This is the last administrator." in left.text


def test_sign_ins_are_counted_for_the_administrator_in_one_statement(
    client: FlaskClient, session: Session, admin: Account, mod: Account, sign_in: SignIn
) -> None:
    desk = sign_in(admin)
    for _time in range(2):
        assert enter(client) == 303
    assert "2 sign-ins in 90 days" in desk.get("/people").text
    with statements() as few:
        desk.get("/people")
    for _more in range(5):
        factories.account(session, Role.MODERATOR)
    session.commit()
    with statements() as many:
        desk.get("/people")
    assert len(many) == len(few)
