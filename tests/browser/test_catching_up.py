"""The page on which somebody says where their words go, once the paragraph they were on was removed or rewritten."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from consult.documents import queries as documents
from consult.submissions.anchors import carry_forward
from consult.submissions.anchors.selectors import anchor_at
from consult.submissions.content.draft import DraftComment
from consult.submissions.drafts import service as drafts
from consult.submissions.drafts.service import DraftOwner
from consult.submissions.model import Stance
from tests import factories
from tests.browser import checks
from tests.browser.conftest import DESK, SMALL, Visitor, _cookie
from tests.factories import publish_next
from tests.submissions.drafts.test_rebase import FIRST, SECOND

pytestmark = pytest.mark.browser
WORDS = "Members shall meet twice a year in the capital."
REMOVED = SECOND
REWRITTEN = FIRST.replace(WORDS, WORDS.replace("shall", "shall not"))  # a word that turns it: a person looks


@pytest.mark.parametrize(("lang", "width", "scheme"), [("en", DESK, "light"), ("ar", SMALL, "dark")])
@pytest.mark.parametrize("text", [REMOVED, REWRITTEN], ids=["removed", "rewritten"])
def test_where_words_go_can_be_chosen_by_everybody(
    visit: Visitor, application: Flask, session: Session, lang: str, width: int, scheme: str, text: str
) -> None:
    it, author = factories.with_draft(session, FIRST), factories.account(session, language=lang)
    carry_forward._relocators.clear()
    place = documents.ids_by_number(session, it.version_id or 0)["1.2"]
    drafts.save_comment(
        session,
        consultation_id=it.id,
        owner=DraftOwner(author.id),
        provision_id=place,
        seen="",
        comment=DraftComment("Twice a year is too often.", Stance.CONCERN, anchor_at(WORDS, 0, len(WORDS))),
    )
    publish_next(session, it, text)
    visited = visit(f"/c/{it.slug}/respond?lang={lang}", cookie=_cookie(application, author), lang=lang, width=width,
                    scheme=scheme)  # fmt: skip
    page, found = visited.page, {}

    def look(step: str) -> None:
        wrong = checks.accessibility(page) + checks.sideways(page) + checks.spaced(page)
        found[step] = wrong + checks.markup(page.content())

    look("respond")
    visited.go(f"/c/{it.slug}/respond/check")
    look("check")
    visited.go(f"/c/{it.slug}/respond/comment/1.2/move?version=1")
    assert bool(page.locator("input[value=there]").count()) is (text is REWRITTEN)
    look("move")
    page.locator("input[value=other]").check()
    page.locator("input[name=key]").fill("9.9")
    page.locator("main form button").click()
    page.wait_for_load_state()
    look("refused")
    page.locator("input[name=key]").fill("1.3")
    page.locator("main form button").click()
    page.wait_for_load_state()
    assert page.url.endswith("/respond")
    look("moved")
    assert {step: problems for step, problems in found.items() if problems} == {}
