"""The author answers the moderator who returned a submission: by link, signed in, while changing it, by seven words."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations.model import Consultation
from consult.core.access import Role
from consult.ledger import service as ledger
from consult.ledger.model import Kind
from consult.moderation import service as moderation
from consult.moderation.model import Outcome, Reason
from consult.submissions import codes, former, queries, returning
from consult.submissions import service as submissions
from consult.submissions.content import NewComment, Submitter
from consult.submissions.former import NothingSaid
from consult.submissions.model import Comment, FormerWords, NameRule, State, Submission
from consult.submissions.service import MoveNotAllowed
from tests import factories
from tests.counting import statements
from tests.forms import pressed
from tests.moderation.cases import filed
from tests.submissions.test_traceless import come_back

SignIn = Callable[[Account], FlaskClient]
SAID = "The brother agrees, in writing."


@pytest.fixture
def moderator(session: Session) -> Account:
    return factories.account(session, Role.MODERATOR)


def returned(session: Session, moderator: Account, row: Submission) -> Submission:
    moderation.decide(
        session, moderator=moderator, submission_id=row.id, revision=row.revision, outcome=Outcome.RETURN,
        reason=Reason.THIRD_PERSON, note="Does your brother agree?",
    )  # fmt: skip
    session.commit()
    return row


def by_code(session: Session) -> tuple[Submission, str]:
    code = codes.new()
    row = submissions.file(
        session, consultation=factories.consultation(session, no_identity=True), key="by code", code=code,
        by=Submitter(name_rule=NameRule.NONE), comments=[NewComment(None, None, "My brother was there.")],
    )  # fmt: skip
    return row, code


def private(row: Submission) -> str:
    return f"/r/{row.reference}/{submissions.author_secret(row)}"


def test_an_answer_alone_sends_it_in_again_and_only_moderators_read_it(
    client: FlaskClient, session: Session, sign_in: SignIn, moderator: Account
) -> None:
    row = returned(session, moderator, filed(session, body="My brother was there."))
    page = client.get(private(row)).text
    empty = client.post(f"{private(row)}/answer", data=pressed(page, having="reply"))
    assert (empty.status_code, "Write your answer" in empty.text) == (422, True)
    sent = client.post(f"{private(row)}/answer", data=pressed(page, reply=SAID))
    assert sent.location == private(row)
    session.expire_all()
    assert row.state is State.PENDING
    assert session.scalars(select(Comment.body)).all() == ["My brother was there."]
    assert SAID.encode() not in session.scalars(select(FormerWords.reply)).one()
    assert SAID in client.get(private(row)).text
    kept = zipfile.ZipFile(io.BytesIO(client.get(f"{private(row)}/data").data)).read("submission.json")
    assert json.loads(kept)["earlier"][0]["answer_to_moderator"] == SAID
    read = sign_in(moderator).get(f"/review/{row.id}").text
    assert SAID in read
    assert "Does your brother agree?" in read
    last = ledger.history(session, subject_id=row.id)[-1]
    assert (last.kind, last.detail) == (Kind.AMENDED, {"was": "returned"})
    queries.audit(session, row.consultation_id)
    moderation.decide(
        session, moderator=moderator, submission_id=row.id, revision=row.revision, outcome=Outcome.PUBLISH
    )  # fmt: skip
    session.commit()
    slug = session.get_one(Consultation, row.consultation_id).slug
    for public in (f"/r/{row.reference}", f"/c/{slug}/comments/{row.reference}", "/moderation/log"):
        assert SAID not in client.application.test_client().get(public).text


def test_with_an_account_the_answer_is_given_under_ones_submissions(
    session: Session, sign_in: SignIn, moderator: Account
) -> None:
    author = factories.account(session)
    row = returned(session, moderator, filed(session, account_id=author.id))
    browser = sign_in(author)
    page = browser.get(f"/r/{row.reference}").text
    browser.post(f"{private(row)}/answer", data=pressed(page, reply=SAID))
    assert former.earlier(session, row)[-1].reply == SAID
    assert "moderator" in browser.get(f"/r/{row.reference}").text


@pytest.mark.parametrize(("body", "reply", "status"), [
    (None, "", 409), (None, SAID, 303), ("Changed.", "", 303), ("Changed.", SAID, 303),
])  # fmt: skip
def test_a_change_may_be_answered_with_and_no_change_must_be(
    client: FlaskClient, session: Session, moderator: Account, body: str | None, reply: str, status: int
) -> None:
    row = returned(session, moderator, filed(session))
    action = re.search(r'action="(/c/[^"]+/respond/amend/[^"]+)"', client.get(private(row)).text)
    assert action
    client.post(action[1])
    respond = "/".join(action[1].split("/")[:4])
    if body:
        form = client.get(f"{respond}/comment/1.1").text
        client.post(f"{respond}/comment/1.1", data=pressed(form, body=body, stance="concern"))
    page = client.get(f"{respond}/check").text
    sent = client.post(f"{respond}/check", data=pressed(page, having="mark", reply=reply))
    assert sent.status_code == status
    session.expire_all()
    assert row.state is (State.RETURNED if status == 409 else State.PENDING)
    if status == 409:
        assert "Change something, or answer the moderator." in sent.text
    else:
        assert [one.reply for one in former.earlier(session, row)] == [reply]


def test_seven_words_are_enough_to_answer(client: FlaskClient, session: Session, moderator: Account) -> None:
    row, code = by_code(session)
    returned(session, moderator, row)
    story = come_back(client, code).text
    empty = client.post("/return/do", data=pressed(story, ("do", "answer"))).text
    assert "Write your answer" in empty
    done = client.post("/return/do", data=pressed(empty, ("do", "answer"), reply=SAID))
    assert "Set-Cookie" not in done.headers
    session.expire_all()
    assert row.state is State.PENDING
    assert former.earlier(session, row)[-1].reply == SAID
    returned(session, moderator, row)
    again = client.post("/return/do", data=pressed(come_back(client, code).text, ("do", "answer"), reply=SAID))
    assert again.status_code == 200
    session.expire_all()
    assert [one.reply for one in former.earlier(session, row)] == [SAID, SAID]


@pytest.mark.parametrize("kept", [False, True])
def test_without_identity_an_answer_goes_with_the_form(
    client: FlaskClient, session: Session, moderator: Account, kept: bool
) -> None:
    row, code = by_code(session)
    returned(session, moderator, row)
    slug = session.get_one(Consultation, row.consultation_id).slug
    form = client.post("/return/do", data=pressed(come_back(client, code).text, ("do", "change"))).text
    stated = {"stance_0": "concern"}
    if kept:
        client.post(f"/n/{slug}", data=pressed(form, ("do", "keep"), reply=SAID, **stated))
        form = come_back(client, code).text
        assert SAID in form
    checked = client.post(f"/n/{slug}", data=pressed(form, ("do", "check"), reply=SAID, **stated)).text
    assert SAID in checked
    assert client.post(f"/n/{slug}", data=pressed(checked, ("do", "send"))).status_code == 200
    session.expire_all()
    assert row.state is State.PENDING
    assert former.earlier(session, row)[-1].reply == SAID


def test_what_was_not_returned_takes_no_answer_and_erasing_destroys_it(session: Session, moderator: Account) -> None:
    row = filed(session)
    with pytest.raises(MoveNotAllowed):
        returning.reply(session, row, words=SAID)
    returned(session, moderator, row)
    with pytest.raises(NothingSaid):
        returning.reply(session, row, words="  ")
    session.rollback()
    returning.reply(session, row, words=SAID)
    with pytest.raises(MoveNotAllowed):
        returning.reply(session, row, words="Twice.")
    submissions.erase(session, row)
    assert session.scalars(select(FormerWords)).all() == []


def test_reading_an_answer_costs_no_statement(session: Session, sign_in: SignIn, moderator: Account) -> None:
    browser, seen = sign_in(moderator), []
    for answered in (False, True):
        row = returned(session, moderator, filed(session))
        if answered:
            returning.reply(session, row, words=SAID)
            session.commit()
        with statements() as run:
            page = browser.get(f"/review/{row.id}").text
        assert (SAID in page) == answered
        seen.append(len(run))
    assert seen[0] == seen[1]
