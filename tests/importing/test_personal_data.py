"""Names and addresses in imported comments are hidden without a moderator, and a moderator can show them again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.analysis.text.kept_words import find_identifying
from consult.audit.submissions import check as check_submissions
from consult.core.clock import now
from consult.core.web.access import Role
from consult.ledger.model import Kind, LedgerEntry
from consult.moderation.model import Decision
from consult.submissions import imports
from consult.submissions.model import Comment, State, Submission
from consult.submissions.values import REDACTION_BLOCK
from tests import factories
from tests.filing import numbered
from tests.forms import pressed
from tests.moderation.cases import half_a_minute_later

SignIn = Callable[[Account], FlaskClient]

LETTER = "Please keep the clinic open at night.\nSincerely,\nJane Roe\n12 Mill Road\nReno, NV 89501"
PUBLIC = f"Please keep the clinic open at night.\nSincerely,\n{REDACTION_BLOCK}"


def imported(session: Session, *, published: bool) -> Submission:
    consultation = factories.consultation(session, slug="plan")
    into = imports.get_target(session, slug="plan", source="docket", published=published)
    rows = [imports.check_record(into, source_id="1", body=LETTER)]
    assert imports.file_batch(session, into, imports.seal_batch(into, rows, find_identifying), at=now()) == 1
    session.commit()
    return session.scalars(select(Submission).where(Submission.consultation_id == consultation.id)).one()


@pytest.mark.parametrize("published", [True, False])
def test_a_name_and_an_address_are_hidden_and_the_words_are_kept(session: Session, published: bool) -> None:
    row = imported(session, published=published)
    comment = session.scalars(select(Comment)).one()
    assert (comment.body, comment.public_body) == (LETTER, PUBLIC)
    assert comment.redactions == [{"start": LETTER.index("Jane"), "end": len(LETTER), "reason": "personal_details"}]
    assert session.scalars(select(Decision)).all() == []
    numbered(session)
    assert check_submissions(session, [row.id]) == []


def test_the_ledger_says_what_was_hidden_and_names_nobody(session: Session) -> None:
    row = imported(session, published=True)
    entry = session.scalars(select(LedgerEntry).where(LedgerEntry.kind == Kind.PUBLISHED)).one()
    assert (entry.subject_id, entry.actor) == (row.id, None)
    assert entry.detail == {"was": "pending", "elsewhere": True, "covered": 1, "reasons": ["personal_details"]}
    assert entry.commitment is not None


@pytest.mark.parametrize("published", [True, False])
def test_a_moderator_shows_them_again(session: Session, client: FlaskClient, sign_in: SignIn, published: bool) -> None:
    row = imported(session, published=published)
    at = f"/c/plan/comments/{row.reference}"
    if published:
        page = client.get(at).text
        assert "Jane Roe" not in page
        assert "[hidden: " in page
    browser = sign_in(factories.account(session, Role.MODERATOR))
    review = f"/review/{row.id}"
    shown = browser.post(review, data=pressed(browser.get(review).text, ("do", "show:0")))
    browser.post(review, data=pressed(shown.text, ("outcome", "publish")))
    half_a_minute_later(session)
    assert row.state is State.PUBLISHED
    assert "Jane Roe" in client.get(at).text
    numbered(session)
    assert check_submissions(session, [row.id]) == []
