"""Every kind of page that a link leads to, for visitors and for each role, on the sample."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page

from . import checks
from .conftest import DESK, PHONE, SMALL, Visit, Visitor
from .reach import pages

pytestmark = pytest.mark.browser
WHO = ["visitor", "contributor", "moderator", "policymaker", "admin"]


@pytest.fixture(params=WHO)
def who(request: pytest.FixtureRequest, sample: dict[str, str]) -> str | None:
    """The session cookie of a role; None for a visitor."""
    return None if request.param == "visitor" else sample[request.param]


def wrong(paths: list[str], look: Callable[[str], Page], *asked: Callable[[Page], list[str]]) -> dict[str, list[str]]:
    """What the checks find, by path; pages with nothing wrong are left out."""
    found = {}
    for path in paths:
        page = look(path)
        found[path] = [problem for check in asked for problem in check(page)]
        page.close()
    return {path: problems for path, problems in found.items() if problems}


@pytest.mark.parametrize(("lang", "width", "scheme"), [("en", DESK, "light"), ("ar", PHONE, "dark")])
def test_axe_finds_nothing_wrong(
    application: Flask, visit: Visitor, who: str | None, lang: str, width: int, scheme: str
) -> None:
    def look(path: str) -> Page:
        return visit(path, cookie=who, lang=lang, width=width, scheme=scheme).page

    assert wrong(list(pages(application, who).values()), look, checks.accessibility) == {}


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_nothing_is_wider_than_a_small_phone_even_with_spaced_text(
    application: Flask, visit: Visitor, who: str | None, lang: str
) -> None:
    def look(path: str) -> Page:
        return visit(path, cookie=who, lang=lang, width=SMALL).page

    assert wrong(list(pages(application, who).values()), look, checks.sideways, checks.spaced) == {}


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_the_markup_is_valid(application: Flask, who: str | None, lang: str) -> None:
    client = application.test_client()
    if who:
        client.set_cookie("session", who)
    found = {
        path: checks.markup(client.get(path, headers={"Accept-Language": lang}).text)
        for path in pages(application, who).values()
    }
    assert {path: problems for path, problems in found.items() if problems} == {}


def test_the_browser_has_no_complaint(application: Flask, visit: Visitor, who: str | None) -> None:
    found = {}
    for path in pages(application, who).values():
        visited: Visit = visit(path, cookie=who)
        visited.page.wait_for_load_state("networkidle")
        found[path] = [] if path == "/no-such-page" else visited.complaints
        visited.page.close()
    assert {path: complaints for path, complaints in found.items() if complaints} == {}
