"""Passkeys by Chromium's virtual authenticator: added, used to sign in, used as two-step verification, removed."""

from __future__ import annotations

import re

import pytest

from consult.accounts import passwords
from consult.accounts.second_factor import service as factors
from consult.core.db import db
from tests import factories
from tests.browser import checks
from tests.browser.conftest import DESK, Visitor

pytestmark = pytest.mark.browser
PASSWORD = "correct horse battery"
DEVICE = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


def test_a_passkey_is_added_signs_in_and_is_the_second_step(visit: Visitor, sample: dict[str, str]) -> None:
    session = db.session()
    account = factories.account(session, email="key@example.org", password_hash=passwords.hash_password(PASSWORD))
    session.commit()
    visited = visit("/sign-in?next=/account/security/passkeys/add", lang="en", width=DESK, script=True)
    page = visited.page
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    added = device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})

    def enter() -> None:
        page.locator("input[name=email]").fill("key@example.org")
        page.locator("input[name=password]").fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()

    enter()
    page.locator("input[name=name]").fill("Laptop")
    page.get_by_role("button", name="Create the passkey").click()
    page.get_by_text("There is a problem").wait_for()
    page.locator("input[name=current]").fill("wrong horse battery")
    page.get_by_role("button", name="Create the passkey").click()
    page.get_by_role("link", name="Your current password is wrong.").wait_for()
    assert device.send("WebAuthn.getCredentials", added)["credentials"] == []  # none for what is refused
    page.locator("input[name=current]").fill(PASSWORD)
    page.get_by_role("button", name="Create the passkey").click()
    page.get_by_role("heading", name="Your recovery codes").wait_for()
    codes = re.findall(r"[a-z2-9]{5}-[a-z2-9]{5}", page.locator("ol.codes").inner_text())
    assert len(codes) == 10
    assert checks.accessibility(page) + checks.sideways(page) == []
    visited.go("/account/security")
    page.get_by_text("Laptop", exact=True).wait_for()
    assert checks.accessibility(page) + checks.sideways(page) + visited.lasting == []

    page.context.clear_cookies()
    visited.go("/sign-in?next=/account")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.get_by_role("heading", name="Your account").wait_for()
    assert "Signed in with a passkey" in page.locator("main").inner_text()

    page.context.clear_cookies()
    visited.go("/sign-in?next=/account/security")
    enter()
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_role("heading", name="Sign-in and security").wait_for()
    assert "with a password, confirmed with a passkey" in page.locator("main").inner_text()

    page.locator("a[href*=passkeys][href$=remove]").click()
    page.locator("input[name=current]").fill(PASSWORD)
    page.locator("input[name=code]").fill(codes[0])
    page.get_by_role("button", name="Remove", exact=True).click()
    page.get_by_text("Passkey removed.").wait_for()
    session.expire_all()
    assert factors.get_state(session, account).any is False
