"""The words a comment is about: selected and offered, or chosen as a sentence or a paragraph without JavaScript."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import checks
from tests.browser.conftest import DESK, LAPTOP, PHONE, SMALL, Visitor

pytestmark = pytest.mark.browser
SLUG = "action-plan-2027-2030"
CHAPTER = f"/c/{SLUG}/draft/chp_2"
PARAGRAPH = "#chp_2__para_2"
_PLACE = """([selector, words]) => {
  const walk = document.createTreeWalker(document.querySelector(selector), NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const at = walk.currentNode.data.indexOf(words);
    if (at < 0) continue;
    const range = document.createRange();
    range.setStart(walk.currentNode, at);
    range.setEnd(walk.currentNode, at + words.length);
    const boxes = [...range.getClientRects()];
    const [first, last] = [boxes[0], boxes.at(-1)];
    return [first.left + 1, first.top + first.height / 2, last.right - 1, last.top + last.height / 2];
  }
}"""
_SELECT = """([selector, words]) => {
  const walk = document.createTreeWalker(document.querySelector(selector), NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const at = walk.currentNode.data.indexOf(words);
    if (at < 0) continue;
    getSelection().collapse(walk.currentNode, at);
    for (const _word of words.split(" ")) getSelection().modify("extend", "forward", "word");
    return getSelection().toString();
  }
}"""  # as caret browsing does, or the handles of a touch screen: a headless browser has neither


def chosen(page: Page) -> str:
    """The words that the form under the paragraph says the comment is about."""
    page.wait_for_selector(".composer")
    return " ".join(page.locator('input[name="on"]:checked + label').inner_text().split())


def send(page: Page) -> None:
    page.get_by_label("Delete it", exact=True).check()
    page.locator('textarea[name="body"]').fill("Nobody will pilot what nobody pays for.")
    page.get_by_role("button", name="Add to my submission").click()
    expect(page.locator(f"{PARAGRAPH} .own")).to_be_visible()


def test_words_are_chosen_by_mouse_and_stay_marked_in_the_draft(visit: Visitor, sample: dict[str, str]) -> None:
    visited = visit(CHAPTER)
    page = visited.page
    page.set_default_timeout(10_000)
    page.locator(PARAGRAPH).scroll_into_view_if_needed()
    x, y, to_x, to_y = page.evaluate(_PLACE, [PARAGRAPH, "may be piloted"])
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(to_x, to_y, steps=8)
    page.mouse.up()
    page.get_by_role("link", name="Comment on these words").click()
    assert "may be piloted" in chosen(page)
    send(page)
    for _time in ("in place", "on the page made anew"):
        mine = page.evaluate("[...CSS.highlights.get('mine')].map(range => range.toString())")
        assert mine == ["may be piloted"]
        page.goto(CHAPTER)
    expect(page.locator(".own q")).to_have_text("may be piloted")
    page.evaluate(_SELECT, [PARAGRAPH, "may be"])
    expect(page.get_by_role("link", name="Comment on these words too")).to_be_visible()
    assert visited.lasting == []


def test_after_words_are_selected_the_offer_is_next_for_the_keyboard(visit: Visitor, sample: dict[str, str]) -> None:
    page = visit(CHAPTER).page
    page.get_by_role("link", name="Comment on 2.2").focus()
    assert page.evaluate(_SELECT, [PARAGRAPH, "may be piloted"]).strip() == "may be piloted"
    link = page.get_by_role("link", name="Comment on these words")
    expect(link).to_be_visible()
    page.keyboard.press("Tab")
    expect(link).to_be_focused()
    page.keyboard.press("Enter")
    assert "may be piloted" in chosen(page)


def test_words_selected_above_the_form_become_its_choice_and_what_was_typed_stays(
    visit: Visitor, sample: dict[str, str]
) -> None:
    visited = visit(f"/c/{SLUG}/respond/comment/2.2")
    page = visited.page
    page.locator('textarea[name="body"]').fill("Nobody will pilot what nobody pays for.")
    assert page.evaluate(_SELECT, ["[data-choose-words]", "may be piloted"]).strip() == "may be piloted"
    button = page.get_by_role("button", name="Comment on these words")
    expect(button).to_be_visible()
    button.click()
    expect(page.get_by_role("status").filter(has_text="the words you selected")).to_be_visible()
    assert "may be piloted" in chosen(page)
    assert page.locator('textarea[name="body"]').input_value() == "Nobody will pilot what nobody pays for."
    assert checks.markup(page.content()) + visited.lasting == []
    send(page)
    expect(page.locator(".own q")).to_have_text("may be piloted")


def test_the_offer_is_within_reach_of_a_thumb_and_covers_no_selected_word(
    chromium: Browser, address: str, sample: dict[str, str]
) -> None:
    context = chromium.new_context(
        viewport={"width": PHONE, "height": 800}, has_touch=True, is_mobile=True, base_url=address, locale="en"
    )
    page = context.new_page()
    page.goto(CHAPTER)
    page.locator(PARAGRAPH).scroll_into_view_if_needed()
    page.evaluate(_SELECT, [PARAGRAPH, "may be piloted"])
    link = page.get_by_role("link", name="Comment on these words")
    expect(link).to_be_in_viewport()
    box = link.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    words = page.locator(f"{PARAGRAPH} .para-text").bounding_box()
    tray = page.locator(".steps").bounding_box()
    assert words is not None
    assert tray is not None
    assert words["y"] + words["height"] <= box["y"] < words["y"] + words["height"] + 60, "it stands at the words"
    assert box["y"] + box["height"] <= tray["y"], "and nothing covers it"
    link.tap()
    assert "may be piloted" in chosen(page)
    context.close()


def test_the_offer_goes_when_nothing_is_selected_any_more(visit: Visitor, sample: dict[str, str]) -> None:
    page = visit(CHAPTER).page
    page.evaluate(_SELECT, [PARAGRAPH, "may be piloted"])
    link = page.get_by_role("link", name="Comment on these words")
    expect(link).to_be_visible()
    page.evaluate("getSelection().removeAllRanges()")
    expect(link).to_be_hidden()


@pytest.mark.parametrize(("lang", "width"), [("en", DESK), ("ar", SMALL)])
def test_a_sentence_or_the_paragraph_is_chosen_without_javascript(
    visit: Visitor, sample: dict[str, str], lang: str, width: int
) -> None:
    visited = visit(f"{CHAPTER}?lang={lang}", script=False, lang=lang, width=width)
    page = visited.page
    page.locator('a[href$="/respond/comment/2.9"]').first.click()
    page.wait_for_load_state()
    assert checks.sideways(page) + checks.markup(page.content()) + visited.lasting == []
    whole, *sentences = page.locator('input[name="on"]').all()
    assert whole.is_checked()
    assert len(sentences) == 2
    sentences[1].check()
    page.locator('input[name="stance"][value="support"]').check()
    page.locator('textarea[name="body"]').fill("نعم" if lang == "ar" else "Yes.")
    page.locator("main form .buttons button").first.click()
    page.goto(f"{CHAPTER}?lang={lang}")
    words = page.locator(".own q").first.inner_text()
    assert words.startswith("Police guidance")
    assert page.locator(".spreads").get_attribute("data-mine")


def test_published_words_are_marked_and_the_margin_draws_who_spoke(visit: Visitor, sample: dict[str, str]) -> None:
    page = visit(CHAPTER).page
    said = page.evaluate("[...CSS.highlights.get('said')].map(range => range.toString())")
    assert "at least 60 per cent of people who inject drugs" in said
    notes = page.locator(".para-notes .note")
    assert notes.count() >= 3
    for note in notes.all():
        assert note.locator(".stance").count() == 1
        assert note.locator("q").count() == 1
        assert note.get_by_role("link", name="All authors of this argument (2.").count() == 1
    units = page.locator("a.units").first
    count = int(units.locator("span").first.inner_text())
    assert units.locator("rect").count() == min(count, 21)
    units.click()
    expect(page.get_by_role("heading", name=f"{count} published comments")).to_be_visible()


@pytest.mark.parametrize(("lang", "width"), [("en", 1280), ("ar", 1440), ("en", PHONE), ("ar", PHONE)])
def test_a_note_stands_beside_its_paragraph_and_on_a_phone_below_it(
    visit: Visitor, sample: dict[str, str], lang: str, width: int
) -> None:
    """No note covers another or the text, and what follows a paragraph without a note follows it at once."""
    page = visit(f"{CHAPTER}?lang={lang}", lang=lang, width=width).page
    pairs = page.evaluate("""() => [...document.querySelectorAll(".beside")].map(pair => {
        const box = found => (({ left, right, top, bottom }) => ({ left, right, top, bottom }))(
            pair.querySelector(found).getBoundingClientRect());
        return { text: box(".para"), note: box(".para-notes") };
    })""")
    assert len(pairs) >= 3
    last = 0
    for pair in pairs:
        text, note = pair["text"], pair["note"]
        if width == PHONE:
            assert note["top"] >= text["bottom"]
        else:
            assert note["right"] <= text["left"] if lang == "ar" else note["left"] >= text["right"]
            assert note["top"] == pytest.approx(max(text["top"], last), abs=1)
        assert note["top"] >= last - 1
        last = note["bottom"]


def test_the_whole_text_is_there_on_request_and_draws_only_what_is_seen(visit: Visitor, sample: dict[str, str]) -> None:
    page = visit(CHAPTER).page
    page.get_by_role("link", name="Show the whole draft on one page").click()
    page.wait_for_load_state()
    spreads = page.locator(".spread")
    assert spreads.count() == 7
    skipped = "element => getComputedStyle(element).contentVisibility"
    assert {spread.evaluate(skipped) for spread in spreads.all()} == {"auto"}
    page.goto(f"/c/{SLUG}/draft?whole=1#chp_7__para_1")
    expect(page.locator("#chp_7__para_1")).to_be_in_viewport()


_MARGIN = """() => {
  const box = element => element.getBoundingClientRect();
  const notes = [...document.querySelectorAll(".para-notes")], texts = [...document.querySelectorAll(".para-text")];
  const crosses = (one, other) => one.left < other.right - 1 && other.left < one.right - 1
    && one.top < other.bottom - 1 && other.top < one.bottom - 1;
  const rtl = document.dir === "rtl";
  return {
    scrollbar: innerWidth - document.documentElement.clientWidth,
    notes: notes.length,
    below: notes.filter(note => texts.some(text =>
      rtl ? box(note).right > box(text).left : box(note).left < box(text).right)).length,
    over: notes.filter(note => [...texts, ...document.querySelectorAll(".para-margin, .own")].some(
      other => crosses(box(note), box(other)))).length,
    lines: [...document.querySelectorAll(".draft")].filter(
      draft => getComputedStyle(draft, "::before").content !== "none").length,
  };
}"""


@pytest.mark.parametrize(("lang", "scheme"), [("en", "light"), ("ar", "dark")])
def test_notes_stand_in_the_margin_of_a_laptop_whose_scrollbars_take_room(
    visit: Visitor, sample: dict[str, str], lang: str, scheme: str
) -> None:
    """At 1280 px, of which a scrollbar takes 15 to 17: where notes do not fit beside a text they fall below it."""
    visited = visit(f"{CHAPTER}?lang={lang}", width=LAPTOP, lang=lang, scheme=scheme)
    found = visited.page.evaluate(_MARGIN)
    assert found["scrollbar"] >= 15, "the browser hides its scrollbars: this test tries nothing"
    assert found["notes"]
    assert (found["below"], found["over"], found["lines"]) == (0, 0, 0)
    assert checks.sideways(visited.page) + visited.lasting == []


@pytest.mark.parametrize("width", [1000, 1150, 1240])
def test_where_there_is_no_room_beside_the_words_notes_fall_below_and_no_line_crosses_them(
    visit: Visitor, sample: dict[str, str], width: int
) -> None:
    page = visit(CHAPTER, width=LAPTOP).page
    page.set_viewport_size({"width": width, "height": 900})
    found = page.evaluate(_MARGIN)
    assert found["notes"]
    assert (found["over"], found["lines"]) == (0, 0)
