"""Saying together what others say: told before sending, signed by another organisation, with a mandate file."""

from __future__ import annotations

import pytest

from tests.browser import checks
from tests.browser.conftest import DESK, PHONE, Visitor
from tests.browser.test_three_ways import SLUG, Steps
from tests.files.samples import pdf

pytestmark = pytest.mark.browser
MINUTES = {"name": "minutes.pdf", "mimeType": "application/pdf", "buffer": pdf("Minutes")}
KINDS = [("en", DESK, True), ("ar", PHONE, True), ("ar", DESK, False), ("en", PHONE, False)]
SEND = f'form[action="/c/{SLUG}/respond/check"] button.button'


def write(steps: Steps, words: str) -> None:
    steps.visited.go(f"/c/{SLUG}/respond/comment/2.2")
    steps.page.locator('input[name="stance"][value="support"]').check()
    steps.page.locator('textarea[name="body"]').fill(words)
    steps.press()
    steps.visited.go(f"/c/{SLUG}/respond/about")


@pytest.mark.parametrize(("lang", "width", "script"), KINDS)
def test_who_is_about_to_send_a_letter_is_told_how_many_have_and_sends_it_all_the_same(
    visit: Visitor, sample: dict[str, str], lang: str, width: int, script: bool
) -> None:
    steps = Steps(visit(f"/c/{SLUG}/campaigns", lang=lang, width=width, script=script), script, {})
    page = steps.page
    page.locator(f'main a[href^="/c/{SLUG}/campaigns/"]').first.click()
    page.wait_for_load_state()
    write(steps, page.locator("main blockquote").first.inner_text())
    page.locator('input[name="speaks"][value="none"]').check()
    steps.press()
    steps.look("check")
    notice = page.locator(".notice", has=page.locator('a[href*="/campaigns/"]'))
    assert notice.count() == 1
    assert notice.locator('a[href$="/respond/comment/2.2"]').count() == 1, "to say what differs"
    steps.press(SEND)
    assert page.locator("#reference").count() == 1
    assert steps.found == {}


@pytest.mark.parametrize(("lang", "width", "script"), KINDS)
def test_an_organisation_attaches_its_mandate_file(
    visit: Visitor, sample: dict[str, str], lang: str, width: int, script: bool
) -> None:
    visited = visit(f"/?lang={lang}", lang=lang, width=width, script=script, cookie=sample["contributor"])
    steps = Steps(visited, script, {})
    page = steps.page
    write(steps, f"We speak together, in {lang} at {width}.")
    page.locator('input[name="speaks"]').first.check()
    steps.press()
    steps.press(SEND)
    page.locator('main a.button[href*="/r/"]').click()
    page.wait_for_url("**/r/**")
    page.locator('a[href$="/join#mandate"]').click()
    page.wait_for_url("**/join#mandate")
    steps.look("sign it together")
    steps.press("form[enctype] button.button")
    steps.look("nothing chosen")
    page.locator('input[name="file"]').set_input_files(MINUTES)  # type: ignore[arg-type]
    page.locator('textarea[name="description"]').fill("Decided by the assembly.")
    steps.press("form[enctype] button.button")
    steps.look("with a mandate")
    assert page.get_by_text("minutes.pdf").count() == 1
    assert steps.found == {}
    assert checks.sideways(page) == []
