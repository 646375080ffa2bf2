"""Pages of an account that only a letter leads to."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from consult.accounts import deletion
from consult.accounts.email_address import service
from consult.accounts.model import OrganisationKind
from consult.accounts.organisations import service as organisations
from consult.accounts.service import create, find_by_email, set_password
from consult.core.db import db
from tests.accounts.letters import letters
from tests.browser import checks
from tests.browser.conftest import DESK, SMALL, Visitor

pytestmark = pytest.mark.browser
PASSWORD = "correct horse battery"


def path_of(session: Session, subject: str) -> str:
    """Return the address in the newest e-mail with this subject."""
    return [letter for letter in letters(session) if letter.subject == subject][-1].path


@pytest.mark.parametrize(("lang", "width", "script"), [("en", DESK, True), ("ar", SMALL, True), ("ar", SMALL, False)])
def test_an_account_gets_another_address_and_its_old_one_back(
    visit: Visitor, sample: dict[str, str], lang: str, width: int, script: bool
) -> None:
    session = db.session()
    account = find_by_email(session, "grace@example.org")
    assert account is not None
    set_password(session, account, password=PASSWORD)
    session.commit()
    visited = visit(f"/sign-in?lang={lang}&next=/account/address", lang=lang, width=width, script=script)
    page = visited.page
    page.locator("input[name=email]").fill("grace@example.org")
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main form button").first.click()

    def looks_right() -> None:
        found = checks.sideways(page) + (checks.accessibility(page) + checks.spaced(page) if script else [])
        assert found + visited.lasting == []

    visited.go("/account/address")
    looks_right()
    page.locator("input[name=email]").fill(f"grace.{lang}.{script}@new.example")
    page.locator("input[name=current]").fill(PASSWORD)
    page.locator("main form button").click()
    looks_right()
    for subject in ("Confirm your new e-mail address", "Your account’s e-mail address is changing"):
        visited.go(path_of(session, subject))
        looks_right()
        page.locator("main form button").click()
        looks_right()
    account.password_hash = None
    service.request_change(session, account, email="grace@other.example", current="")
    session.commit()
    visited.go(path_of(session, "Change your e-mail address"))
    looks_right()


@pytest.mark.parametrize(("lang", "width", "script"), [("en", DESK, True), ("ar", SMALL, True), ("ar", SMALL, False)])
def test_an_account_is_deleted_by_a_link(
    visit: Visitor, sample: dict[str, str], lang: str, width: int, script: bool
) -> None:
    session = db.session()
    email = f"{lang}.{script}@leaving.example".lower()
    account = create(session, email=email, name="Luz", language=lang)
    organisations.create_organisation(
        session, founder=account, name=f"Red {lang} {script}", kind=OrganisationKind.NETWORK, country="PE", website=None
    )
    deletion.send_link(session, account)
    session.commit()
    visited = visit(f"{letters(session)[-1].path}?lang={lang}", lang=lang, width=width, script=script)
    page = visited.page
    found = checks.sideways(page) + (checks.accessibility(page) + checks.spaced(page) if script else [])
    assert found + visited.lasting == []
    page.locator("main form button").click()
    assert page.url.endswith("/")
    db.session.rollback()
    assert find_by_email(session, email) is None
