"""Staff have 14 days to set up two-step verification; afterwards the pages of their role lead to it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from consult.accounts import passwords
from consult.accounts.model import Account
from consult.core.clock import now
from consult.core.web.access import Role
from tests import factories

PASSWORD = "correct horse battery"
SignIn = Callable[[Account], FlaskClient]


@pytest.fixture
def in_use(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """A site in use, which is no demo."""
    monkeypatch.setitem(vars(app.config["SETTINGS"]), "demo", False)


def asked(session: Session, days: int, role: Role = Role.MODERATOR) -> Account:
    return factories.account(session, role, factor_asked_at=now() - timedelta(days=days))


@pytest.mark.usefixtures("in_use")
def test_the_first_sign_in_begins_fourteen_days(client: FlaskClient, session: Session) -> None:
    row = factories.account(
        session, Role.POLICYMAKER, email="dan@example.org", password_hash=passwords.hash_password(PASSWORD)
    )
    client.post("/sign-in", data={"email": "dan@example.org", "password": PASSWORD})
    session.refresh(row)
    assert row.factor_asked_at is not None
    assert "within 14 days" in client.get("/desk").text


@pytest.mark.usefixtures("in_use")
@pytest.mark.parametrize(("days", "said"), [(12, "within 2 days"), (13, "within 1 day.")])
def test_a_banner_says_how_many_days_are_left(session: Session, sign_in: SignIn, days: int, said: str) -> None:
    page = sign_in(asked(session, days)).get("/review")
    assert (page.status_code, said in page.text) == (200, True)


@pytest.mark.usefixtures("in_use")
@pytest.mark.parametrize(
    ("role", "path"), [(Role.MODERATOR, "/review"), (Role.POLICYMAKER, "/desk"), (Role.ADMIN, "/people")]
)
def test_after_fourteen_days_the_pages_of_a_role_lead_to_the_set_up_and_back(
    session: Session, sign_in: SignIn, role: Role, path: str
) -> None:
    row = asked(session, 14, role)
    theirs = sign_in(row)
    assert theirs.get(path).location == f"/account/security?next={path}"
    assert theirs.post("/people/invite", data={"email": "a@example.org"}).status_code == 403
    assert [theirs.get(open_page).status_code for open_page in ("/", "/account", "/my")] == [200, 200, 200]
    begun = theirs.post(f"/account/security/app?next={path}").location
    assert begun == f"/account/security/app/code?next={path}"
    secret = "".join(re.findall(r"<code dir=.ltr.>([A-Z2-7 ]+)</code>", theirs.get(begun).text)).replace(" ", "")
    shown = theirs.post(begun, data={"code": pyotp.TOTP(secret).now()})
    assert f'<a class="button" href="{path}">I have saved the codes</a>' in shown.text
    assert theirs.get(path).status_code == 200


@pytest.mark.usefixtures("in_use")
def test_a_contributor_and_whoever_has_one_are_not_reminded(session: Session, sign_in: SignIn) -> None:
    assert "Set up two-step verification within" not in sign_in(asked(session, 20, Role.CONTRIBUTOR)).get("/my").text
    row = asked(session, 20)
    row.factor_since = now()
    assert "Set up two-step verification within" not in sign_in(row).get("/review").text


@pytest.mark.usefixtures("in_use")
def test_a_site_can_leave_it_to_its_people(
    app: Flask, session: Session, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(vars(app.config["SETTINGS"]), "require_second_factor", False)
    assert sign_in(asked(session, 20)).get("/review").status_code == 200


def test_in_a_demo_nobody_must_and_the_page_says_so(session: Session, sign_in: SignIn) -> None:
    theirs = sign_in(asked(session, 20))
    assert theirs.get("/review").status_code == 200
    assert "In this demo, two-step verification is optional" in theirs.get("/account/security").text
