"""The first screen shows the draft under a slim header, and one's submission at the foot of a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import LAPTOP, Visitor

pytestmark = pytest.mark.browser
SLUG = "action-plan-2027-2030"
CHAPTER = f"/c/{SLUG}/draft/chp_2"
FRONT = ("/", "/consultations", f"/c/{SLUG}", "/how")
INNER = (f"/c/{SLUG}/p/2.1", f"/c/{SLUG}/respond/about", f"/c/{SLUG}/said", "/search", "/privacy", "/sign-in", "/none")
_TOP = "() => { const r = document.createRange(); r.selectNodeContents(document.querySelector('.draft .para-text p')); "
_TOP += "return r.getClientRects()[0].top }"


@pytest.fixture
def phone(chromium: Browser, address: str) -> Page:
    context = chromium.new_context(
        viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True, base_url=address, locale="en"
    )
    return context.new_page()


@pytest.mark.parametrize("lang", ["en", "ar", "fr", "es"])
def test_the_first_words_of_the_draft_are_on_the_first_screen(
    visit: Visitor, phone: Page, sample: dict[str, str], lang: str
) -> None:
    assert visit(f"{CHAPTER}?lang={lang}", width=LAPTOP, lang=lang).page.evaluate(_TOP) <= 300
    phone.goto(f"{CHAPTER}?lang={lang}")
    assert phone.evaluate(_TOP) <= 420


def test_four_front_pages_have_a_large_head_and_all_others_a_slim_one(visit: Visitor, sample: dict[str, str]) -> None:
    visited = visit("/")
    large = [path for path in FRONT if visited.go(path).locator(".wash:not(.slim)").count() == 1]
    slim = [path for path in INNER if visited.go(path).locator(".wash.slim").count() == 1]
    assert (tuple(large), tuple(slim)) == (FRONT, INNER)
    heights = {path: visited.go(path).locator(".slim").bounding_box() for path in INNER}
    assert {path: box for path, box in heights.items() if box is None or box["height"] > 150} == {}


def test_a_tray_at_the_foot_of_a_phone_leads_to_sending_and_covers_neither_focus_nor_the_last_words(
    phone: Page, sample: dict[str, str]
) -> None:
    phone.goto(CHAPTER)
    tray = phone.locator(".steps")
    link = tray.get_by_role("link", name="Check and send")
    box = tray.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] == pytest.approx(740, abs=1)
    assert box["height"] < 90
    assert link.is_visible()
    covered = []
    for _tab in range(60):
        phone.keyboard.press("Tab")
        covered += phone.evaluate("""() => {
          const tray = document.querySelector(".steps"), at = document.activeElement;
          const box = at.getBoundingClientRect(), over = tray.getBoundingClientRect();
          const apart = box.bottom <= over.top + 1 || box.top >= over.bottom - 1;
          return at === document.body || tray.contains(at) || apart ? [] : [at.outerHTML.slice(0, 100)];
        }""")
    assert covered == []
    phone.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    last = phone.locator(".pager").bounding_box()
    at = tray.bounding_box()
    assert last is not None
    assert at is not None
    assert last["y"] + last["height"] <= at["y"] + 1


def test_beside_a_form_stands_what_others_will_see_and_it_follows_the_choice_without_javascript(
    visit: Visitor, sample: dict[str, str]
) -> None:
    page = visit(f"/c/{SLUG}/respond/about", width=LAPTOP, script=False).page
    seen = page.locator(".context .as:visible")
    assert seen.inner_text().startswith("Choose how your name is shown.")
    for value, name in [("own", "Your name"), ("pseudonym", "Your invented name"), ("none", "Name not published")]:
        page.locator(f'input[value="{value}"]').check()
        assert seen.count() == 1
        assert seen.locator(".who").inner_text() == name
    form, aside = page.locator("form.about").bounding_box(), page.locator(".context").bounding_box()
    assert form is not None
    assert aside is not None
    assert aside["x"] >= form["x"] + form["width"]
    page.set_viewport_size({"width": 900, "height": 900})
    form, aside = page.locator("form.about").bounding_box(), page.locator(".context").bounding_box()
    assert form is not None
    assert aside is not None
    assert aside["y"] >= form["y"] + form["height"]


def test_beside_a_comment_stand_the_paragraph_who_spoke_and_the_arguments(
    visit: Visitor, phone: Page, sample: dict[str, str]
) -> None:
    page = visit(f"/c/{SLUG}/respond/comment/2.1", width=LAPTOP).page
    words, others = page.locator(".context").all()
    assert "at least 60 per cent" in words.inner_text()
    assert "published comments" in others.inner_text()
    assert "Sixty per cent is too low" in others.inner_text()
    assert others.locator("rect").count() >= 20
    phone.goto(f"/c/{SLUG}/respond/comment/2.1")
    tops = [box["y"] for one in (".context", ".composer") if (box := phone.locator(one).first.bounding_box())]
    assert tops == sorted(tops), "on a phone the paragraph is read first"
