"""A policymaker publishes the next draft, and readers see what changed; every page of it is looked at."""

from __future__ import annotations

import pytest

from tests.browser import checks
from tests.browser.conftest import DESK, SMALL, Visitor
from tests.browser.test_setting_up import DRAFT, fill_in, submit

pytestmark = pytest.mark.browser
TABLE = "\n\n| Year | Money |\n| --- | --- |\n| 2027 | 10 million |\n\n[^1]: A footnote.\n"


@pytest.mark.parametrize(("lang", "width"), [("en", DESK), ("ar", SMALL)])
def test_every_step_of_the_next_draft_can_be_used_by_everybody(
    visit: Visitor, sample: dict[str, str], lang: str, width: int
) -> None:
    page = visit("/desk/consultations/new", cookie=sample["policymaker"], lang="en", width=width).page
    found: dict[str, list[str]] = {}

    def look(step: str) -> None:
        found[step] = checks.accessibility(page) + checks.sideways(page) + checks.markup(page.content())

    page.goto(f"/desk/consultations/new?lang={lang}")
    fill_in(page)
    submit(page)
    here = page.url
    page.goto(f"{here}/draft")
    page.set_input_files("#file", DRAFT)
    submit(page, "save")
    page.goto(f"{here}/publish")
    submit(page)
    page.goto(f"{here}/next")
    text = page.input_value("#text")
    page.fill("#text", text.replace("civil society", "organisations of civil society").rstrip() + TABLE)
    submit(page, "preview")
    look("preview")
    page.locator('button[value="correct-2"]').click()
    page.wait_for_load_state()
    look("correction")
    submit(page, "apply-2")
    submit(page, "save")
    look("map")
    page.locator("section.card a").first.click()
    page.wait_for_load_state()
    look("origin")
    page.goto(f"{here}/next/discard")
    look("drop it?")
    page.goto(f"{here}/next/map")
    page.locator('form[action$="/next/publish"] button').first.click()
    page.wait_for_load_state()
    look("published")
    public = page.locator('main a[href^="/c/"]').first.get_attribute("href")
    for path in ("changes", "changes?view=beside&all=1", "print", "draft?whole=1"):
        page.goto(f"{public}/{path}")
        look(path)
    assert page.locator("main table").count() == 1
    assert {step: problems for step, problems in found.items() if problems} == {}


def test_the_next_draft_is_published_without_javascript(visit: Visitor, sample: dict[str, str]) -> None:
    page = visit("/desk/consultations/new", cookie=sample["policymaker"], script=False).page
    fill_in(page)
    submit(page)
    here = page.url
    page.goto(f"{here}/draft")
    page.set_input_files("#file", DRAFT)
    submit(page, "save")
    page.goto(f"{here}/publish")
    submit(page)
    page.goto(f"{here}/next")
    page.fill("#text", page.input_value("#text").replace("civil society", "organisations of civil society"))
    submit(page, "save")
    page.locator('form[action$="/next/publish"] button').first.click()
    page.wait_for_load_state()
    assert page.get_by_text("Version 2 of the draft published.").is_visible()
