"""The bar of the site fits on every phone, and the card for other sites fits in its frame."""

from __future__ import annotations

import re

import pytest

from tests.browser import checks
from tests.browser.conftest import PHONE, Visitor

pytestmark = pytest.mark.browser
SCREEN = 860
BUSY = "/c/action-plan-2027-2030"


@pytest.mark.parametrize("lang", ["en", "fr", "ar"])
def test_the_bar_fits_on_a_phone_of_any_width(visit: Visitor, sample: dict[str, str], lang: str) -> None:
    page = visit(f"/how?lang={lang}", width=PHONE, lang=lang).page
    found = {}
    for width in (360, 375, PHONE, 412):
        page.set_viewport_size({"width": width, "height": SCREEN})
        found[width] = checks.sideways(page)
    assert not any(found.values()), found


def test_the_frame_that_other_sites_are_given_shows_the_whole_card(visit: Visitor, sample: dict[str, str]) -> None:
    page = visit(f"{BUSY}/follow", width=PHONE).page
    given = re.search(r'height="(\d+)"', page.locator("main code").inner_text())
    assert given is not None
    page.goto(f"{BUSY}/card")
    page.set_viewport_size({"width": 340, "height": 300})
    assert page.evaluate("document.documentElement.scrollHeight") <= int(given[1])
