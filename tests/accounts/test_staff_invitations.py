"""Invitations to a role from the browser, and the page of what was done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from consult.accounts import staff_invitations
from consult.core.web.access import Role
from tests import factories
from tests.accounts.letters import letters

SignIn = Callable[[Any], FlaskClient]
ASKED = {"email": "new@example.org", "role": "moderator", "language": "en"}


def test_an_administrator_invites_by_name_from_the_browser(session: Session, sign_in: SignIn) -> None:
    admin = factories.account(session, Role.ADMIN, display_name="Inês M.")
    browser = sign_in(admin)
    assert browser.post("/people/invite", data=ASKED).status_code == 303
    assert "Inês M." in letters(session)[-1].text
    page = browser.get("/people").text
    assert "new@example.org" in page
    assert "invited by Inês M." in page
    assert "Person invited (role: Moderator)" in browser.get("/people/acts").text


def test_what_was_typed_stays_where_it_is_refused(session: Session, sign_in: SignIn) -> None:
    admin = factories.account(session, Role.ADMIN)
    factories.account(session, Role.MODERATOR, email="new@example.org")
    answer = sign_in(admin).post("/people/invite", data=ASKED)
    assert answer.status_code == 422
    assert "has an account with this role" in answer.text
    assert 'value="new@example.org"' in answer.text


def test_an_invitation_that_is_sent_again_or_taken_back_opens_no_more(
    session: Session, client: FlaskClient, sign_in: SignIn
) -> None:
    browser = sign_in(factories.account(session, Role.ADMIN))
    browser.post("/people/invite", data=ASKED)
    first = staff_invitations.list_waiting(session)[0].link.id
    assert browser.post(f"/people/invitations/{first}", data={"do": "again"}).status_code == 303
    second = staff_invitations.list_waiting(session)[0].link.id
    assert second != first
    assert browser.post(f"/people/invitations/{first}", data={"do": "again"}).status_code == 404
    assert browser.post(f"/people/invitations/{second}", data={"do": "end"}).status_code == 303
    assert staff_invitations.list_waiting(session) == []
    page = browser.get("/people/acts").text
    assert page.count("Person invited") == 1
    assert page.count("Invitation sent again (role: Moderator)") == 1
    assert "Invitation withdrawn (role: Moderator)" in page


def test_an_invitation_is_sent_again_in_its_own_language(session: Session, sign_in: SignIn) -> None:
    sign_in(factories.account(session, Role.ADMIN)).post("/people/invite", data={**ASKED, "language": "fr"})
    other = sign_in(factories.account(session, Role.ADMIN, language="es"))
    number = staff_invitations.list_waiting(session)[0].link.id
    other.post(f"/people/invitations/{number}", data={"do": "again"})
    assert len({letter.subject for letter in letters(session)}) == 1
    assert "Invitation à" in letters(session)[-1].subject
