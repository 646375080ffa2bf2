"""No word is lost to a tab that is killed while somebody types, or to a session that ends meanwhile."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, CDPSession

from consult.accounts.service import find_by_email
from consult.core.db import db
from tests import nginx
from tests.browser.conftest import Visitor, _cookie, _launch

pytestmark = pytest.mark.browser
SLUG = "action-plan-2027-2030"
COMMENT = f"/c/{SLUG}/respond/comment/2.1"
BODY = "document.querySelector('textarea#body')?.value ?? ''"
KILLS = 5


@pytest.fixture
def own(chromium: Browser, certificate: nginx.Certificate) -> Iterator[Browser]:
    """A browser whose processes can be killed: no other test has pages in it."""
    browser = _launch(chromium.browser_type, certificate)
    yield browser
    browser.close()


def kill_tabs(browser: Browser) -> None:
    """Ends the processes of all tabs at once, as a phone does that needs the memory."""
    session = browser.new_browser_cdp_session()
    for process in session.send("SystemInfo.getProcessInfo")["processInfo"]:
        if process["type"] == "renderer":
            os.kill(process["id"], signal.SIGKILL)
    session.detach()


def reloaded(tab: CDPSession) -> str:
    """Return the text of the box after the tab is reloaded, as by its button."""
    tab.send("Page.reload")
    for _try in range(100):
        said = tab.send("Runtime.evaluate", {"expression": BODY})["result"].get("value")
        if said:
            return str(said)
        tab.send("Runtime.evaluate", {"expression": "new Promise(done => setTimeout(done, 100))", "awaitPromise": True})
    return ""


def test_a_tab_that_is_killed_while_somebody_types_has_every_word_when_it_is_loaded_again(
    own: Browser, address: str, sample: dict[str, str]
) -> None:
    for n in range(KILLS):
        context = own.new_context(base_url=address)
        page = context.new_page()
        page.goto(COMMENT)
        page.locator("textarea#body").press_sequentially(f"What was typed before kill {n}.")
        tab = context.new_cdp_session(page)
        with page.expect_event("crash"):
            kill_tabs(own)
        assert reloaded(tab) == f"What was typed before kill {n}."


@pytest.mark.parametrize("who", ["", "contributor"])
@pytest.mark.parametrize("script", [True, False])
def test_a_session_that_ends_while_somebody_types_costs_no_word(
    visit: Visitor, application: Flask, sample: dict[str, str], who: str, script: bool
) -> None:
    """The cookie is gone when the button is pressed; the page that says so has the words, and sends them."""
    cookie = None
    if who:
        email = next(each for each in sample if "@" in each and sample[each] == sample[who])
        cookie = _cookie(application, find_by_email(db.session(), email))
    page = visit(COMMENT, cookie=cookie, script=script).page
    page.locator('input[name="stance"][value="drop"]').check()
    page.locator("textarea#body").fill("Typed before the session ended.")
    page.context.clear_cookies()
    page.locator("form.composer button.button").first.click()
    page.get_by_text("Typed before the session ended.").first.wait_for()
    shown = page.locator("main").inner_text()
    assert "Your form has not been sent yet" in page.content()
    assert "60 per cent" not in shown, "the paragraph itself, which nobody changed, is not what was typed"
    page.get_by_role("button", name="Send the form now").click()
    page.wait_for_url("**/draft/**")
    page.goto(f"/c/{SLUG}/respond")
    assert "Typed before the session ended." in page.locator("main").inner_text()
