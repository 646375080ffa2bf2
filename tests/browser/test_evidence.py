"""Evidence in the browser: sent with and without JavaScript, over a broken line, looked at by moderators, and found."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from playwright.sync_api import FilePayload, Page, Route, expect
from sqlalchemy import select

from consult.core.db import db
from consult.files import inspection
from consult.files import model as files
from consult.ledger import service as ledger
from consult.search import service as search
from consult.submissions.model import Evidence, State, Submission
from tests.browser import checks
from tests.browser.conftest import DESK, PHONE, SMALL, Visitor
from tests.files.samples import EICAR, pdf

pytestmark = pytest.mark.browser
SLUG = "action-plan-2027-2030"
STUDY = FilePayload(name="study.pdf", mimeType="application/pdf", buffer=pdf())


@pytest.fixture(scope="module")
def looked_at(application: Flask, sample: dict[str, str]) -> dict[str, str]:
    """The sample with its files checked and its words indexed, as worker and clock do."""
    for file_id in db.session.scalars(
        select(files.StoredFile.id).where(files.StoredFile.state != files.State.HELD)
    ).all():
        with application.app_context():
            assert inspection.check_file(file_id)
    ledger.number_entries(db.session())
    while search.FOLLOWER.follow_site(db.session()):
        db.session.commit()
    search.index_checked_files(db.session())
    db.session.commit()
    return sample


def choose(page: Page, file: FilePayload = STUDY) -> None:
    page.locator('input[type="file"]').set_input_files(file)
    page.locator('input[name="consent"]').check()


def press(page: Page) -> None:
    """Presses the page's own button, whatever language it speaks."""
    page.locator('main form[method="post"] .buttons button.button').first.click()


def describe(page: Page) -> None:
    page.locator("#description").fill("Deaths fell by a third")
    page.locator('input[name="kind"][value="study"]').check()
    press(page)


@pytest.mark.parametrize(("lang", "width"), [("en", DESK), ("ar", SMALL)])
def test_a_file_and_a_reference_are_put_into_a_draft_without_javascript(
    visit: Visitor, sample: dict[str, str], lang: str, width: int
) -> None:
    visited = visit(f"/c/{SLUG}/respond/evidence?lang={lang}", script=False, lang=lang, width=width)
    page, found = visited.page, {}

    def look(step: str) -> None:
        found[step] = checks.sideways(page) + checks.markup(page.content()) + visited.lasting

    look("nothing yet")
    with page.expect_navigation():
        page.locator(f'a[href="/c/{SLUG}/respond/evidence/file"]').click()
    look("choose a file")
    choose(page)
    with page.expect_navigation():
        press(page)
    look("describe it")
    with page.expect_navigation():
        describe(page)
    look("a file")
    with page.expect_navigation():
        page.locator(f'a[href="/c/{SLUG}/respond/evidence/reference"]').click()
    page.locator("#reference").fill("https://doi.org/10.1000/182")
    with page.expect_navigation():
        describe(page)
    look("a reference too")
    assert "study.pdf" in page.content()
    assert "10.1000/182" in page.content()
    assert {step: problems for step, problems in found.items() if problems} == {}


def test_after_a_broken_line_the_file_stays_chosen_and_one_press_sends_it(
    visit: Visitor, sample: dict[str, str]
) -> None:
    page = visit(f"/c/{SLUG}/respond/evidence/file").page
    tries: list[str] = []

    def break_the_first(route: Route) -> None:
        if route.request.method == "POST":
            tries.append(route.request.url)
        if tries and len(tries) == 1:
            route.abort("connectionreset")
        else:
            route.continue_()

    choose(page)
    page.route("**/respond/evidence/file", break_the_first)
    press(page)
    expect(page.locator("[data-told]")).to_contain_text("Nothing is lost")
    assert page.locator('input[type="file"]').evaluate("it => it.files.length") == 1
    assert page.locator('input[name="consent"]').is_checked()
    expect(page.locator("[data-progress]")).to_be_hidden()
    press(page)
    page.wait_for_url("**/respond/evidence/*")
    expect(page.locator("#description")).to_be_visible()
    assert len(tries) == 2
    assert "study.pdf" in page.content()


def test_how_far_a_file_has_been_sent_is_shown(visit: Visitor, sample: dict[str, str]) -> None:
    page = visit(f"/c/{SLUG}/respond/evidence/file").page
    held: list[Route] = []
    page.route("**/respond/evidence/file", lambda route: held.append(route))
    choose(page)
    press(page)
    expect(page.locator("[data-progress] progress")).to_be_visible()
    page.wait_for_function("() => document.querySelector('[data-progress] span').textContent.endsWith('%')")
    held[0].continue_()
    expect(page.locator("#description")).to_be_visible()


def test_a_refused_file_is_told_at_its_field_and_what_was_ticked_stays(visit: Visitor, sample: dict[str, str]) -> None:
    page = visit(f"/c/{SLUG}/respond/evidence/file").page
    choose(page, FilePayload(name="table.csv", mimeType="text/csv", buffer=b"a;b\n" + EICAR))
    press(page)
    expect(page.locator("#file-error")).to_contain_text("known virus")
    expect(page.locator("[data-focus]")).to_be_focused()
    assert page.locator('input[name="consent"]').is_checked()
    assert checks.accessibility(page) == []
    page.locator('input[type="file"]').set_input_files(STUDY)
    press(page)
    expect(page.locator("#description")).to_be_visible()


@pytest.mark.parametrize("script", [True, False])
def test_a_moderator_sees_pages_blurred_until_they_ask(visit: Visitor, looked_at: dict[str, str], script: bool) -> None:
    theirs = select(Submission.id).join(Evidence).join(files.StoredFile, files.StoredFile.id == Evidence.file_id)
    wanted = theirs.where(Submission.state == State.PENDING, files.StoredFile.state == files.State.CLEAN)
    number = db.session.scalars(wanted).one()
    visited = visit(f"/review/{number}", cookie=looked_at["moderator"], script=script)
    page = visited.page
    page.locator("details", has=page.locator(".sheet")).locator("summary").click()
    sheet, box = page.locator(".sheet").first, page.locator(".veil input").first
    expect(sheet).to_have_css("filter", re.compile(r"blur\(\d+px\)"))
    if script:
        assert checks.accessibility(page) == []
    box.focus()
    page.keyboard.press("Space")
    expect(box).to_be_checked()
    expect(sheet).to_have_css("filter", "none")
    assert page.locator('a[href*="/original"]').count() == 0
    assert visited.lasting == []


@pytest.mark.parametrize(("lang", "width"), [("en", DESK), ("ar", PHONE), ("en", SMALL)])
def test_public_evidence_is_listed_found_and_read(
    visit: Visitor, looked_at: dict[str, str], lang: str, width: int
) -> None:
    visited = visit(f"/evidence?lang={lang}", lang=lang, width=width)
    page, found = visited.page, {}

    def look(step: str) -> None:
        page.wait_for_load_state()
        found[step] = (
            checks.accessibility(page) + checks.sideways(page) + checks.spaced(page) + checks.markup(page.content())
            + visited.lasting
        )  # fmt: skip

    look("the list")
    if not page.locator("#q").is_visible():  # folded on a phone
        page.locator('details:has(form[role="search"]) > summary').first.click()
    page.locator("#q").fill("naloxone kit")
    page.locator('form[role="search"] button.button').click()
    look("the words")
    expect(page.locator("mark").first).to_have_text("Naloxone")
    page.locator(".comments h2 a").first.click()
    look("the piece")
    with page.expect_download() as handed:
        page.locator("a[download]").click()
    assert handed.value.suggested_filename.endswith("-1.pdf")
    page.locator(".tags a").first.click()
    look("the topic")
    assert {step: problems for step, problems in found.items() if problems} == {}
