"""Staff of two bodies in two browsers: each sees only its own, until they ask together and both have said yes."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from consult.accounts.service import find_by_email
from consult.bodies.model import PublicBody
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.db import db
from tests.bodies.test_joint import drafted
from tests.browser import checks
from tests.browser.conftest import DESK, Visitor

pytestmark = pytest.mark.browser
COUNCIL = "inter-ministerial-council-on-prison-health-sample"
JUSTICE = "ministry-of-justice-sample"


def draft_of_the_council() -> Consultation:
    session = db.session()
    owner = find_by_email(session, "daniel@example.org")
    assert owner is not None
    body = session.scalars(select(PublicBody).where(PublicBody.slug == COUNCIL)).one()
    answer_by = (now() + timedelta(days=60)).date()
    row = drafted(session, body, owner, title="Care after release", answer_by=answer_by)
    session.commit()
    return row


def is_refused(page: Page) -> bool:
    return page.get_by_text("Error code 403").count() == 1


def test_each_sees_only_its_own_and_nothing_is_published_before_both_agree(
    visit: Visitor, sample: dict[str, str]
) -> None:
    number = draft_of_the_council().id
    council = visit(f"/desk/bodies/{COUNCIL}", cookie=sample["daniel@example.org"], width=DESK)
    justice = visit(f"/desk/bodies/{JUSTICE}", cookie=sample["leila@example.org"], width=DESK)
    for visited, own, other in ((council, COUNCIL, JUSTICE), (justice, JUSTICE, COUNCIL)):
        expect(visited.page.get_by_role("heading", name="Members")).to_be_visible()
        listed = visited.go("/desk/bodies")
        assert listed.locator(f'main a[href="/desk/bodies/{own}"]').count() == 1
        assert listed.locator(f'main a[href="/desk/bodies/{other}"]').count() == 0
        assert is_refused(visited.go(f"/desk/bodies/{other}"))
    desk = f"/desk/consultations/{number}"
    assert justice.go("/desk/consultations").get_by_text("Care after release").count() == 0
    assert is_refused(justice.go(desk))

    page = council.go(f"{desk}/bodies")
    page.get_by_label("Another body").select_option(label="Ministry of Justice (sample)")
    page.get_by_label("Consults with you", exact=False).check()
    page.get_by_role("button", name="Add another body", exact=True).click()
    expect(page.get_by_text("Not yet approved")).to_be_visible()
    assert checks.accessibility(page) + checks.sideways(page) == []
    council.go(f"{desk}/publish")
    expect(page.get_by_text("Still missing")).to_be_visible()
    expect(page.locator("main")).to_contain_text(re.compile("still have to approve: Ministry of Justice"))
    assert page.get_by_role("button", name="Publish", exact=True).count() == 0

    theirs = justice.go("/desk/consultations")
    theirs.get_by_role("link", name="Care after release").click()
    assert is_refused(justice.go(f"{desk}/about"))
    justice.go(f"{desk}/bodies").get_by_role("button", name="Approve for this body").click()
    expect(theirs.get_by_text("Also consults (approved on")).to_be_visible()

    council.go(f"{desk}/publish").get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_role("button", name="Publish", exact=True)).to_have_count(0)
    db.session.rollback()
    slug = db.session.get_one(Consultation, number).slug
    for body in (COUNCIL, JUSTICE):
        assert council.go(f"/b/{body}").locator(f'main a[href="/c/{slug}"]').count() >= 1
