"""The moderators' desk by keyboard alone, and the same without JavaScript."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from consult.core.db import db
from consult.moderation.model import Batch, BatchProgress, Decision, DecisionEnd, DecisionOutcome, Queue, QueueEntry
from consult.moderation.queue import service as moderation_queue
from consult.moderation.recourse.model import RecourseAnswer, RecourseOutcome
from consult.submissions.model import Comment, Submission
from tests.browser import checks
from tests.browser.conftest import DESK, LAPTOP, PHONE, SMALL, Visitor

pytestmark = pytest.mark.browser
LIST = "/review?who=all"


def current(page: Page) -> str:
    """The reference of the item that the keys are about."""
    return page.locator(".queue > .item.current .item-head a").inner_text()


def focused(page: Page) -> str:
    return str(
        page.evaluate("document.activeElement.name || document.activeElement.id || document.activeElement.tagName")
    )


def last_decision(reference: str) -> Decision:
    db.session.rollback()
    wanted = select(Decision).join(Submission, Submission.id == Decision.submission_id)
    return db.session.scalars(
        wanted.where(Submission.reference == reference).order_by(Decision.id.desc()).limit(1)
    ).one()


def waiting(queue: Queue = Queue.NEW) -> list[int]:
    db.session.rollback()
    rows = (
        select(QueueEntry.submission_id)
        .where(QueueEntry.queue == queue)
        .order_by(QueueEntry.turn, QueueEntry.submission_id)
    )
    return list(db.session.scalars(rows))


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def read(page: Page) -> None:
    """Minutes pass on the page, as if somebody read it."""
    page.clock.install()
    page.clock.fast_forward(600_000)


def new(body: str) -> str:
    """The reference of something new that says this: words of the sample are replaced."""
    db.session.rollback()
    wanted = select(QueueEntry.submission_id, Comment).join(Comment, Comment.submission_id == QueueEntry.submission_id)
    number, comment = db.session.execute(
        wanted.where(QueueEntry.queue == Queue.NEW, QueueEntry.comments == 1).order_by(QueueEntry.turn.desc())
    ).first() or (0, None)
    assert comment is not None
    comment.body = body
    moderation_queue.requeue(db.session(), [number])
    db.session.commit()
    return db.session.get_one(Submission, number).reference


def decided(reference: str) -> list[str]:
    """What was decided on a submission and not taken back."""
    db.session.rollback()
    wanted = select(Decision.outcome).join(Submission, Submission.id == Decision.submission_id)
    kept = wanted.where(Submission.reference == reference, Decision.ended.is_distinct_from(DecisionEnd.TAKEN_BACK))
    return list(db.session.scalars(kept))


def move_to(page: Page, reference: str) -> None:
    """Makes an item of the list the present one."""
    page.locator(f"#item-{reference} .item-head a").focus()
    assert current(page) == reference


def go(page: Page, key: str) -> None:
    """Presses a key that leads to another page."""
    with page.expect_navigation():
        page.keyboard.press(key)


def test_the_list_is_worked_through_by_keys(visit: Visitor, sample: dict[str, str]) -> None:
    visited = visit(LIST, cookie=sample["moderator"])
    page = visited.page
    first = current(page)
    press(page, "j")
    second = current(page)
    assert second != first
    press(page, "k", "k")
    assert current(page) == first
    press(page, "x", "j", "x")
    assert page.locator(".pick input:checked").count() == 2
    assert "2" in page.locator("[data-chosen]").inner_text()
    press(page, "x")
    assert page.locator(".pick input:checked").count() == 1
    press(page, "?")
    assert page.locator("#keys").is_visible()
    press(page, "?")
    assert not page.locator("#keys").is_visible()
    assert visited.lasting == []


def test_beside_the_list_stands_what_the_present_item_is_about(visit: Visitor, sample: dict[str, str]) -> None:
    visited = visit(LIST, cookie=sample["moderator"])
    page, beside = visited.page, visited.page.locator("[data-beside]")
    expect(beside.locator("h2")).to_have_text(current(page))
    expect(beside.locator(".checks")).to_be_visible()
    press(page, "j", "j")
    expect(beside.locator("h2")).to_have_text(current(page))
    assert checks.accessibility(page) == []
    assert visited.lasting == []
    narrow = visit(LIST, cookie=sample["moderator"], width=SMALL).page
    press(narrow, "j")
    assert not narrow.locator("[data-beside]").is_visible()


def test_a_publishes_and_u_takes_it_back(visit: Visitor, sample: dict[str, str]) -> None:
    page = visit(LIST, cookie=sample["moderator"]).page
    press(page, "j")
    for _item in range(12):
        if page.locator('.item.current button[data-key="a"]').count():
            break
        press(page, "j")
    reference = current(page)
    press(page, "j")
    after = current(page)
    press(page, "k")
    read(page)
    go(page, "a")
    assert current(page) == after  # the work goes on where it was
    page.keyboard.press("a")  # twice in a moment, or held down
    assert decided(after) == []
    assert (last_decision(reference).outcome, last_decision(reference).ended) == (DecisionOutcome.PUBLISH, None)
    expect(page.locator("[data-undo]")).to_be_visible()
    go(page, "u")
    assert last_decision(reference).ended is DecisionEnd.TAKEN_BACK
    assert "/review?" in page.url  # and the list goes on where it was
    assert current(page) == reference


def test_a_publishes_nothing_that_was_not_opened(visit: Visitor, sample: dict[str, str]) -> None:
    """What may identify somebody is opened first, by its own key; and a key pressed twice publishes nothing."""
    reference = new("My cousin Pedro Quispe sells it at the corner.")
    page = visit(LIST, cookie=sample["moderator"]).page
    move_to(page, reference)
    read(page)
    press(page, "a", "a")
    assert page.evaluate("document.activeElement.dataset.key") == "o"  # what is to be done first
    go(page, "o")
    expect(page.locator("h1")).to_have_text(reference)
    press(page, "a", "o", "a")
    page.wait_for_load_state()
    assert decided(reference) == []
    read(page)
    page.evaluate("""() => document.body.dispatchEvent(
        new KeyboardEvent("keydown", { key: "a", code: "KeyA", repeat: true, bubbles: true }))""")
    assert decided(reference) == []  # a key that is held down
    go(page, "a")
    assert decided(reference) == [DecisionOutcome.PUBLISH]
    go(page, "u")


def test_folded_words_are_opened_before_a_or_the_button_publishes_them(visit: Visitor, sample: dict[str, str]) -> None:
    reference = new("We will kill you.")
    page = visit(LIST, cookie=sample["moderator"]).page
    move_to(page, reference)
    go(page, "Enter")
    read(page)
    for publish in (lambda: press(page, "a"), lambda: page.locator('button[data-key="a"]').click()):
        publish()
        assert page.evaluate("document.activeElement.matches('[data-veil]:not([open]) > summary')")
    press(page, "o")
    assert page.locator("[data-veil] .words").first.is_visible()
    press(page, "a")  # in the moment after they were opened
    assert decided(reference) == []
    for _fold in range(page.locator("[data-veil]:not([open])").count()):
        press(page, "o")
    read(page)
    go(page, "a")
    assert decided(reference) == [DecisionOutcome.PUBLISH]
    go(page, "u")


def test_c_in_the_list_says_there_that_this_is_being_read(visit: Visitor, sample: dict[str, str]) -> None:
    page = visit(LIST, cookie=sample["moderator"]).page
    press(page, "j", "j")
    reference = current(page)
    go(page, "c")
    assert current(page) == reference
    assert page.locator(".item.current").get_by_text("You read this").count() == 1


def test_each_row_of_the_list_has_a_heading_and_buttons_that_name_it(visit: Visitor, sample: dict[str, str]) -> None:
    page = visit(LIST, cookie=sample["moderator"]).page
    rows = page.locator(".queue > .item")
    assert rows.count() == page.locator(".queue > .item h3").count() > 5
    names = page.locator(".queue .buttons > *").evaluate_all("all => all.map(each => each.innerText)")
    assert len(set(names)) == len(names)


def test_what_is_decided_on_stays_in_sight_where_words_are_hidden(visit: Visitor, sample: dict[str, str]) -> None:
    page = visit(LIST, cookie=sample["moderator"], width=LAPTOP).page
    page.set_viewport_size({"width": LAPTOP, "height": 860})
    press(page, "j")
    go(page, "h")
    assert focused(page) == "words"
    expect(page.locator("#words")).to_be_in_viewport()
    expect(page.locator("[data-comment] > .words, [data-comment] summary").first).to_be_in_viewport()


@pytest.mark.parametrize("width", [DESK, SMALL])
def test_what_can_be_undone_stays_in_sight_and_covers_nothing_that_has_the_focus(
    visit: Visitor, sample: dict[str, str], width: int
) -> None:
    page = visit(LIST, cookie=sample["moderator"], width=width).page
    page.set_viewport_size({"width": width, "height": 640})
    page.locator('button[data-key="a"]').nth(2).focus()
    read(page)
    go(page, "a")
    expect(page.locator(".undo")).to_be_in_viewport(ratio=1)
    for _step in range(4):
        bar, here = page.locator(".undo").bounding_box(), page.locator(":focus").bounding_box()
        assert bar is not None
        assert here is not None
        assert bar["y"] + bar["height"] <= here["y"]
        if width == DESK:
            beside = page.locator("[data-beside]").evaluate("it => parseFloat(getComputedStyle(it).top)")
            assert bar["height"] <= beside, "what stands beside the list begins below it"
        press(page, "k")
    expect(page.locator(".undo")).to_be_in_viewport(ratio=1)
    go(page, "u")


def test_words_are_hidden_and_the_rest_published_by_keys(visit: Visitor, sample: dict[str, str]) -> None:
    number = waiting()[0]
    page = visit(f"/review/{number}?who=all", cookie=sample["moderator"]).page
    reference = page.locator("h1").inner_text()
    page.evaluate(
        """() => { const words = document.querySelector("[data-comment] > .words").firstChild;
        getSelection().setBaseAndExtent(words, 0, words, 9); }"""
    )
    press(page, "h")
    assert focused(page) == "cover_reason"
    page.locator("#cover_reason").select_option("third_person")
    page.keyboard.press("Tab")
    go(page, "Enter")
    shown = page.locator("#hidden-words + ol li")
    assert shown.count() == 1
    hidden = shown.locator("del").inner_text()
    page.keyboard.press("h")  # with nothing selected: where words are typed
    assert focused(page) == "words"
    press(page, "Escape")
    read(page)
    for _fold in range(page.locator("[data-veil]:not([open])").count()):
        press(page, "o")
    read(page)
    go(page, "a")
    decision = last_decision(reference)
    body = db.session.scalars(
        select(Comment.body).where(Comment.submission_id == number).order_by(Comment.position)
    ).first()
    assert body is not None
    assert decision.redactions is not None
    cover = decision.redactions[0]
    assert body[cover["start"] : cover["end"]] == body[:9]
    assert hidden == body[:9].strip()


def test_r_asks_for_the_reason_first_and_then_returns(visit: Visitor, sample: dict[str, str]) -> None:
    number = waiting()[1]
    page = visit(f"/review/{number}?who=all", cookie=sample["moderator"]).page
    reference = page.locator("h1").inner_text()
    press(page, "r")
    assert focused(page) == "reason"
    press(page, "ArrowDown", "Escape")
    page.keyboard.press("r")
    page.wait_for_load_state()
    page.wait_for_url(re.compile(rf"/review/(?!{number}\b)"))
    decision = last_decision(reference)
    assert (decision.outcome, decision.reason) == (DecisionOutcome.RETURN, "personal_details")


def test_e_asks_a_second_reader(visit: Visitor, sample: dict[str, str]) -> None:
    number = waiting()[2]
    page = visit(f"/review/{number}?who=all", cookie=sample["moderator"]).page
    press(page, "e")
    assert focused(page) == "outcome"
    press(page, "Tab", "Tab")
    page.keyboard.type("Is this the person of paragraph 2?")
    page.keyboard.press("Tab")
    go(page, "Enter")
    db.session.rollback()
    batch = db.session.scalars(select(Batch).order_by(Batch.id.desc()).limit(1)).one()
    assert (batch.progress, batch.internal_note) == (BatchProgress.SECOND_READER, "Is this the person of paragraph 2?")
    assert number in waiting(Queue.SECOND)


def test_the_keys_are_where_they_are_on_an_arabic_keyboard(visit: Visitor, sample: dict[str, str]) -> None:
    page = visit(LIST + "&lang=ar", cookie=sample["moderator"], lang="ar").page
    first = current(page)
    pressing = """([key, code]) => document.activeElement.dispatchEvent(
        new KeyboardEvent("keydown", { key, code, bubbles: true, cancelable: true }))"""
    page.evaluate(pressing, ["ت", "KeyJ"])
    assert current(page) != first
    page.evaluate(pressing, ["ن", "KeyK"])
    assert current(page) == first
    page.evaluate(pressing, ["؟", "Slash"])
    assert page.locator("#keys").is_visible()


def tab_to(page: Page, wanted: str) -> None:
    """Goes on with the Tab key alone until this has the focus."""
    for _step in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", wanted):
            return
    raise AssertionError(f"The Tab key does not reach {wanted}")


def test_a_second_reader_agrees_without_a_mouse(visit: Visitor, sample: dict[str, str]) -> None:
    page = visit("/review?queue=second", cookie=sample["amina@example.org"]).page
    go(page, "Enter")  # the oldest has the focus
    number = int(page.url.rpartition("/")[2])
    assert page.locator("del").count() == 1  # the words that would be hidden
    tab_to(page, 'button[value="confirm"]')
    go(page, "Enter")
    db.session.rollback()
    batch = db.session.get_one(Batch, number)
    assert (batch.progress, batch.second_id is not None) == (BatchProgress.DUE, True)
    tab_to(page, 'button[value="undo"]')
    go(page, "Enter")
    db.session.rollback()
    assert db.session.get_one(Batch, number).progress is BatchProgress.TAKEN_BACK


def test_an_appeal_is_answered_without_a_mouse(visit: Visitor, sample: dict[str, str]) -> None:
    page = visit("/review?queue=appeals", cookie=sample["amina@example.org"]).page
    tab_to(page, ".queue .item-head a")
    go(page, "Enter")
    number = int(page.url.rpartition("/")[2])
    tab_to(page, "#reasons")
    page.keyboard.type("It can be published with the last sentence hidden; but it attacks a group as a whole.")
    tab_to(page, 'button[value="uphold"]')
    go(page, "Enter")
    db.session.rollback()
    held = db.session.scalars(select(RecourseAnswer).where(RecourseAnswer.appeal_id == number)).one()
    assert (held.outcome, held.ended) == (RecourseOutcome.UPHELD, None)
    go(page, "u")
    db.session.rollback()
    assert db.session.get_one(RecourseAnswer, held.id).ended is DecisionEnd.TAKEN_BACK
    assert page.url.endswith(f"/review/appeals/{number}")


def test_a_narrow_page_begins_at_its_top_with_the_queues_folded(visit: Visitor, sample: dict[str, str]) -> None:
    page = visit(LIST, width=PHONE, cookie=sample["moderator"]).page
    assert page.evaluate("scrollY") == 0
    assert page.locator(".queue > .item.current").count() == 1
    queues = page.locator("nav details.fold")
    assert not queues.locator("a").first.is_visible()
    queues.locator("summary").click()
    assert queues.locator("a").first.is_visible()


def test_keys_can_be_turned_off_and_typing_is_typing(visit: Visitor, sample: dict[str, str]) -> None:
    page = visit(LIST, cookie=sample["moderator"]).page
    first = current(page)
    press(page, "?")
    page.locator("[data-keys] input").focus()
    press(page, "Space", "j")
    assert current(page) == first
    press(page, "Space", "j")
    assert current(page) != first
    number = waiting()[-1]
    page.goto(f"/review/{number}?who=all")
    page.locator("#note").focus()
    page.keyboard.type("jakhrexw?")
    assert page.locator("#note").input_value() == "jakhrexw?"
    assert page.url.endswith(f"/review/{number}?who=all")


@pytest.mark.parametrize(("lang", "width"), [("en", DESK), ("ar", SMALL)])
def test_without_javascript_the_same_is_done_by_buttons(
    visit: Visitor, sample: dict[str, str], lang: str, width: int
) -> None:
    visited = visit(f"/review?who=all&lang={lang}", script=False, lang=lang, width=width, cookie=sample["moderator"])
    page, found = visited.page, checks.sideways(visited.page) + visited.lasting
    page.locator('button[name="publish"]').first.click()
    page.wait_for_load_state()
    page.locator("[data-undo]").click()
    page.wait_for_load_state()
    found += checks.sideways(page) + visited.lasting
    page.locator(".queue .item-head a").first.click()
    page.wait_for_load_state()
    found += checks.sideways(page) + visited.lasting
    page.locator("details:has(#hide) > summary").click()
    words = page.locator("[data-comment] > .words").first.inner_text().split(".")[0][:20]
    page.locator("#words").fill(words)
    page.locator("#cover_reason").select_option("third_person")
    page.locator("[data-hide]").click()
    page.wait_for_load_state()
    assert page.locator("#hidden-words + ol li").count() >= 1
    found += checks.sideways(page) + visited.lasting
    page.goto("/review?who=all")
    for box in page.locator(".pick input").all()[:2]:
        box.check()
    page.locator("form[data-items] .toolbar button:not([name])").click()
    page.wait_for_load_state()
    found += checks.sideways(page) + checks.markup(page.content())
    page.locator('button[name="outcome"][value="publish"]').click()
    page.wait_for_load_state()
    page.locator("[data-undo]").click()
    page.wait_for_load_state()
    db.session.rollback()
    batch = db.session.scalars(select(Batch).order_by(Batch.id.desc()).limit(1)).one()
    assert batch.progress is BatchProgress.TAKEN_BACK
    assert found == []


@pytest.mark.parametrize("path", ["/review?who=all", "/review/team", "/review/campaigns", "/review/log"])
def test_on_a_phone_nothing_runs_out_of_the_page(visit: Visitor, sample: dict[str, str], path: str) -> None:
    for lang in ("en", "ar"):
        joined = "&" if "?" in path else "?"
        visited = visit(f"{path}{joined}lang={lang}", width=PHONE, lang=lang, cookie=sample["moderator"])
        assert checks.sideways(visited.page) + visited.lasting == []
