"""How long pages are: nobody scrolls through more than a few screens before anything is unfolded, nor sideways."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from tests.browser import checks
from tests.browser.conftest import DESK, PHONE, Visitor
from tests.browser.reach import pages

pytestmark = pytest.mark.browser
SCREEN = 860
MOST, MOST_HOME = 8, 2.65
PRINTED = {"consultations.paper", "site.printed", "site.kit"}
"""The form on paper, the draft on one page and the list of parts: each is as long as what it shows."""
BUSY = "/c/action-plan-2027-2030"
BUSIEST = [f"{BUSY}{rest}" for rest in ("", "/arguments", "/topics", "/comments", "/heard", "/p/2.1", "/answers")]


@pytest.mark.parametrize("width", [DESK, PHONE])
def test_no_public_page_is_longer_than_eight_screens_before_anything_is_unfolded(
    visit: Visitor, application: Flask, sample: dict[str, str], width: int
) -> None:
    found = {path for name, path in pages(application).items() if name not in PRINTED}
    visited = visit(width=width)
    long = {}
    for path in sorted({*found, *BUSIEST, "/search?q=people", "/log", "/"}):
        screens = visited.go(path).evaluate("document.documentElement.scrollHeight") / SCREEN
        if screens > (MOST_HOME if path == "/" else MOST):
            long[path] = round(screens, 1)
    assert long == {}


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
