"""The kit page holds every part that pages are made of: what is asked of pages is asked of it first."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Route

from tests.browser import checks
from tests.browser.conftest import DESK, PHONE, SMALL, Visitor

pytestmark = pytest.mark.browser


@pytest.mark.daily
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [DESK, PHONE])
@pytest.mark.parametrize("lang", ["en", "ar"])
def test_axe_finds_nothing_wrong_with_any_part(visit: Visitor, lang: str, width: int, scheme: str) -> None:
    assert checks.accessibility(visit("/kit", lang=lang, width=width, scheme=scheme).page) == []


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_no_part_is_wider_than_a_small_phone_even_with_spaced_text(visit: Visitor, lang: str) -> None:
    page = visit("/kit", lang=lang, width=SMALL).page
    assert checks.sideways(page) == []
    assert checks.spaced(page) == []


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_the_markup_is_valid(client: FlaskClient, lang: str) -> None:
    assert checks.markup(client.get(f"/kit?lang={lang}").text) == []


def test_the_browser_has_no_complaint_under_the_content_security_policy(visit: Visitor) -> None:
    visited = visit("/kit")
    visited.page.wait_for_load_state("networkidle")
    assert visited.complaints == []


def test_the_menu_on_a_small_phone_opens_without_a_script_and_stays_on_the_screen(visit: Visitor) -> None:
    page = visit("/kit", width=SMALL, script=False).page
    page.click(".for-phone > summary")
    assert page.is_visible(".for-phone .menu-list a")
    box = page.locator(".for-phone .menu-list").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= SMALL


def test_characters_are_counted_as_the_server_counts_them(visit: Visitor) -> None:
    page = visit("/kit").page
    area, note = page.locator("#en-body"), page.locator("#en-body-count")
    area.fill("  sixty\nper cent 👩  ")
    assert note.inner_text() == "Characters left: 3,984"
    area.fill("x" * 4005)
    assert note.inner_text() == "Characters too many: 5"


def test_escape_closes_an_open_menu_and_gives_the_focus_back(visit: Visitor) -> None:
    page = visit("/kit", width=PHONE).page
    page.click(".for-phone > summary")
    page.keyboard.press("Escape")
    assert not page.is_visible(".for-phone .menu-list")
    assert page.evaluate("document.activeElement.localName") == "summary"


def test_a_second_press_sends_nothing(visit: Visitor) -> None:
    page = visit("/kit").page
    sent: list[str] = []

    def receive(route: Route) -> None:
        sent.append(route.request.method)
        route.fulfill(status=204)  # nothing to show: the browser stays on the page

    page.route("**/received", receive)
    page.evaluate("document.querySelector('#en-composer').action = '/received'")
    button = page.locator("#en-composer .button").first
    button.click()
    page.wait_for_function("document.querySelector('#en-composer').dataset.sent")
    page.keyboard.press("Enter")  # on the same button
    page.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
    assert sent == ["POST"]


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_on_a_small_phone_a_day_is_one_row_and_a_slash_stands_by_the_words_it_follows(
    visit: Visitor, lang: str
) -> None:
    page = visit("/kit", lang=lang, width=SMALL).page
    tops = page.eval_on_selector_all(
        ".parts", "all => all.map(one => [...one.querySelectorAll('input')].slice(0, 3).map(box => box.offsetTop))"
    )
    assert tops
    assert all(len(set(row)) == 1 for row in tops), tops
    long = page.locator(".crumbs").first
    long.locator("bdi").first.evaluate("name => { name.textContent = 'A long name of a consultation '.repeat(3) }")
    item, link = (long.locator(which).first.evaluate("it => it.getClientRects().length") for which in ("li", "a"))
    assert (item, link > 1) == (link, True), "the slash takes no line and no column of its own"
