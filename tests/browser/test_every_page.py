"""Every kind of page that a link leads to, for visitors and for each role, on the sample."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest
from flask import Flask
from playwright.sync_api import Page

from tests.browser import checks
from tests.browser.conftest import DESK, LAPTOP, PHONE, SMALL, Visit, Visitor, client_with
from tests.browser.reach import pages

pytestmark = pytest.mark.browser
_APART = """() => {
  const wrap = document.querySelector(".bar > .wrap"), style = getComputedStyle(wrap)
  const all = wrap.getBoundingClientRect()
  const boxes = [...wrap.children].map(each => each.getBoundingClientRect()).filter(it => it.width)
  boxes.sort((one, other) => one.left - other.left)
  return boxes.every((box, i) => !i || boxes[i - 1].right <= box.left)
    && boxes[0].left >= all.left + parseFloat(style.paddingLeft) - 1
    && boxes.at(-1).right <= all.right - parseFloat(style.paddingRight) + 1
}"""
WHO = ["visitor", "contributor", "moderator", "policymaker", "admin"]


@pytest.fixture(scope="module")
def reached(application: Flask, sample: dict[str, str]) -> dict[str, list[str]]:
    """The pages to look at by who opens them; a role's are those that a visitor cannot reach."""
    public = pages(application)
    own = {who: pages(application, sample[who]) for who in WHO[1:]}
    found = {who: [path for kind, path in theirs.items() if kind not in public] for who, theirs in own.items()}
    return {"visitor": list(public.values()), **found}


def wrong(visited: Visit, paths: Iterable[str], *asked: Callable[[Page], list[str]]) -> dict[str, list[str]]:
    """What the checks find, by path; pages with nothing wrong are left out."""
    found = {}
    for path in paths:
        page = visited.go(path)
        found[path] = [problem for check in asked for problem in check(page)]
    return {path: problems for path, problems in found.items() if problems}


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize(("lang", "width", "scheme"), [("en", DESK, "light"), ("ar", PHONE, "dark")])
def test_axe_finds_nothing_wrong_and_the_browser_has_no_complaint(
    visit: Visitor, reached: dict[str, list[str]], sample: dict[str, str], who: str, lang: str, width: int, scheme: str
) -> None:
    """All rules as a page is opened; the one about targets at the other width too.

    Colours come in pairs, each of which is enough in both schemes: tests/rules/test_css.py.
    """
    visited = visit(cookie=sample.get(who), lang=lang, width=width, scheme=scheme)
    other = PHONE if width == DESK else DESK

    def otherwise(page: Page) -> list[str]:
        page.set_viewport_size({"width": other, "height": 900})
        found = [f"{other}: {problem}" for problem in checks.targets(page)]
        page.set_viewport_size({"width": width, "height": 900})
        return found

    def complaints(_page: Page) -> list[str]:
        return [said for said in visited.lasting if "/no-such-page" not in said and "404" not in said]

    assert wrong(visited, reached[who], checks.accessibility, otherwise, complaints) == {}


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("lang", ["en", "ar"])
def test_nothing_is_wider_than_a_small_phone_even_with_spaced_text(
    visit: Visitor, reached: dict[str, list[str]], sample: dict[str, str], who: str, lang: str
) -> None:
    visited = visit(cookie=sample.get(who), lang=lang, width=SMALL)
    assert wrong(visited, reached[who], checks.sideways, checks.spaced) == {}


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("lang", ["en", "ar"])
def test_the_markup_is_valid(
    application: Flask, reached: dict[str, list[str]], sample: dict[str, str], who: str, lang: str
) -> None:
    client = client_with(application, sample.get(who))
    spoken = {"Accept-Language": lang}
    found = {path: checks.markup(client.get(path, headers=spoken).text) for path in reached[who]}
    assert {path: problems for path, problems in found.items() if problems} == {}


@pytest.mark.parametrize("lang", ["en", "ar", "es", "fr"])
@pytest.mark.parametrize("who", WHO)
def test_the_bar_fits_at_every_width(visit: Visitor, sample: dict[str, str], who: str, lang: str) -> None:
    pages = [visit("/kit", width=width, cookie=sample.get(who), lang=lang).page for width in (SMALL, LAPTOP)]
    tall = []
    for width in range(320, 1400, 60):
        page = pages[width >= LAPTOP]  # on a computer scrollbars take room
        page.set_viewport_size({"width": width, "height": 900})
        box, apart = page.locator(".bar").bounding_box(), page.evaluate(_APART)
        if checks.sideways(page) or not apart or box is None or box["height"] > 80:
            tall.append(width)
    assert tall == []
