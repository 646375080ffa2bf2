"""Requests of the workbench by keyboard alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Visitor

pytestmark = pytest.mark.browser
BENCH = "/desk/c/action-plan-2027-2030/workbench"


def go(page: Page, key: str) -> None:
    """Presses a key that leads to another page."""
    with page.expect_navigation():
        page.keyboard.press(key)


def step(page: Page, n: int) -> str:
    """How much of a step is done, as its link says."""
    return page.locator("nav.filters li").nth(n).inner_text()


def test_requests_are_named_rejected_joined_and_taken_back_by_keys(visit: Visitor, sample: dict[str, str]) -> None:
    visited = visit(f"{BENCH}/requests", cookie=sample["moderator"])
    page = visited.page
    before, first = step(page, 1), page.locator("#name").input_value()
    page.keyboard.press("e")
    assert page.evaluate("document.activeElement.id") == "name"
    page.keyboard.press("Control+A")
    page.keyboard.type("Many ask for n, m and s")
    assert step(page, 1) == before, "a letter that is typed is a letter"
    page.keyboard.press("Escape")
    go(page, "a")
    assert step(page, 1) != before
    assert "Many ask for n, m and s" in page.locator("aside").inner_text()
    go(page, "u")
    assert step(page, 1) == before
    assert page.locator("#name").input_value() == first
    go(page, "n")
    go(page, "u")
    assert step(page, 1) == before
    page.keyboard.press("?")
    assert page.locator("#keys").is_visible()
    assert not visited.complaints
