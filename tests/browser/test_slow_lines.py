"""Saves that take long: the form has every word, whatever is done meanwhile, and nobody is told of a second window."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visitor

pytestmark = pytest.mark.browser
SLUG = "action-plan-2027-2030"
COMMENT = f"/c/{SLUG}/respond/comment/2.2"
CHAPTER = f"/c/{SLUG}/draft/chp_2"
FIRST, ALL = "Nobody will pilot", "Nobody will pilot what nobody pays for."
WAIT = 20_000


LATE = """const send = window.fetch;
window.fetch = async (...given) => {
  const answer = await send(...given);
  if (String(given[0]).includes("/save")) await new Promise((done) => setTimeout(done, 3000));
  return answer;
};"""
"""The server has a save at once, and the page hears of it three seconds later."""


OVERTAKEN = """const send = window.fetch;
const wait = (time) => new Promise((done) => setTimeout(done, time));
window.fetch = async (...given) => {
  if (String(given[0]).includes("/save")) await wait(700);
  const answer = await send(...given);
  if (!String(given[0]).includes("/save")) await wait(2500);
  return answer;
};"""
"""A form that is asked for is read before a save that was sent first has arrived, and comes after its answer."""


def saved(page: Page) -> str:
    """Return what the server has stored."""
    other = page.context.new_page()
    other.goto(COMMENT)
    words = other.locator("textarea#body").input_value()
    other.close()
    return words


def test_a_form_that_is_opened_again_before_its_save_arrived_has_the_words(
    visit: Visitor, sample: dict[str, str]
) -> None:
    page = visit("/about").page
    page.add_init_script(OVERTAKEN)
    page.goto(CHAPTER)
    link = page.get_by_role("link", name="Comment on 2.2")
    link.click()
    page.locator('textarea[name="body"]').fill(ALL)
    page.keyboard.press("Escape")
    link.click()
    expect(page.locator('textarea[name="body"]')).to_have_value(ALL, timeout=WAIT)
    page.locator('textarea[name="body"]').fill(f"{ALL} Nobody.")
    expect(page.locator("[data-told]")).to_contain_text("Saved", timeout=WAIT)


def test_a_press_while_a_save_is_on_its_way_meets_no_second_window(visit: Visitor, sample: dict[str, str]) -> None:
    page = visit("/about").page
    page.add_init_script(LATE)
    page.goto(COMMENT)
    page.locator('input[name="stance"][value="drop"]').check()
    with page.expect_response(lambda answer: "/save" in answer.url, timeout=WAIT):
        page.locator("textarea#body").fill(FIRST)
    page.locator("textarea#body").fill(ALL)
    page.locator("form.composer button.button").first.click()
    page.wait_for_url("**/draft/**", timeout=WAIT)
    assert saved(page) == ALL


def test_a_page_that_is_loaded_anew_while_it_saves_goes_on_saving(visit: Visitor, sample: dict[str, str]) -> None:
    page = visit(COMMENT).page
    page.locator("textarea#body").fill(FIRST)
    page.reload()
    expect(page.locator("textarea#body")).to_have_value(FIRST)
    page.locator("textarea#body").fill(ALL)
    expect(page.locator("[data-told]")).to_contain_text(re.compile("^Saved"), timeout=WAIT)
    assert saved(page) == ALL


def test_words_that_met_those_of_a_second_window_are_not_lost_with_the_tab(
    visit: Visitor, sample: dict[str, str]
) -> None:
    page = visit(COMMENT).page
    page.locator("textarea#body").press_sequentially(FIRST)
    other = page.context.new_page()
    other.goto(COMMENT)
    other.locator('input[name="stance"][value="drop"]').check()
    other.locator("textarea#body").fill("From another window.")
    other.locator("form.composer button.button").first.click()
    other.wait_for_url("**/draft/**")
    page.bring_to_front()
    expect(page.locator("[data-told]")).to_contain_text("changed elsewhere", timeout=WAIT)
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.close(run_before_unload=True)
    page.wait_for_timeout(500)
    assert asked == ["beforeunload"]
    assert page.locator("textarea#body").input_value() == FIRST
