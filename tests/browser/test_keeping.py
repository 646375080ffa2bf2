"""Words outlive a reload, a broken line and a second window, and go out once; leaving wipes them."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
from flask import Flask
from playwright.sync_api import Error, Page, expect
from sqlalchemy import func, select

from consult.accounts.service import find_by_email
from consult.core.db import db
from consult.submissions.model import Submission
from tests.browser import checks
from tests.browser.conftest import DESK, PHONE, Visit, Visitor, _cookie

pytestmark = pytest.mark.browser
SLUG = "action-plan-2027-2030"
COMMENT = f"/c/{SLUG}/respond/comment/2.1"
WAIT = 20_000


def told(page: Page) -> str:
    return page.locator("[data-told]").inner_text()


def kept(page: Page) -> int:
    """Return the number of forms whose words this browser keeps."""
    return int(
        page.evaluate("""new Set([localStorage, sessionStorage].flatMap(Object.keys).filter(it => it.includes('/'))
          .map(it => it.replace(/ (by|held)$/, ''))).size""")
    )


def count(table: type) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def write(visited: Visit, words: str = "Sixty per cent is low.") -> Page:
    page = visited.page
    page.locator("textarea#body").fill(words)
    return page


@pytest.mark.parametrize(("lang", "width"), [("en", DESK), ("ar", PHONE)])
def test_what_a_visitor_types_survives_a_reload(visit: Visitor, sample: dict[str, str], lang: str, width: int) -> None:
    visited = visit(f"{COMMENT}?lang={lang}", lang=lang, width=width)
    page = write(visited)
    page.locator('input[name="stance"][value="drop"]').check()
    visited.go(COMMENT)
    assert page.locator("textarea#body").input_value() == "Sixty per cent is low."
    assert page.locator('input[name="stance"][value="drop"]').is_checked()
    assert checks.accessibility(page) + checks.sideways(page) == []


TABS = 30


def test_nothing_is_lost_in_tabs_that_are_closed_while_somebody_types(visit: Visitor, sample: dict[str, str]) -> None:
    """A third is saved by the clock, the others by closing; a third is changed once more just before that."""
    first = visit(COMMENT).page
    context = first.context
    first.goto(f"/c/{SLUG}/draft?whole=1")
    places = [link.get_attribute("href") or "" for link in first.locator(".para .say").all()][:TABS]
    assert len(places) == TABS
    tabs: list[Page] = []
    asked: list[str] = []
    for n, place in enumerate(places):
        page = context.new_page()
        page.goto(place)
        page.locator("textarea#body").fill(f"What tab {n} says.")
        tabs.append(page)
    for page in tabs[: TABS // 3]:
        expect(page.locator("[data-told]")).to_contain_text("Saved", timeout=WAIT)
    for n, page in enumerate(tabs):
        if n % 3 == 2:
            page.locator("textarea#body").fill(f"What tab {n} says. And more.")
        page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
        page.close(run_before_unload=True)
    wanted = [f"What tab {n} says." + (" And more." if n % 3 == 2 else "") for n in range(TABS)]
    for _try in range(20):  # what a closed tab sends arrives a moment later
        first.goto(f"/c/{SLUG}/respond")
        said = first.locator("main").inner_text()
        if all(words in said for words in wanted):
            break
    assert [words for words in wanted if words not in said] == []
    assert asked == []


def test_a_tab_whose_words_cannot_be_saved_asks_before_it_closes(visit: Visitor, sample: dict[str, str]) -> None:
    page = write(visit(COMMENT))
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.locator("textarea#body").press("End")
    page.keyboard.type(" More.")
    page.context.set_offline(True)
    page.close(run_before_unload=True)
    page.wait_for_timeout(300)
    assert asked == ["beforeunload"]
    assert page.locator("textarea#body").input_value() == "Sixty per cent is low. More."
    page.context.set_offline(False)


def test_saving_forgets_what_the_browser_kept(visit: Visitor, sample: dict[str, str]) -> None:
    page = write(visit(COMMENT))
    page.locator('input[name="stance"][value="drop"]').check()
    assert kept(page) == 1
    page.locator("form.composer button.button").first.click()
    page.wait_for_url("**/draft/**")
    assert kept(page) == 0


def test_who_is_signed_in_is_saved_while_typing_and_a_second_window_overwrites_nothing(
    visit: Visitor, sample: dict[str, str]
) -> None:
    one, two = visit(COMMENT, cookie=sample["contributor"]), visit(COMMENT, cookie=sample["contributor"])
    page = write(one, "From the first window.")
    expect(page.locator("[data-told]")).to_contain_text(re.compile(r"^Saved \d\d:\d\d$"), timeout=WAIT)
    assert kept(page) == 0
    late = write(two, "From the second window.")
    expect(late.locator("[data-told]")).to_contain_text("changed elsewhere", timeout=WAIT)
    late.locator('input[name="stance"][value="drop"]').check()
    late.locator("form.composer button.button").first.click()
    late.wait_for_load_state()
    assert "From the first window." in late.locator(".notice").inner_text()
    assert late.locator("textarea#body").input_value() == "From the second window."
    assert checks.accessibility(late) == []
    late.locator('button[name="do"][value="join"]').click()
    late.wait_for_url("**/draft/**")
    late.goto(COMMENT)
    assert late.locator("textarea#body").input_value() == "From the first window.\n\nFrom the second window."
    late.goto(f"/c/{SLUG}/respond/discard")
    late.locator("main form button").click()


def test_a_press_without_a_line_is_sent_once_when_the_line_is_back(visit: Visitor, sample: dict[str, str]) -> None:
    page = write(visit(COMMENT))
    page.locator('input[name="stance"][value="drop"]').check()
    page.context.set_offline(True)
    page.locator("form.composer button.button").first.click()
    assert "offline" in told(page)
    page.context.set_offline(False)
    page.wait_for_url("**/draft/**")
    page.goto(f"/c/{SLUG}/respond/about")
    page.locator('input[name="speaks"][value="none"]').check()
    page.locator("main form button.button").first.click()
    page.wait_for_url("**/check")
    before = count(Submission)
    page.context.set_offline(True)
    page.get_by_role("button", name="Send my submission").click()
    page.get_by_role("button", name="Send my submission").click()
    assert "offline" in told(page)
    again = page.context.new_page()  # the page is opened again before the line is back for the first
    page.context.set_offline(False)
    page.wait_for_url("**/sent/**")
    again.goto(f"/c/{SLUG}/respond/check")
    again.wait_for_load_state()
    assert count(Submission) == before + 1
    assert kept(page) == 0


def test_a_press_without_a_line_survives_a_reload(visit: Visitor, sample: dict[str, str]) -> None:
    page = write(visit(COMMENT), "Held back by the line.")
    page.locator('input[name="stance"][value="drop"]').check()
    page.context.set_offline(True)
    page.locator("form.composer button.button").first.click()
    assert "offline" in told(page)
    page.goto("about:blank")
    page.context.set_offline(False)
    page.goto(COMMENT)
    page.wait_for_url("**/draft/**")
    page.goto(COMMENT)
    assert page.locator("textarea#body").input_value() == "Held back by the line."


@pytest.mark.parametrize("who", ["contributor", ""])
def test_leaving_wipes_what_the_browser_kept(
    visit: Visitor, application: Flask, sample: dict[str, str], who: str
) -> None:
    """Signed in by a session of its own, which ends: that of the sample is for the other tests."""
    email = next((each for each in sample if "@" in each and sample[each] == sample.get(who)), None)
    cookie = _cookie(application, find_by_email(db.session(), email)) if email else None
    page = write(visit(COMMENT, cookie=cookie))
    assert kept(page) == 1
    with suppress(Error):  # where it leads to need not be there
        page.goto("/leave")
    page.wait_for_url("chrome-error://**")
    page.goto("/about")
    assert kept(page) == 0


def test_no_identity_mode_keeps_nothing_in_the_browser(visit: Visitor, sample: dict[str, str]) -> None:
    page = visit(f"/n/{SLUG}").page
    assert page.locator("script").count() == 0
    page.locator("textarea").first.fill("Nobody wrote this.")
    page.locator('button[name="do"][value="check"]').click()
    page.wait_for_load_state()
    assert kept(page) == 0
    assert page.context.cookies() == []
