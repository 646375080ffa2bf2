"""The main pages on paper, and in the colours that a reader forces on every site."""

from __future__ import annotations

import pypdfium2
import pytest
from playwright.sync_api import Page

from tests.browser import checks
from tests.browser.conftest import DESK, Visitor

pytestmark = pytest.mark.browser
MAIN = "/c/action-plan-2027-2030"
PAGES = [
    "/", MAIN, f"{MAIN}/draft/chp_2", f"{MAIN}/comments", f"{MAIN}/said", f"{MAIN}/arguments", f"{MAIN}/print",
    "/c/prison-health-standards/outcome", "/how", "/search?q=health",
]  # fmt: skip
A4 = 703  # CSS pixels between the margins
_LEFT_OVER = """() => [...document.querySelectorAll(
  "nav, form, button, .button, .bar-nav, .bar-end, .foot, .crumbs, .pager, .menu, .skip, .own-bar, .rail"
)].filter(each => each.checkVisibility() && each.getBoundingClientRect().height > 1)
  .map(each => each.outerHTML.slice(0, 120))"""
_UNTOLD = """() => [...document.querySelectorAll('main a[href^="http"]')]
  .filter(each => each.checkVisibility() && !getComputedStyle(each, "::after").content.includes(each.href))
  .map(each => each.outerHTML.slice(0, 120))"""
_PALE = """() => {
  const light = colour => colour.match(/[\\d.]+/g).slice(0, 3).reduce((all, part) => all + Number(part), 0) / 765;
  return [...document.querySelectorAll("main p, main h1, main h2, main h3, main li, main td, main dd")]
    .filter(each => each.checkVisibility() && each.textContent.trim() && light(getComputedStyle(each).color) > .6)
    .map(each => each.outerHTML.slice(0, 120));
}"""
_UNSEEN = """() => {
  const shown = each => {
    const style = getComputedStyle(each), behind = getComputedStyle(each.parentElement).backgroundColor;
    const edge = ["Top", "Right", "Bottom", "Left"].some(side =>
      parseFloat(style[`border${side}Width`]) >= 1 && style[`border${side}Style`] !== "none"
      && style[`border${side}Color`] !== style.backgroundColor && !/^rgba.* 0\\)$/.test(style[`border${side}Color`]));
    const ground = style.backgroundColor !== behind && style.backgroundColor !== "rgba(0, 0, 0, 0)";
    return edge || ground || style.textDecorationLine.includes("underline") || style.appearance !== "none";
  };
  return [...document.querySelectorAll("button, .button, input:not([type=hidden]), select, textarea")]
    .filter(each => each.checkVisibility() && each.getBoundingClientRect().height > 2 && !shown(each))
    .map(each => each.outerHTML.slice(0, 140));
}"""
_FOCUS = """() => {
  const each = document.activeElement, style = getComputedStyle(each);
  if (each === document.body) return null;
  const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  return [ring && style.outlineColor !== getComputedStyle(document.body).backgroundColor, each.outerHTML.slice(0, 140)];
}"""


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_on_paper_there_is_what_was_said_and_nothing_to_press(
    visit: Visitor, sample: dict[str, str], lang: str
) -> None:
    """Pages are printed on white also for readers with a dark colour scheme."""
    visited, wrong = visit(width=A4, lang=lang, scheme="dark"), {}
    visited.page.emulate_media(media="print")
    for path in PAGES:
        page = visited.go(path)
        found = [f"left over: {each}" for each in page.evaluate(_LEFT_OVER)]
        found += [f"no address: {each}" for each in page.evaluate(_UNTOLD)]
        found += [f"pale: {each}" for each in page.evaluate(_PALE)]
        found += [f"cut: {each}" for each in checks.sideways(page) + checks.cut(page)]
        wrong |= {path: found} if found else {}
    assert wrong == {}


def stops(page: Page, most: int = 25) -> list[str]:
    """Return the elements among the first keyboard stops whose focus cannot be seen."""
    found = []
    for _stop in range(most):
        page.keyboard.press("Tab")
        said = page.evaluate(_FOCUS)
        if said and not said[0]:
            found.append(said[1])
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_in_forced_colours_what_can_be_pressed_and_where_the_focus_is_can_be_seen(
    visit: Visitor, sample: dict[str, str], scheme: str
) -> None:
    visited, wrong = visit(width=DESK, scheme=scheme), {}
    visited.page.emulate_media(forced_colors="active")
    for path in [*PAGES, f"{MAIN}/respond/comment/2.1", f"{MAIN}/respond/about"]:
        page = visited.go(path)
        found = [f"unseen: {each}" for each in page.evaluate(_UNSEEN)]
        found += [f"no ring: {each}" for each in stops(page)]
        wrong |= {path: found} if found else {}
    assert wrong == {}


def test_every_page_of_the_form_on_paper_says_its_version_and_when_it_is_given_back(
    visit: Visitor, sample: dict[str, str]
) -> None:
    visited = visit(f"{MAIN}/paper")
    paper = pypdfium2.PdfDocument(visited.page.pdf(prefer_css_page_size=True, format="A4"))
    pages = [" ".join(page.get_textpage().get_text_range().split()) for page in paper]
    assert 3 < len(pages) < 18
    for number, said in enumerate(pages, start=1):
        assert "Version 1 of the draft," in said
        assert "Return this form before" in said
        assert f"{number} / {len(pages)}" in said
    words = " ".join(pages)
    assert "Only for people whose response to question" in words
    assert not set("\u2068\u2069\ufffd") & set(words)
    assert visited.lasting == []
