"""A body can make its people sign in at one provider."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from consult.accounts import passwords
from consult.accounts.model import Account
from consult.accounts.single_sign_on.model import SignOnProvider
from consult.bodies import members
from consult.bodies.model import BodyRole, PublicBody
from consult.core.clock import now
from consult.core.web.access import Role
from tests import factories
from tests.accounts.letters import letters
from tests.bodies.working import lead_body

SignIn = Callable[[Account], FlaskClient]
PASSWORD = "correct horse battery"


@pytest.fixture
def lead(session: Session) -> Account:
    return factories.account(session, Role.POLICYMAKER)


@pytest.fixture
def body(session: Session, lead: Account) -> PublicBody:
    made = lead_body(session, lead)
    session.add(
        SignOnProvider(
            slug="ministry",
            name="Ministry",
            issuer="https://id.example",
            client_id="consult",
            domains=[],
            claim="",
            roles={},
            own_factor=False,
            added_at=now(),
        )
    )
    session.commit()
    return made


def enter(client: FlaskClient, email: str) -> tuple[int, bool]:
    page = client.post("/sign-in", data={"email": email, "password": PASSWORD})
    return page.status_code, "must sign in with Ministry" in page.text


def test_people_of_a_body_come_from_its_provider_only(
    client: FlaskClient, session: Session, lead: Account, body: PublicBody, sign_in: SignIn
) -> None:
    hashed = passwords.hash_password(PASSWORD)
    drafter = factories.account(session, Role.POLICYMAKER, email="d@example.org", password_hash=hashed)
    factories.account(session, Role.POLICYMAKER, email="other@example.org", password_hash=hashed)
    admin = factories.account(session, Role.ADMIN, email="admin@example.org", password_hash=hashed)
    for person in (drafter, admin):
        members.add(session, body, account=person, role=BodyRole.DRAFTER, by=None)
    desk, path = sign_in(lead), f"/desk/bodies/{body.slug}/sign-on"
    assert desk.post(path, data={"provider": "ministry"}).status_code == 303
    assert "checked" in desk.get(path).text
    assert enter(client, "d@example.org") == (403, True)
    client.post("/sign-in/link", data={"email": "d@example.org"})
    assert client.post(letters(session)[-1].path).status_code == 403
    assert enter(client, "other@example.org") == (303, False)
    assert enter(client, "admin@example.org") == (303, False)
    desk.post(path, data={"provider": ""})
    assert enter(client, "d@example.org") == (303, False)


def test_only_who_leads_the_body_decides_it(session: Session, lead: Account, body: PublicBody, sign_in: SignIn) -> None:
    reader = factories.account(session, Role.POLICYMAKER)
    members.add(session, body, account=reader, role=BodyRole.READER, by=None)
    path = f"/desk/bodies/{body.slug}/sign-on"
    assert sign_in(reader).post(path, data={"provider": "ministry"}).status_code == 403
    assert sign_in(lead).post(path, data={"provider": "elsewhere"}).status_code == 422
