"""Hiding words: what the public reads, what the author is told, and what can never be changed."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations.model import Consultation
from consult.core.errors import Refusal
from consult.core.web.access import Role
from consult.decisions.model import Reason
from consult.ledger import service as ledger
from consult.moderation import service
from consult.moderation.hidden_words import RedactionRefused
from consult.moderation.model import DecisionOutcome
from consult.moderation.redaction import Redaction
from consult.moderation.service import ReasonMissing
from consult.submissions import service as submissions
from consult.submissions.comments import queries as comments_queries
from consult.submissions.model import Comment, Submission
from consult.submissions.values import REDACTION_BLOCK
from tests import factories
from tests.accounts.letters import letters
from tests.forms import pressed
from tests.moderation.cases import filed, half_a_minute_later
from tests.moderation.test_views import SignIn

BODY = "My cousin Ana waits. Call +51 1 234 5678. Raise the target."


@pytest.fixture
def moderator(session: Session) -> Account:
    return factories.account(session, Role.MODERATOR)


def comment_of(session: Session, row: Submission) -> Comment:
    return comments_queries.list_comments(session, row.id)[0]


def hide(session: Session, moderator: Account, row: Submission, *spans: tuple[int, int, str]) -> None:
    comment = comment_of(session, row)
    service.decide(
        session, moderator=moderator, submission_id=row.id, revision=row.revision, outcome=DecisionOutcome.PUBLISH,
        covers=[Redaction(comment.id, *span) for span in spans],
    )  # fmt: skip


def test_the_public_reads_blocks_with_reasons_and_the_words_are_kept(
    session: Session, moderator: Account, client: FlaskClient
) -> None:
    row = filed(session, body=BODY, email="rosa@example.org")
    hide(session, moderator, row, (3, 13, Reason.THIRD_PERSON), (26, 40, Reason.PERSONAL_DETAILS))
    comment = comment_of(session, row)
    assert comment.body == BODY
    assert comment.public_body == f"My {REDACTION_BLOCK} waits. Call {REDACTION_BLOCK}. Raise the target."
    consultation = session.get_one(Consultation, row.consultation_id)
    secret = submissions.author_secret(row)
    pages = ["comments", f"comments/{row.reference}", "p/1.1"]
    assert "cousin" not in client.get(f"/c/{consultation.slug}/draft/chp_1").text
    for path in pages:
        page = client.get(f"/c/{consultation.slug}/{path}").text
        assert "cousin" not in page, path
        assert "234 5678" not in page, path
        assert "[hidden: Identifies another person]" in page, path
    assert "My cousin Ana" in client.get(f"/r/{row.reference}/{secret}").text  # its author reads all of it
    letter = letters(session)[-1]
    assert "cousin Ana" in letter.text
    assert "Identifies another person" in letter.text
    entry = ledger.list_history(session, subject_id=row.id)[-1]
    assert entry.detail["covered"] == 2
    assert "cousin" not in str(entry.detail)


@pytest.mark.parametrize("span", [(-1, 3), (3, 3), (5, 2), (0, 10_000)])
def test_only_words_that_are_there_can_be_hidden(session: Session, moderator: Account, span: tuple[int, int]) -> None:
    row = filed(session, body=BODY)
    with pytest.raises(RedactionRefused):
        hide(session, moderator, row, (*span, Reason.HATE))


def test_words_of_another_submission_are_not_hidden_with_this_one(session: Session, moderator: Account) -> None:
    row, other = filed(session), filed(session)
    with pytest.raises(RedactionRefused):
        service.decide(
            session, moderator=moderator, submission_id=row.id, revision=row.revision, outcome=DecisionOutcome.PUBLISH,
            covers=[Redaction(comment_of(session, other).id, 0, 3, Reason.HATE)],
        )  # fmt: skip


def test_each_place_needs_a_reason_and_not_everything_can_be_hidden(session: Session, moderator: Account) -> None:
    row = filed(session, body=BODY)
    with pytest.raises(ReasonMissing):
        hide(session, moderator, row, (3, 13, "because"))
    with pytest.raises(RedactionRefused):
        hide(session, moderator, row, (0, len(BODY), Reason.HATE))
    with pytest.raises(Refusal):
        service.decide(
            session, moderator=moderator, submission_id=row.id, revision=row.revision, outcome=DecisionOutcome.WITHHOLD,
            reason=Reason.HATE, covers=[Redaction(comment_of(session, row).id, 0, 2, Reason.HATE)],
        )  # fmt: skip


def test_a_new_decision_shows_again_what_was_hidden(session: Session, moderator: Account) -> None:
    row = filed(session, body=BODY)
    hide(session, moderator, row, (3, 13, Reason.THIRD_PERSON))
    for outcome in (DecisionOutcome.WITHHOLD, DecisionOutcome.PUBLISH):
        service.decide(
            session, moderator=moderator, submission_id=row.id, revision=row.revision, outcome=outcome,
            reason=Reason.HATE,
        )  # fmt: skip
    assert comment_of(session, row).public_body == BODY


def test_words_are_hidden_without_javascript_by_typing_or_choosing_a_sentence(
    session: Session, moderator: Account, sign_in: SignIn
) -> None:
    row = filed(session, body=BODY + " رقم هاتفي سر.")
    browser, address = sign_in(moderator), f"/review/{row.id}"
    page = browser.get(address).text
    page = browser.post(address, data=pressed(page, ("do", "found"))).text
    assert re.search(r"<del[^>]*>\+51 1 234 5678</del>", page)
    unsaid = browser.post(address, data=pressed(page, ("do", "hide"), words="My cousin Ana"))
    assert unsaid.status_code == 422
    assert 'href="#cover_reason"' in unsaid.text
    assert "My cousin Ana</del>" not in unsaid.text
    typed = browser.post(
        address, data=pressed(page, ("do", "hide"), words="MY  cousin ana", cover_reason="third_person")
    )
    page = typed.text
    assert re.search(
        r"<del[^>]*><mark[^>]*>My cousin Ana</mark></del> waits\. Call <del", page
    )  # in the comment itself
    assert re.search(r"<del[^>]*>My cousin Ana</del>", page)
    wrong = browser.post(address, data=pressed(page, ("do", "hide"), words="not there", cover_reason="hate"))
    assert wrong.status_code == 422
    assert "These words are not in the submission" in wrong.text
    assert re.search(r"<del[^>]*>My cousin Ana</del>", wrong.text)  # what was chosen before is kept
    page = browser.post(address, data=pressed(page, ("do", "show:1"))).text
    assert "<del" in page
    assert "5678</del>" not in page
    comment = comment_of(session, row).id
    page = browser.post(address, data=pressed(page, ("do", "hide"), span=f"{comment}:42:59", cover_reason="hate")).text
    assert browser.post(address, data=pressed(page, ("outcome", "publish"))).status_code == 303
    half_a_minute_later(session)
    assert comment_of(session, row).public_body == (
        f"{REDACTION_BLOCK} waits. Call +51 1 234 5678. {REDACTION_BLOCK} رقم هاتفي سر."
    )


@pytest.mark.parametrize("covers", ["x", "{}", "[[1]]", "[[1,2,3,4,5]]", '[["a",1,2,"hate"]]', "null", "[" * 5000])
def test_forged_lists_of_hidden_words_hide_nothing(
    session: Session, moderator: Account, sign_in: SignIn, covers: str
) -> None:
    row = filed(session)
    browser = sign_in(moderator)
    data = {"revision": "1", "seen": "", "covers": covers, "do": "hide"}
    assert browser.post(f"/review/{row.id}", data=data).status_code in (200, 422)
    assert comment_of(session, row).public_body == comment_of(session, row).body


def test_blocks_the_author_wrote_are_not_taken_for_hidden_words(session: Session, moderator: Account) -> None:
    row = filed(session, body=f"I write {REDACTION_BLOCK} and Ana")
    hide(session, moderator, row, (18, 21, Reason.THIRD_PERSON))
    assert comment_of(session, row).public_body == f"I write ■ and {REDACTION_BLOCK}"
