"""The three ways to file, end to end: with an account, without one, without identity; with and without JavaScript."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page
from sqlalchemy import select

from consult.core.db import db
from consult.submissions.model import Comment, Evidence, Submission
from tests.browser import checks
from tests.browser.conftest import DESK, PHONE, Visit, Visitor
from tests.files.samples import jpeg

pytestmark = pytest.mark.browser
SLUG = "action-plan-2027-2030"
WORDS = "Sixty per cent is low."
PICTURE = {"name": "queue.jpg", "mimeType": "image/jpeg", "buffer": jpeg(320, 200)}


@dataclass
class Steps:
    """A page that is looked at after each step; gives what was wrong where."""

    visited: Visit
    script: bool
    found: dict[str, list[str]]

    @property
    def page(self) -> Page:
        return self.visited.page

    def look(self, step: str) -> None:
        wrong = checks.sideways(self.page) + checks.markup(self.page.content())
        wrong += [said for said in self.visited.lasting if "422" not in said]  # what must be mended first
        wrong += checks.accessibility(self.page) if self.script else []
        self.found |= {step: wrong} if wrong else {}

    def press(self, button: str = 'main form[method="post"] .buttons button.button:not(.second)') -> None:
        """Presses a button and waits for the page that answers; the one it is on goes."""
        self.page.evaluate("document.body.dataset.old = 'yes'")
        self.page.locator(button).first.click()
        self.page.wait_for_selector("body:not([data-old])")
        self.page.wait_for_load_state()


def write(steps: Steps, path: str) -> None:
    steps.visited.go(path)
    steps.look("reading room")
    form = steps.page.locator('a[href$="/respond/comment/2.1"]').first.get_attribute("href")
    assert form is not None
    steps.visited.go(form)  # as its address; a press opens it in place: test_in_place.py
    steps.look("comment")
    steps.press()
    steps.look("comment without words")
    steps.page.locator('input[name="stance"][value="drop"]').check()
    steps.page.locator('textarea[name="body"]').fill(WORDS)
    steps.press()
    steps.look("reading room with a draft")


def add_file(steps: Steps) -> None:
    steps.visited.go(f"/c/{SLUG}/respond/evidence/file")
    steps.look("evidence")
    steps.page.locator('input[type="file"]').set_input_files(PICTURE)  # type: ignore[arg-type]
    steps.page.locator('input[name="consent"]').check()
    steps.press()
    steps.look("what it shows")
    steps.page.locator('textarea[name="description"]').fill("A queue at the only clinic.")
    steps.page.locator('input[name="kind"][value="testimony"]').check()
    steps.press()
    steps.look("evidence so far")


def introduce(steps: Steps, name: str) -> None:
    steps.visited.go(f"/c/{SLUG}/respond/about")
    steps.look("about")
    steps.page.locator('input[name="speaks"][value="pseudonym"]').check()
    steps.page.locator('input[name="person_name"]').fill(name)
    steps.press()
    steps.look("check")


def filed(reference: str) -> tuple[Submission, list[str], int]:
    """The submission, its words, and how many pieces of evidence there are."""
    db.session.rollback()
    row = db.session.scalars(select(Submission).where(Submission.reference == reference)).one()
    said = db.session.scalars(select(Comment.body).where(Comment.submission_id == row.id)).all()
    evidence = db.session.scalars(select(Evidence.id).where(Evidence.submission_id == row.id)).all()
    return row, list(said), len(evidence)


KINDS = [("en", DESK, True), ("ar", PHONE, True), ("ar", DESK, False), ("en", PHONE, False)]


@pytest.mark.daily
@pytest.mark.parametrize(("lang", "width", "script"), KINDS)
@pytest.mark.parametrize("account", [True, False], ids=["account", "no account"])
def test_a_comment_with_a_file_is_sent_and_its_receipt_opens_it(
    visit: Visitor, sample: dict[str, str], account: bool, lang: str, width: int, script: bool
) -> None:
    cookie = sample["contributor"] if account else None
    steps = Steps(visit(f"/?lang={lang}", lang=lang, width=width, script=script, cookie=cookie), script, {})
    page = steps.page
    write(steps, f"/c/{SLUG}/draft/chp_2")
    add_file(steps)
    introduce(steps, "River")
    assert WORDS in page.locator("main").inner_text()
    steps.press(f'form[action="/c/{SLUG}/respond/check"] button.button')
    steps.look("receipt")
    assert page.locator("html").get_attribute("lang") == lang
    row, said, evidence = filed(page.locator("#reference").inner_text())
    assert (said, evidence, row.person_name, row.account_id is not None) == ([WORDS], 1, "River", account)
    page.locator(f'a.button[href*="/r/{row.reference}/"]').click()
    page.wait_for_url("**/r/**")
    steps.look("where the words went")
    assert WORDS in page.locator("main").inner_text()
    page.locator('a[href$="/erase"]').click()
    page.wait_for_url("**/erase")
    steps.press('main form[method="post"] button.button')
    steps.look("erased")
    assert filed(row.reference)[1:] == ([""], 0)
    assert steps.found == {}


@pytest.mark.daily
@pytest.mark.parametrize(("lang", "width", "script"), KINDS)
def test_a_comment_is_sent_without_identity_and_found_again_with_seven_words(
    visit: Visitor, sample: dict[str, str], lang: str, width: int, script: bool
) -> None:
    steps = Steps(visit(f"/n/{SLUG}?lang={lang}", lang=lang, width=width, script=script), False, {})
    page = steps.page
    steps.look("form")
    page.locator('select[name="on_0"]').select_option(index=3)
    page.locator('input[name="stance_0"][value="drop"]').check()
    page.locator('textarea[name="body_0"]').fill(WORDS)
    steps.press('button[name="do"][value="file"]')
    steps.look("no file chosen")
    page.locator('input[name="file"]').set_input_files(PICTURE)  # type: ignore[arg-type]
    page.locator('textarea[name="shows"]').fill("A queue at the only clinic.")
    page.locator('select[name="evidence_kind"]').select_option("testimony")
    page.locator('input[name="may_share"]').check()
    steps.press('button[name="do"][value="file"]')
    steps.look("with a file")
    steps.press('button[name="do"][value="check"]')
    steps.look("check")
    steps.press('button[name="do"][value="send"]')
    steps.look("receipt")
    reference = page.locator("#reference").inner_text()
    seven = " ".join(page.locator("ol.ref li").all_inner_texts())
    row, said, evidence = filed(reference)
    assert (said, evidence, row.person_name, row.account_id, row.contact_id) == ([WORDS], 1, None, None, None)
    assert len(re.findall(r"[a-z]+", seven)) == 7
    steps.visited.go(f"/return?lang={lang}")
    page.locator('input[name="words"]').fill(seven)
    steps.press('main form[method="post"] button.button')
    steps.look("where the words went")
    assert WORDS in page.locator("main").inner_text()
    steps.press('button[name="do"][value="erase"]')
    steps.press('button[name="do"][value="erase-now"]')
    steps.look("erased")
    assert filed(reference)[1] == [""]
    assert page.context.cookies() == []
    assert steps.found == {}
