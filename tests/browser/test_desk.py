"""The moderators' desk by keyboard alone, and the same without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.core.db import db
from consult.core.web.access import Role
from consult.decisions.model import DecisionEnd
from consult.moderation import held_answers
from consult.moderation import service as moderation
from consult.moderation import waiting_list as moderation_queue
from consult.moderation.bulk import service as bulk
from consult.moderation.model import Batch, BatchProgress, Decision, DecisionOutcome, Queue, QueueEntry
from consult.moderation.queue import undoable
from consult.moderation.recourse.model import RecourseAnswer, RecourseOutcome
from consult.submissions.model import Comment, State, Submission
from tests.browser import checks
from tests.browser.conftest import DESK, LAPTOP, PHONE, SMALL, Visitor

pytestmark = pytest.mark.browser
LIST = "/review?who=all"


@pytest.fixture(autouse=True)
def nothing_to_take_back(sample: dict[str, str]) -> None:
    """Undo the decisions and claims of earlier tests, whatever the order they run in."""
    session = db.session()
    for moderator in session.scalars(select(Account).where(Account.role == Role.MODERATOR)):
        for one in undoable.list_undoable(session, moderator):
            UNDO[one.kind](session, moderator, one.id)
    session.execute(update(QueueEntry).values(claimed_by=None, claimed_until=None))
    session.commit()


UNDO: dict[str, Callable[[Session, Account, int], object]] = {
    "decision": lambda session, by, number: moderation.undo_decision(session, moderator=by, decision_id=number),
    "batch": lambda session, by, number: bulk.undo_batch(session, moderator=by, batch_id=number),
    "answer": lambda session, by, number: held_answers.undo_answer(session, moderator=by, answer_id=number),
}


def current(page: Page) -> str:
    """The reference of the item that the keys are about."""
    return page.locator(".current h3 a bdi").inner_text()


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
    """Return the decisions on a submission that were not undone; a return answered by its author is over."""
    db.session.rollback()
    wanted = select(Decision.outcome).join(Submission, Submission.id == Decision.submission_id)
    kept = wanted.where(Submission.reference == reference, Decision.ended.is_distinct_from(DecisionEnd.TAKEN_BACK))
    past = (Decision.outcome == DecisionOutcome.RETURN) & (Submission.state == State.PENDING)
    return list(db.session.scalars(kept.where(~past)))


def move_to(page: Page, reference: str) -> None:
    """Makes an item of the list the present one."""
    page.locator(f"#item-{reference} h3 a").focus()
    assert shown(page) == reference


def shown(page: Page) -> str:
    """The reference of what the pane shows, once it is the present line's."""
    expect(page.locator("[data-pane] [data-reference]")).to_have_text(current(page))
    return current(page)


def decide(page: Page, *keys: str) -> None:
    """Decides on the present line by keys, and waits for what can be taken back."""
    reference = shown(page)
    press(page, *keys)
    expect(page.locator("[data-strip] [role=status] bdi").first).to_have_text(reference)


def take_back(page: Page, reference: str) -> None:
    press(page, "u")
    expect(page.locator(f"#item-{reference}.current")).to_be_visible()


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
    assert not page.locator("[data-chosen]").is_visible()
    press(page, "x", "j", "x")
    assert page.locator("[name=pick]:checked").count() == 2
    assert "2" in page.locator("[data-chosen]").inner_text()
    press(page, "x")
    assert page.locator("[name=pick]:checked").count() == 1
    press(page, "?")
    assert page.locator("#keys").is_visible()
    press(page, "?")
    assert not page.locator("#keys").is_visible()
    assert visited.lasting == []


def test_beside_the_list_the_present_line_is_read_and_decided(visit: Visitor, sample: dict[str, str]) -> None:
    visited = visit(LIST, cookie=sample["moderator"])
    page, pane = visited.page, visited.page.locator("[data-pane]")
    shown(page)
    expect(pane.locator(".checks")).to_be_visible()
    press(page, "j", "j")
    shown(page)
    assert pane.locator(".decide button, .decide summary").all_inner_texts()[0].startswith("Publish")
    assert checks.accessibility(page) == []
    press(page, "w")
    assert focused(page) == "reason"
    assert checks.accessibility(page) == []
    assert visited.lasting == []
    narrow = visit(LIST, cookie=sample["moderator"], width=SMALL).page
    press(narrow, "j")
    assert not narrow.locator("[data-pane]").is_visible()


@pytest.mark.parametrize("width", [LAPTOP, SMALL])
def test_the_text_to_decide_on_comes_before_the_checks(visit: Visitor, sample: dict[str, str], width: int) -> None:
    """On a laptop the first words are in the upper half of the screen, with the checks beside them."""
    page = visit(LIST, cookie=sample["moderator"], width=width).page
    page.set_viewport_size({"width": width, "height": 860})
    if width == LAPTOP:
        shown(page)
    else:
        page.locator(".line h3 a").first.click()
        page.wait_for_load_state()
    words, found = (page.locator(f".read {part}").first.bounding_box() for part in (".words", ".checks"))
    assert words is not None
    assert found is not None
    if width == LAPTOP:
        assert words["y"] < 430
        assert words["x"] + words["width"] < found["x"]
    assert words["y"] < found["y"]


def test_nine_lines_are_seen_at_once(visit: Visitor, sample: dict[str, str]) -> None:
    page = visit(LIST, cookie=sample["moderator"], width=LAPTOP).page
    page.set_viewport_size({"width": LAPTOP, "height": 860})
    shown(page)
    seen = "all => all.filter(each => each.getBoundingClientRect().bottom <= innerHeight).length"
    assert page.locator(".line").evaluate_all(seen) >= 9


def test_a_publishes_the_next_comes_and_u_takes_it_back(visit: Visitor, sample: dict[str, str]) -> None:
    visited = visit(LIST, cookie=sample["moderator"])
    page = visited.page
    press(page, "j")
    reference = shown(page)
    press(page, "a")  # in the moment after it has opened
    assert decided(reference) == []
    after = page.locator(".current + .line h3 a bdi").inner_text()
    read(page)
    decide(page, "a")
    assert shown(page) == after
    page.keyboard.press("a")  # twice in a moment, or held down
    assert decided(after) == []
    assert (last_decision(reference).outcome, last_decision(reference).ended) == (DecisionOutcome.PUBLISH, None)
    take_back(page, reference)
    assert last_decision(reference).ended is DecisionEnd.TAKEN_BACK
    assert page.url.endswith(LIST)
    assert visited.lasting == []


def test_what_can_be_taken_back_covers_and_moves_nothing(visit: Visitor, sample: dict[str, str]) -> None:
    page = visit(LIST, cookie=sample["moderator"], width=LAPTOP).page
    references = [shown(page)]
    before = page.locator("[data-list]").bounding_box()
    for n in range(2):
        read(page) if not n else page.clock.fast_forward(600_000)
        decide(page, "a")
        assert page.locator("[data-list]").bounding_box()["y"] == before["y"]  # type: ignore[index]
        references.append(shown(page))
    expect(page.locator(".earlier summary")).to_have_text("1 more")
    bar, here = page.locator(".undo").bounding_box(), page.locator(".triage").bounding_box()
    assert bar is not None
    assert here is not None
    assert bar["y"] + bar["height"] <= here["y"]
    take_back(page, references[1])
    take_back(page, references[0])
    expect(page.locator("[data-undo]")).to_have_count(0)
    assert page.locator("[data-list]").bounding_box() == before


def test_what_can_be_undone_no_more_is_not_offered(visit: Visitor, sample: dict[str, str]) -> None:
    page = visit(LIST, cookie=sample["moderator"]).page
    reference = shown(page)
    read(page)
    decide(page, "a")
    assert page.locator("[data-undo]").is_visible()
    page.clock.fast_forward(31_000)
    assert not page.locator("[data-undo]").is_visible()
    page.reload()
    take_back(page, reference)  # on the server no time has passed


def test_a_stale_decision_beside_the_list_is_refused_and_says_who_was_first(
    visit: Visitor, sample: dict[str, str]
) -> None:
    reference = new("Sixty per cent is a start.")
    mine, theirs = (visit(LIST, cookie=sample[who]).page for who in ("amina@example.org", "tomas@example.org"))
    for page in (mine, theirs):
        move_to(page, reference)
        read(page)
    decide(mine, "a")
    press(theirs, "a")
    expect(theirs.locator("[data-pane] [role=alert]")).to_contain_text("Your decision was not saved")
    expect(theirs.locator("[data-pane]")).to_contain_text("Amina")
    assert decided(reference) == [DecisionOutcome.PUBLISH]
    take_back(mine, reference)


def test_what_is_read_is_claimed_shown_to_colleagues_and_given_back(visit: Visitor, sample: dict[str, str]) -> None:
    mine, theirs = (visit(LIST, cookie=sample[who]).page for who in ("amina@example.org", "tomas@example.org"))
    theirs.clock.install()
    theirs.reload()  # its time stands still: it asks when we say so
    shown(theirs)
    row = theirs.locator(".line").nth(1).locator("[data-reads]")
    shown(mine)
    for key, said in (("j", "Amina K. is reading this"), ("k", ""), ("j", "Amina K. is reading this")):
        with mine.expect_response(lambda got: got.url.endswith("/claim")):
            press(mine, key)
        theirs.clock.fast_forward(10_000)
        expect(row).to_have_text(said)


def test_folded_words_are_opened_before_a_or_the_button_publishes_them(visit: Visitor, sample: dict[str, str]) -> None:
    reference = new("We will kill you.")
    page = visit(LIST, cookie=sample["moderator"]).page
    move_to(page, reference)
    assert "kill" not in page.locator(f"#item-{reference}").inner_text()
    read(page)
    for publish in (lambda: press(page, "a"), lambda: page.locator('button[data-key="a"]').click()):
        publish()
        assert page.evaluate("document.activeElement.matches('[data-veil]:not([open]) > summary')")
    press(page, "o")
    assert page.locator("[data-veil] .words").first.is_visible()
    assert page.locator("[data-veil] mark.found").first.inner_text() == "kill you"
    press(page, "a")  # in the moment after they were opened
    assert decided(reference) == []
    for _fold in range(page.locator("[data-veil]:not([open])").count()):
        press(page, "o")
    page.clock.fast_forward(600_000)
    decide(page, "a")
    assert decided(reference) == [DecisionOutcome.PUBLISH]
    take_back(page, reference)


def test_a_on_a_page_of_its_own_waits_a_moment_too(visit: Visitor, sample: dict[str, str]) -> None:
    reference = new("My cousin Pedro Quispe sells it at the corner.")
    page = visit(LIST, cookie=sample["moderator"]).page
    move_to(page, reference)
    page.goto(page.locator(f"#item-{reference} h3 a").get_attribute("href") or "")
    expect(page.locator("h1")).to_have_text(reference)
    assert page.locator("[data-comment] mark.found").first.inner_text() == "My cousin Pedro Quispe"
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


def test_a_opens_nothing_and_decides_nothing_where_no_submission_is_open(
    visit: Visitor, sample: dict[str, str]
) -> None:
    reference = new("My cousin Pedro Quispe sells it at the corner.")
    page = visit(LIST, cookie=sample["moderator"], width=900).page  # no room for the pane: a list and pages
    page.locator(f"#item-{reference} h3 a").focus()
    read(page)
    here = page.url
    press(page, "k", "j", "a", "a", "Shift+A")
    assert page.url == here
    assert current(page) == reference
    assert decided(reference) == []
    go(page, "o")
    press(page, "a")  # in the first moment of the page that a key has opened
    page.wait_for_load_state()
    assert decided(reference) == []
    assert page.locator("h1").inner_text() == reference


@pytest.mark.parametrize("width", [DESK, 900])
def test_r_leads_to_the_reasons_of_returning_wherever_it_is_pressed(
    visit: Visitor, sample: dict[str, str], width: int
) -> None:
    reference = new("My cousin Pedro Quispe sells it at the corner.")
    page = visit(LIST, cookie=sample["moderator"], width=width).page
    page.locator(f"#item-{reference} h3 a").focus()
    address = page.locator(f"#item-{reference} h3 a").get_attribute("href") or ""
    if width == DESK:
        shown(page)
        press(page, "r")
        expect(page.locator("[data-pane] [data-panel=r][open]")).to_be_visible()
        assert focused(page) == "reason"
    else:
        go(page, "r")
        assert page.url.endswith("#decide")
    page.goto(address)
    press(page, "r")
    expect(page.locator("[data-item] [data-panel=r][open]")).to_be_visible()
    assert focused(page) == "reason"
    assert decided(reference) == []


def test_c_in_the_list_keeps_what_is_read_and_gives_it_back(visit: Visitor, sample: dict[str, str]) -> None:
    page = visit(LIST, cookie=sample["moderator"]).page
    press(page, "j", "j")
    reference, kept = shown(page), page.locator("[data-pane] [data-key=c][name=back]")
    press(page, "c")
    expect(kept).to_be_visible()
    assert current(page) == reference
    press(page, "c")
    expect(kept).to_have_count(0)


def test_each_line_of_the_list_has_a_heading_that_names_it(visit: Visitor, sample: dict[str, str]) -> None:
    page = visit(LIST, cookie=sample["moderator"]).page
    rows = page.locator("[data-list] > .line")
    assert rows.count() == page.locator(".line h3").count() > 5
    names = page.locator(".line h3").evaluate_all("all => all.map(each => each.textContent)")
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("key", ["h", "r", "w"])
def test_what_is_decided_on_stays_in_sight_where_words_are_asked_for(
    visit: Visitor, sample: dict[str, str], key: str
) -> None:
    page = visit(LIST, cookie=sample["moderator"], width=LAPTOP).page
    page.set_viewport_size({"width": LAPTOP, "height": 860})
    press(page, "j")
    shown(page)
    press(page, key)
    assert focused(page) == ("words" if key == "h" else "reason")
    expect(page.locator("[data-comment] .words, [data-comment] summary").first).to_be_in_viewport()
    assert page.evaluate("scrollY") == 0


def test_words_are_hidden_and_the_rest_published_by_keys(visit: Visitor, sample: dict[str, str]) -> None:
    number = waiting()[0]
    page = visit(f"/review/{number}?who=all", cookie=sample["moderator"]).page
    reference = page.locator("h1").inner_text()
    page.evaluate(
        """() => { const words = document.querySelector("[data-comment] > .words");
        const texts = document.createTreeWalker(words, NodeFilter.SHOW_TEXT);
        let [node, left] = [texts.nextNode(), 9];
        const first = node;
        while (node.length < left) { left -= node.length; node = texts.nextNode(); }
        getSelection().setBaseAndExtent(first, 0, node, left); }"""
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
    page.keyboard.press("Enter")  # the oldest has the focus, and is read in the pane
    expect(page.locator("[data-pane] del")).to_have_count(1)  # the words that would be hidden
    number = int((page.locator(".line.current").get_attribute("data-id") or "b0")[1:])
    tab_to(page, '[data-pane] button[value="confirm"]')
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
    tab_to(page, ".line h3 a")
    page.keyboard.press("Enter")
    expect(page.locator("[data-pane] #reasons")).to_be_visible()
    number = int(page.locator(".line.current h3 a").get_attribute("href").rpartition("/")[2])  # type: ignore[union-attr]
    tab_to(page, "[data-pane] #reasons")
    page.keyboard.type("Can be published with the last sentence hidden; but it attacks a group as a whole.")
    tab_to(page, 'button[value="reject"]')
    go(page, "Enter")
    db.session.rollback()
    held = db.session.scalars(select(RecourseAnswer).where(RecourseAnswer.appeal_id == number)).one()
    assert (held.outcome, held.ended) == (RecourseOutcome.REJECTED, None)
    go(page, "u")
    db.session.rollback()
    assert db.session.get_one(RecourseAnswer, held.id).ended is DecisionEnd.TAKEN_BACK
    assert page.url.endswith(f"/review/appeals/{number}")


def test_a_narrow_page_begins_at_its_top_with_the_queues_in_one_row(visit: Visitor, sample: dict[str, str]) -> None:
    page = visit(LIST, width=PHONE, cookie=sample["moderator"]).page
    assert page.evaluate("scrollY") == 0
    assert page.locator(".line.current").count() == 1
    assert (page.locator(".line").first.bounding_box() or {})["y"] < 400  # a line is on the first screen
    assert page.locator(".tabs a").last.evaluate("it => it.getBoundingClientRect().width > 0")
    assert not page.locator(".by-key").is_visible()


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
    press(page, "r")
    page.locator("#return-note").focus()
    page.keyboard.type("jakhrexw?")
    assert page.locator("#return-note").input_value() == "jakhrexw?"
    assert page.url.endswith(f"/review/{number}?who=all")


@pytest.mark.parametrize(("lang", "width"), [("en", DESK), ("ar", SMALL)])
def test_without_javascript_the_same_is_done_by_buttons(
    visit: Visitor, sample: dict[str, str], lang: str, width: int
) -> None:
    visited = visit(f"/review?who=all&lang={lang}", script=False, lang=lang, width=width, cookie=sample["moderator"])
    page, found = visited.page, checks.sideways(visited.page) + visited.lasting
    page.locator(".line h3 a").first.click()
    page.wait_for_load_state()
    page.locator('button[value="publish"]').first.click()
    page.wait_for_load_state()
    page.locator("[data-undo]").click()
    page.wait_for_load_state()
    found += checks.sideways(page) + visited.lasting
    page.goto("/review?who=all")
    page.locator(".line h3 a").first.click()
    page.wait_for_load_state()
    found += checks.sideways(page) + visited.lasting
    page.locator("[data-panel=h] > summary").click()
    words = page.locator("[data-comment] > .words").first.inner_text().split(".")[0][:20]
    page.locator("#words").fill(words)
    page.locator("#cover_reason").select_option("third_person")
    page.locator("[data-hide]").click()
    page.wait_for_load_state()
    assert page.locator("#hidden-words + ol li").count() >= 1
    found += checks.sideways(page) + visited.lasting
    page.goto("/review?who=all")
    for box in page.locator("[name=pick]").all()[:2]:
        box.check()
    page.locator(".under button:not([name])").click()
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
