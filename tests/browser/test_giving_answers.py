"""A policymaker answers an argument in a browser: the form, its check, a mistake, and what the public sees after."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from consult.arguments.model import Argument
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.db import db
from tests.browser import checks
from tests.browser.conftest import DESK, SMALL, Visitor

pytestmark = pytest.mark.browser
WAITS = "Train staff, and protect those who act"


def argument(name: str) -> tuple[int, str]:
    """The number of an argument of the sample, and the slug of its consultation."""
    db.session.rollback()
    row = db.session.scalars(select(Argument).where(Argument.name == name)).one()
    return row.id, db.session.get_one(Consultation, row.consultation_id).slug


def wrong(page: Page) -> list[str]:
    return [*checks.accessibility(page), *checks.sideways(page), *checks.spaced(page), *checks.markup(page.content())]


@pytest.mark.parametrize(("name", "script", "width"), [
    (WAITS, True, DESK), ("Naloxone belongs with those who are there first", False, SMALL),
])  # fmt: skip
def test_an_answer_is_given_with_and_without_javascript(
    visit: Visitor, sample: dict[str, str], name: str, script: bool, width: int
) -> None:
    number, slug = argument(name)
    visited = visit(f"/desk/arguments/{number}/answer", cookie=sample["policymaker"], script=script, width=width)
    page = visited.page
    page.get_by_role("button", name="Check the answer").click()
    expect(page.get_by_role("alert")).to_contain_text("Enter the reasons")
    page.get_by_label("Accepted in part").check()
    page.get_by_label("Reasons for the answer").fill(
        "Training comes first.\n\nThe rest is for the collective agreement."
    )
    page.get_by_label("What will be done?").fill("Train staff in every prison")
    for part, typed in (("", "1"), ("-month", "6"), ("-year", str(now().year + 2))):
        page.fill(f"#action_due{part}", typed)
    page.get_by_role("button", name="Check the answer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check the answer")
    page.get_by_role("button", name="Change the answer").click()
    expect(page.get_by_label("Reasons for the answer")).to_have_value(re.compile("collective agreement"))
    page.get_by_role("button", name="Check the answer").click()
    page.get_by_role("button", name="Publish the answer").click()
    expect(page.get_by_text("Published. In the morning, we e-mail the authors")).to_be_visible()
    visited.go(f"/c/{slug}/arguments/{number}")
    expect(page.get_by_text("The rest is for the collective agreement.")).to_be_visible()


@pytest.mark.parametrize(("lang", "width"), [("en", DESK), ("ar", SMALL)])
def test_the_form_its_mistakes_and_its_check_are_fit_for_everybody(
    visit: Visitor, sample: dict[str, str], lang: str, width: int
) -> None:
    number, _slug = argument("Sixty per cent is too low, or is not coverage")
    visited = visit(f"/desk/arguments/{number}/answer", cookie=sample["admin"], lang=lang, width=width)
    page = visited.page
    assert wrong(page) == []
    page.locator("button[value=check]").click()
    assert page.locator(".errors").count() == 1
    assert wrong(page) == []
    page.locator("input[value=not_accepted]").check()
    page.locator("textarea").fill("The number was agreed.")
    page.locator("button[value=check]").click()
    assert page.locator("button[value=publish]").count() == 1
    assert wrong(page) == []
    visited.go(f"/desk/arguments/{number}/answer")
    assert page.locator("textarea").input_value() == "The number was agreed.", "what was checked is kept"
    assert wrong(page) == []
    page.locator("a[href$='/discard']").click()
    assert wrong(page) == []
    page.locator("main form button").click()
    assert page.locator("textarea").input_value() == ""


def test_a_half_typed_answer_is_saved_while_typing_and_a_second_window_overwrites_nothing(
    visit: Visitor, sample: dict[str, str]
) -> None:
    number, _slug = argument("Sixty per cent is too low, or is not coverage")
    here = f"/desk/arguments/{number}/answer"
    one, two = visit(here, cookie=sample["policymaker"]), visit(here, cookie=sample["policymaker"])
    one.page.get_by_label("Reasons for the answer").fill("From the first window.")
    expect(one.page.locator("[data-told]")).to_contain_text(re.compile(r"^Saved \d\d:\d\d$"), timeout=20_000)
    two.page.get_by_label("Reasons for the answer").fill("From the second window.")
    expect(two.page.locator("[data-told]")).to_contain_text("changed elsewhere", timeout=20_000)
    two.page.get_by_role("button", name="Save for later").click()
    expect(two.page.get_by_text("There are two versions of your unfinished answer")).to_be_visible()
    expect(two.page.get_by_label("Reasons for the answer")).to_have_value("From the second window.")
    expect(two.page.get_by_text("From the first window.")).to_be_visible()
    assert wrong(two.page) == []
    two.page.get_by_role("button", name="Save for later").click()
    expect(two.page.get_by_text("This is your unfinished answer")).to_be_visible()
    one.go(f"{here}/discard")
    one.page.locator("main form button").click()
    expect(one.page.get_by_label("Reasons for the answer")).to_have_value("")
