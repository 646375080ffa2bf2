"""Journeys of people who file, counted: screens, presses, and what is typed; the time is reckoned from these counts.

The reckoning is that of the walk by which the first edition was judged: 6 seconds a screen, 2.5 a press, 3.3 characters
a second; it says nothing of people. `docs/journeys.md` has the figures.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import Locator, Page, expect

from consult.core.clock import now
from tests.browser.conftest import DESK, PHONE, Visitor

pytestmark = pytest.mark.browser
SLUG = "action-plan-2027-2030"
WORDS = "The nearest exchange is three hours away by bus, and it opens on two mornings a week. People share needles."
SEND = "Send my submission"


@dataclass
class Walk:
    """The actions of a person, counted. A form that opens in the page is no new screen."""

    page: Page
    screens: int = 1
    presses: int = 0
    fields: int = 0
    typed: int = 0

    @property
    def seconds(self) -> float:
        return self.screens * 6 + self.presses * 2.5 + self.typed / 3.3

    @property
    def counts(self) -> tuple[int, int, int]:
        return self.screens, self.fields, self.presses

    def press(self, what: Locator, *, stays: bool = False) -> None:
        self.presses += 1
        if stays:
            what.first.click()
            return
        self.page.evaluate("document.body.dataset.old = 'yes'")
        what.first.click()
        self.page.wait_for_selector("body:not([data-old])")
        self.page.wait_for_load_state()
        self.screens += 1

    def choose(self, what: Locator) -> None:
        self.presses += 1
        self.fields += 1
        what.first.check()

    def pick(self, what: Locator, value: str) -> None:
        self.presses += 1
        self.fields += 1
        what.first.select_option(value)

    def type(self, what: Locator, words: str) -> None:
        self.fields += 1
        self.typed += len(words)
        what.first.fill(words)

    def introduce_and_send(self) -> None:
        """From "About you" to the receipt, without a name."""
        self.choose(self.page.locator('input[name="speaks"][value="none"]'))
        self.press(self.page.locator("main form button.button"))
        self.press(self.page.get_by_role("button", name=SEND))
        assert re.search(r"/sent/[\w-]+$", self.page.url)


@pytest.mark.parametrize(("width", "script"), [(DESK, True), (PHONE, True), (PHONE, False)])
def test_one_comment_from_the_home_page_takes_at_most_eight_screens_and_nine_presses(
    visit: Visitor, sample: dict[str, str], width: int, script: bool
) -> None:
    walk = Walk(visit("/", width=width, script=script).page)
    page = walk.page
    walk.press(page.locator(f'main a[href="/c/{SLUG}/draft"]'))
    walk.press(page.locator('main a[rel="next"]'))
    walk.press(page.locator('a[href*="/respond/comment/2.1"]'), stays=script)
    walk.choose(page.locator('input[name="stance"][value="drop"]'))
    walk.type(page.locator("textarea#body"), WORDS)
    walk.press(page.locator("form.composer button.button").first, stays=script)
    expect(page.locator(".steps")).to_contain_text("1 of 3 parts filled in")
    walk.press(page.locator(".steps").get_by_role("link", name="Check and send"))
    walk.introduce_and_send()
    assert walk.screens <= 8
    assert walk.presses <= 9


@pytest.mark.parametrize("script", [True, False])
def test_from_a_call_to_a_submission_that_is_sent_takes_three_minutes_at_most_on_a_phone(
    visit: Visitor, sample: dict[str, str], script: bool
) -> None:
    home = visit("/", width=PHONE, script=script).page
    walk = Walk(home)
    page = walk.page
    page.goto("/call/open-later")
    walk.type(page.locator("textarea"), WORDS)
    walk.choose(page.locator('input[name="stance_0"][value="drop"]'))
    walk.press(page.locator("main form[action*=call] button:not(.second)"))
    walk.introduce_and_send()
    assert walk.seconds <= 180


@pytest.mark.parametrize(("script", "secret"), [(True, False), (False, False), (False, True)])
def test_a_report_of_early_warning_takes_four_screens_from_the_home_page_on_a_phone(
    visit: Visitor, sample: dict[str, str], script: bool, secret: bool
) -> None:
    walk = Walk(visit("/", width=PHONE, script=script).page)
    page = walk.page
    walk.press(page.locator("details.for-phone summary"), stays=True)
    walk.press(page.locator('details.for-phone a[href="/signals"]'))
    walk.press(page.locator('main a[href="/signals/report"]'))
    if secret:
        walk.press(page.locator('main a[href*="no-trace"]'))
    day = now().date()
    walk.pick(page.locator('select[name="country"]'), "PE")
    walk.type(page.locator('[name="region"]'), "Lima")
    for part, typed in enumerate((day.day, day.month, day.year)):
        page.locator('[name="happened_on"]').nth(part).fill(str(typed))
        walk.typed += len(str(typed))
    walk.fields += 1
    walk.type(page.locator('[name="product"]'), "Blue tablets")
    walk.type(page.locator("textarea"), WORDS)
    walk.choose(page.locator('input[name="basis"]'))
    walk.press(page.locator("form[data-report] p > button"))
    expect(page.locator("h1")).to_have_text("Thank you. We received your report.")
    assert walk.screens == 4 + secret
    assert (walk.fields, walk.presses) == (6, 6 + secret)
    assert walk.seconds <= 120
    if secret:
        page.go_back()
        page.wait_for_load_state()
        assert WORDS not in page.content()
        assert page.locator("textarea").input_value() == ""


def test_in_secret_a_comment_takes_four_screens_on_a_phone(visit: Visitor, sample: dict[str, str]) -> None:
    walk = Walk(visit(f"/c/{SLUG}", width=PHONE, script=False).page)
    page = walk.page
    walk.press(page.locator(f'main a[href^="/n/{SLUG}"]'))
    walk.choose(page.locator('input[name="stance_0"][value="drop"]'))
    walk.type(page.locator('textarea[name="body_0"]'), WORDS)
    walk.press(page.locator('button[name="do"][value="check"]'))
    walk.press(page.locator('button[name="do"][value="send"]'))
    assert "Keep these seven recovery words" in page.content()
    assert walk.screens <= 4
    assert walk.presses <= 5
