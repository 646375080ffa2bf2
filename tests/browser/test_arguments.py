"""Work on arguments by keyboard alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page
from sqlalchemy import select

from consult.arguments.model import Argument, MergeSuggestion
from consult.consultations.model import Consultation
from consult.core.db import db
from tests.browser.conftest import Visitor

pytestmark = pytest.mark.browser
SLUG, PLACE = "action-plan-2027-2030", "chp_2__para_1"


def suggest_all() -> None:
    """Every two arguments of the place that take one stance are suggested to be one."""
    row = db.session.scalars(select(Consultation).where(Consultation.slug == SLUG)).one()
    here = (Argument.consultation_id == row.id, Argument.place == PLACE, Argument.statements > 0)
    found = db.session.execute(select(Argument.id, Argument.stance).where(*here).order_by(Argument.id)).all()
    pairs = [(one, other) for one, stance in found for other, same in found if one < other and stance == same]
    assert len(pairs) > 1
    for one, other in pairs:
        db.session.merge(MergeSuggestion(consultation_id=row.id, argument_id=one, other_id=other, likeness=0.7))
    db.session.commit()


def go(page: Page, key: str) -> None:
    """Presses a key that leads to another page."""
    with page.expect_navigation():
        page.keyboard.press(key)


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id"))


def test_pairs_are_decided_named_and_taken_back_by_keys(visit: Visitor, sample: dict[str, str]) -> None:
    suggest_all()
    visited = visit(f"/desk/arguments/of/{SLUG}?at={PLACE}", cookie=sample["moderator"])
    page = visited.page
    pairs = page.locator("[id^=pair-]")
    all_pairs = pairs.count()
    go(page, "k")
    assert pairs.count() == all_pairs - 1
    go(page, "u")
    assert pairs.count() == all_pairs
    page.keyboard.press("e")
    assert focused(page).startswith("name-")
    page.keyboard.type("mk")
    assert pairs.count() == all_pairs, "a letter that is typed is a letter"
    for _pair in range(all_pairs):
        page.keyboard.press("Escape")
        page.keyboard.press("j")
    page.keyboard.press("e")
    page.keyboard.press("Control+A")
    page.keyboard.type("One sentence that all would sign")
    go(page, "Enter")
    assert "One sentence that all would sign" in page.locator(".undo").inner_text()
    page.keyboard.press("?")
    assert page.locator("#keys").is_visible()
    assert not visited.complaints
