"""A whole filing with every kind of question, by somebody without JavaScript and without an account."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from consult.core.db import db
from consult.submissions.model import Comment, Submission
from tests.browser import checks
from tests.browser.conftest import DESK, SMALL, Visitor

pytestmark = pytest.mark.browser
SLUG = "action-plan-2027-2030"


def submit(page: Page) -> None:
    """Presses the page's own button, whatever language it speaks."""
    page.locator('main form[method="post"] .buttons button.button').first.click()
    page.wait_for_load_state()


def test_a_question_that_follows_is_shown_once_its_answer_is_chosen(visit: Visitor, sample: dict[str, str]) -> None:
    page = visit(f"/c/{SLUG}/respond/questions").page
    follows = page.get_by_label("Who is turned away, and why?")
    expect(follows).to_be_hidden()
    page.get_by_label("Yes, but some people are turned away").check()
    expect(follows).to_be_visible()


@pytest.mark.parametrize(("lang", "width"), [("en", DESK), ("ar", SMALL)])
def test_every_kind_of_question_is_answered_and_sent_without_javascript(
    visit: Visitor, sample: dict[str, str], lang: str, width: int
) -> None:
    visited = visit(f"/c/{SLUG}/respond/questions?lang={lang}", script=False, lang=lang, width=width)
    page, found = visited.page, {}

    def look(step: str) -> None:
        found[step] = checks.sideways(page) + checks.markup(page.content()) + visited.lasting

    look("questions")
    page.get_by_label("What is missing from the draft?").fill("Alcohol.")
    page.get_by_label("Yes, but some people are turned away").check()
    page.get_by_label("Cost", exact=True).check()
    page.locator('input[name^="other_"]').fill("The bus")
    page.get_by_label("4", exact=True).check()
    page.get_by_label("Data and early warning").select_option("1")
    page.get_by_label("Other income for growers").select_option("2")
    page.get_by_label("Who is turned away, and why?").fill("Women with children.")
    submit(page)
    page.goto(f"/c/{SLUG}/respond/about")
    page.locator('input[name="speaks"][value="none"]').check()
    submit(page)
    look("check")
    submit(page)
    look("receipt")
    reference = page.locator("#reference").inner_text()
    said = {row.body for row in _comments(reference)}
    assert said == {
        "Alcohol.", "Yes, but some people are turned away", "Women with children.", "Cost\nThe bus", "4",
        "1. Data and early warning\n2. Other income for growers",
    }  # fmt: skip
    assert {step: problems for step, problems in found.items() if problems} == {}


def _comments(reference: str) -> list[Comment]:
    db.session.rollback()
    wanted = select(Comment).join(Submission, Submission.id == Comment.submission_id)
    return list(db.session.scalars(wanted.where(Submission.reference == reference)))
