"""A comment is written under the words it is on: the page is never left, and nothing typed is lost."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser import checks
from tests.browser.conftest import DESK, PHONE, Visitor

pytestmark = pytest.mark.browser
SLUG = "action-plan-2027-2030"
CHAPTER = f"/c/{SLUG}/draft/chp_2"
PARA = "#chp_2__para_2"
WORDS = "Nobody will pilot what nobody pays for."


def said(page: Page) -> str:
    """Return the last announcement."""
    return str(page.evaluate("document.querySelector('.spreads + [aria-live]').textContent"))


def opened(page: Page) -> None:
    page.set_default_timeout(10_000)
    page.get_by_role("link", name="Comment on 2.2").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(f"{PARA} .composer")


@pytest.mark.parametrize(("lang", "width", "scheme"), [("en", DESK, "light"), ("ar", PHONE, "dark")])
def test_the_form_opens_under_the_paragraph_with_the_focus_in_it(
    visit: Visitor, sample: dict[str, str], lang: str, width: int, scheme: str
) -> None:
    visited = visit(f"{CHAPTER}?lang={lang}", lang=lang, width=width, scheme=scheme)
    page = visited.page
    page.set_default_timeout(10_000)
    page.locator(f"{PARA} .say").click()
    form = page.locator(f"{PARA} .composer")
    expect(form).to_be_visible()
    expect(form.locator("input:not([type=hidden])").first).to_be_focused()
    assert page.url.endswith(f"{CHAPTER}?lang={lang}")
    assert said(page)
    assert form.locator("h4").count() == 1
    text, box = page.locator(f"{PARA} .para-text").bounding_box(), form.bounding_box()
    assert text is not None
    assert box is not None
    assert 0 <= box["y"] - (text["y"] + text["height"]) < (90 if width == PHONE else 40)
    assert checks.accessibility(page) + checks.sideways(page) + checks.markup(page.content()) + visited.lasting == []


def test_escape_gives_the_focus_back_and_keeps_only_what_was_typed(visit: Visitor, sample: dict[str, str]) -> None:
    page = visit(CHAPTER).page
    opened(page)
    page.keyboard.press("Escape")
    expect(page.locator(".composer")).to_have_count(0)
    expect(page.get_by_role("link", name="Comment on 2.2")).to_be_focused()
    assert "stays in this tab" not in said(page)
    opened(page)
    page.locator('textarea[name="body"]').fill(WORDS)
    page.keyboard.press("Escape")
    assert "Your text stays in this tab" in said(page)
    opened(page)
    expect(page.locator('textarea[name="body"]')).to_have_value(WORDS)
    page.get_by_role("link", name="Back", exact=True).click()  # what saves itself says so
    expect(page.locator(".composer")).to_have_count(0)


def test_one_form_is_open_at_a_time_and_the_first_keeps_its_words(visit: Visitor, sample: dict[str, str]) -> None:
    page = visit(CHAPTER).page
    opened(page)
    page.locator('textarea[name="body"]').fill(WORDS)
    page.get_by_role("link", name="Comment on 2.5").click()
    expect(page.locator("#chp_2__para_5 .composer")).to_be_visible()
    expect(page.locator(".composer")).to_have_count(1)
    opened(page)
    expect(page.locator('textarea[name="body"]')).to_have_value(WORDS)


def test_what_is_wrong_is_said_in_the_form_and_what_is_saved_stands_at_the_words(
    visit: Visitor, sample: dict[str, str]
) -> None:
    page = visit(CHAPTER).page
    opened(page)
    page.locator('textarea[name="body"]').fill(WORDS)
    page.get_by_role("button", name="Add to my submission").click()
    expect(page.locator(f"{PARA} .composer .errors")).to_be_focused()
    expect(page.locator('textarea[name="body"]')).to_have_value(WORDS)
    page.get_by_label("Delete it", exact=True).check()
    page.get_by_role("button", name="Add to my submission").click()
    change = page.get_by_role("link", name="Edit (2.2)")
    expect(change).to_be_focused()
    assert page.url.endswith(CHAPTER)
    assert said(page).startswith("Comment saved, not sent yet.")
    expect(page.locator(".steps")).to_contain_text("1 of 3 parts filled in")
    change.click()
    expect(page.locator('textarea[name="body"]')).to_have_value(WORDS)
    page.locator('textarea[name="body"]').fill(f"{WORDS} Nobody.")
    page.keyboard.press("Escape")
    page.reload()
    page.get_by_role("link", name="Edit (2.2)").click()
    expect(page.locator('textarea[name="body"]')).to_have_value(f"{WORDS} Nobody.")


def test_without_a_line_the_words_stay_in_the_form(visit: Visitor, sample: dict[str, str]) -> None:
    page = visit(CHAPTER).page
    opened(page)
    page.get_by_label("Delete it", exact=True).check()
    page.locator('textarea[name="body"]').fill(WORDS)
    page.route("**/respond/comment/**", lambda route: route.abort())
    page.get_by_role("button", name="Add to my submission").click()
    expect(page.locator("[data-told]")).to_have_text("Kept in this tab until you close it, not saved yet")
    page.unroute("**/respond/comment/**")
    page.get_by_role("button", name="Add to my submission").click()
    expect(page.get_by_role("link", name="Edit (2.2)")).to_be_visible()


def test_a_press_on_marked_words_opens_the_comments_on_them(visit: Visitor, sample: dict[str, str]) -> None:
    page = visit(CHAPTER).page
    at = page.evaluate("""() => {
      const para = document.querySelector("#chp_2__para_1");
      const said = [...CSS.highlights.get("said")].find(range => para.contains(range.startContainer));
      const box = said.getClientRects()[0];
      return [box.left + box.width / 2, box.top + box.height / 2];
    }""")
    page.mouse.click(*at)
    page.wait_for_url("**/p/2.1")
