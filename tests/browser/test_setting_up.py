"""A policymaker sets up a consultation in the browser; each step and each mistake is looked at."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

from consult.cli.sample.files import FOLDER
from tests.browser import checks
from tests.browser.conftest import DESK, SMALL, Visitor

pytestmark = pytest.mark.browser
DRAFT: Path = FOLDER / "drafts" / "action-plan.md"
WRONG = f"# Plan\n\n## 1 Aims\n\n1.1 One.\n\n1.2 Two{' word' * 4001}."
DOUBTFUL = (
    "# Plan\n\n## Article 1 Aims\n\n1. Each Party shall test.\n\n1. Each Party shall treat.\n\n## Article 2\n\n2. Last."
)


def fill_in(page: Page) -> None:
    for name, words in {"title": "Draft Plan", "summary": "Tell us.", "purpose": "Why."}.items():
        page.fill(f"#{name}", words)
    page.fill("#timezone", "Vienna")
    fill_day(page, "opens_at", "28", "3", "2090", "08:00")
    fill_day(page, "closes_at", "31", "5", "2090", "17:00")


def fill_day(page: Page, name: str, *parts: str) -> None:
    for own, part in zip(("", "-month", "-year", "-time"), parts, strict=False):
        page.fill(f"#{name}{own}", part)


def press(page: Page, label: str) -> None:
    page.get_by_role("button", name=label, exact=True).click()
    page.wait_for_load_state()


def submit(page: Page, do: str = "") -> None:
    """Presses the form's own button, whatever language it speaks."""
    chosen = f'main form button[value="{do}"]' if do else "main form:not([action]) button.button:not(.second)"
    page.locator(chosen).first.click()
    page.wait_for_load_state()


@pytest.mark.parametrize(("lang", "width"), [("en", DESK), ("ar", SMALL)])
def test_every_step_of_setting_up_can_be_used_by_everybody(
    visit: Visitor, sample: dict[str, str], lang: str, width: int
) -> None:
    page = visit("/desk/consultations/new", cookie=sample["policymaker"], lang="en", width=width).page
    found: dict[str, list[str]] = {}

    def look(step: str) -> None:
        found[step] = checks.accessibility(page) + checks.sideways(page) + checks.markup(page.content())

    page.goto(f"/desk/consultations/new?lang={lang}")
    look("new")
    submit(page)
    look("nothing filled in")
    fill_in(page)
    fill_day(page, "opens_at", "26", "3", "2090", "02:30")  # clocks are put forward in Vienna on that day
    submit(page)
    look("a time that does not exist")
    fill_day(page, "opens_at", "26", "3", "2090", "08:00")
    submit(page)
    here = page.url
    look("to do")
    page.goto(f"{here}/draft")
    look("no draft yet")
    page.fill("#text", WRONG)
    submit(page, "save")
    look("problems by line")
    page.set_input_files("#file", DRAFT)
    submit(page, "preview")
    look("preview")
    submit(page, "save")
    look("saved")
    page.goto(f"{here}/questions")
    for wording in ("What is missing?", "What comes first?"):
        page.fill("#wording", wording)
        submit(page)
    look("questions")
    page.locator(".entries a.button").first.click()
    page.wait_for_load_state()
    look("one question")
    page.goto(f"{here}/publish")
    look("check")
    submit(page)
    look("published")
    assert {step: problems for step, problems in found.items() if problems} == {}


def test_a_line_that_is_wrong_is_one_press_away(visit: Visitor, sample: dict[str, str]) -> None:
    page = visit("/desk/consultations/new", cookie=sample["policymaker"]).page
    fill_in(page)
    press(page, "Save and continue")
    page.goto(f"{page.url}/draft")
    page.fill("#text", WRONG)
    press(page, "Save the draft")
    page.get_by_role("link", name="Line 7").click()
    marked = page.evaluate("() => getSelection().toString()")
    assert marked.startswith("1.2 Two word")


@pytest.mark.parametrize(("lang", "width"), [("en", DESK), ("ar", SMALL)])
def test_an_outline_is_mended_by_keyboard(visit: Visitor, sample: dict[str, str], lang: str, width: int) -> None:
    page = visit("/desk/consultations/new", cookie=sample["policymaker"], width=width).page
    fill_in(page)
    submit(page)
    page.goto(f"{page.url}/draft?lang={lang}")
    page.fill("#text", DOUBTFUL)
    submit(page, "preview")
    assert checks.accessibility(page) + checks.sideways(page) + checks.markup(page.content()) == []
    page.locator("[data-place='2']").focus()
    with page.expect_navigation():
        page.keyboard.press("j")
    assert "1. Each Party shall test.\n\n1" in page.input_value("#text")
    assert page.evaluate("() => document.activeElement.dataset.place") == "1"
    page.locator("[data-place='1']").focus()
    with page.expect_navigation():
        page.keyboard.press("s")
    assert page.locator("#correction").is_visible()
    assert checks.accessibility(page) + checks.sideways(page) + checks.markup(page.content()) == []


def test_a_consultation_is_set_up_without_javascript(visit: Visitor, sample: dict[str, str]) -> None:
    page = visit("/desk/consultations/new", cookie=sample["policymaker"], script=False).page
    fill_in(page)
    press(page, "Save and continue")
    here = page.url
    page.goto(f"{here}/draft")
    page.set_input_files("#file", DRAFT)
    press(page, "Save the draft")
    page.goto(f"{here}/publish")
    press(page, "Publish")
    assert page.get_by_text("Consultation published.").is_visible()
