"""Answer the moderator who returned a submission: by link, signed in, while changing it, by recovery words."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations.model import Consultation
from consult.core.web.access import Role
from consult.decisions.model import Reason
from consult.ledger import service as ledger
from consult.ledger.model import Kind
from consult.ledger.service import number_entries
from consult.moderation import service as moderation
from consult.moderation.model import DecisionOutcome
from consult.submissions import queries, return_codes, revisions
from consult.submissions import service as submissions
from consult.submissions.comments import queries as comments_queries
from consult.submissions.drafts.submission import prepare_for_filing
from consult.submissions.model import Comment, FormerWords, NameRule, State, Submission
from consult.submissions.private import service as private_service
from consult.submissions.revisions import UnchangedSubmission
from consult.submissions.service import TransitionNotAllowed
from consult.submissions.values import NewComment, Submitter
from tests import factories, filing
from tests.accounts.letters import letters
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
        session, moderator=moderator, submission_id=row.id, revision=row.revision, outcome=DecisionOutcome.RETURN,
        reason=Reason.THIRD_PERSON, note="Does your brother agree?",
    )  # fmt: skip
    session.commit()
    return row


def by_code(session: Session) -> tuple[Submission, str]:
    code = return_codes.new_code()
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
    last = ledger.list_history(session, subject_id=row.id)[-1]
    assert (last.kind, last.detail, last.commitment) == (Kind.REPLIED, {"was": "returned"}, None)
    queries.audit(session, row.consultation_id)
    moderation.decide(
        session, moderator=moderator, submission_id=row.id, revision=row.revision, outcome=DecisionOutcome.PUBLISH
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
    assert revisions.list_revisions(session, row)[-1].reply == SAID
    assert "moderator" in browser.get(f"/r/{row.reference}").text


@pytest.mark.parametrize(("body", "reply", "status"), [
    (None, "", 409), (None, SAID, 303), ("Changed.", "", 303), ("Changed.", SAID, 303),
])  # fmt: skip
def test_a_change_may_be_answered_with_and_no_change_must_be(
    client: FlaskClient, session: Session, moderator: Account, body: str | None, reply: str, status: int
) -> None:
    row = returned(session, moderator, filed(session))
    action = re.search(r'formaction="(/c/[^"]+/respond/amend/[^"]+)"', client.get(private(row)).text)
    assert action
    client.post(action[1])
    respond = "/".join(action[1].split("/")[:4])
    if body:
        form = client.get(f"{respond}/comment/1.1").text
        client.post(f"{respond}/comment/1.1", data=pressed(form, body=body, stance="drop"))
    page = client.get(f"{respond}/check").text
    sent = client.post(f"{respond}/check", data=pressed(page, having="mark", reply=reply))
    assert sent.status_code == status
    session.expire_all()
    assert row.state is (State.RETURNED if status == 409 else State.PENDING)
    if status == 409:
        assert "Change something, or write a message to the moderator." in sent.text
    else:
        assert [one.reply for one in revisions.list_revisions(session, row)] == [reply]


def test_an_answer_alone_is_told_as_an_answer_and_nowhere_as_a_change(
    client: FlaskClient, session: Session, moderator: Account
) -> None:
    row = returned(session, moderator, filed(session, body="My brother was there.", email="ana@example.org"))
    asked = letters(session)[-1].text
    assert "You can answer the moderator without changing your text" in asked
    page = client.get(private(row)).text
    client.post(f"{private(row)}/answer", data=pressed(page, reply=SAID))
    number_entries(session)
    session.commit()
    own, public, log = (unescape(client.get(at).text) for at in (private(row), f"/r/{row.reference}", "/log"))
    for shown in (own, public):
        assert "Message from the author to the moderator" in shown
        assert "Changed and sent again by the author" not in shown
    assert "Your message of" in own
    assert "Your text before" not in own
    assert f"{row.reference}</bdi></a></td>" in log
    assert "Author answered the moderator" in log
    assert "Changed by the author</span>" not in log
    assert row.reference in client.get("/log?kind=submission.replied").text
    letter = letters(session)[-1]
    assert letter.subject == f"Message sent: your submission {row.reference}"
    assert not re.search(r"\bchanged", letter.text.lower())
    assert comments_queries.get_fingerprint(session, row)[1] == row.received_at, (
        "its words are recorded since it came in"
    )


@pytest.mark.parametrize("state", [State.PUBLISHED, State.PENDING])
def test_what_is_sent_again_without_a_change_is_refused_and_stays_as_it_is(session: Session, state: State) -> None:
    row = filed(session, body="As it was.")
    if state is State.PUBLISHED:
        filing.decide(session, row, state)
    said = revisions.to_draft_content(session, row)
    comments, answers = prepare_for_filing(said)
    session.commit()
    with pytest.raises(UnchangedSubmission, match="You changed nothing"):
        submissions.amend(session, row, comments=comments, answers=answers)
    session.rollback()
    assert row.state is state


@pytest.mark.parametrize("again", [False, True])
def test_what_was_typed_to_the_moderator_goes_on_with_the_button_that_changes_the_words(
    client: FlaskClient, session: Session, moderator: Account, again: bool
) -> None:
    row = returned(session, moderator, filed(session))
    page = client.get(private(row)).text
    action = re.search(r'formaction="(/c/[^"]+/respond/amend/[^"]+)"', page)
    assert action
    if again:  # the draft of the change is there already
        client.post(action[1], data=pressed(page, reply="Not this."))
    hub = client.get(client.post(action[1], data=pressed(page, reply=SAID)).location).text
    assert (SAID in hub, "Not this." in hub) == (True, False)
    respond = "/".join(action[1].split("/")[:4])
    client.post(f"{respond}/comment/1.1", data=pressed(
        client.get(f"{respond}/comment/1.1").text, body="Changed.", stance="drop"))  # fmt: skip
    check = client.get(f"{respond}/check").text
    assert SAID in check
    assert client.post(f"{respond}/check", data=pressed(check, having="mark")).status_code == 303
    session.expire_all()
    assert [one.reply for one in revisions.list_revisions(session, row)] == [SAID]


def test_without_identity_what_was_typed_to_the_moderator_goes_on_too_beside_the_question(
    client: FlaskClient, session: Session, moderator: Account
) -> None:
    row, code = by_code(session)
    returned(session, moderator, row)
    slug = session.get_one(Consultation, row.consultation_id).slug
    story = come_back(client, code).text
    form = client.post("/return/do", data=pressed(story, ("do", "change"), reply=SAID)).text
    for _page in range(2):  # also on the pages that follow
        question, reply, draft = (form.index(it) for it in ("Does your brother agree?", SAID, ">Draft policy<"))
        assert question < reply < draft
        form = client.post(f"/n/{slug}", data=pressed(form, ("do", "more"))).text
    checked = client.post(f"/n/{slug}", data=pressed(form, ("do", "check"), body_0="Changed.", stance_0="drop")).text
    assert SAID in checked
    client.post(f"/n/{slug}", data=pressed(checked, ("do", "send")))
    session.expire_all()
    assert [one.reply for one in revisions.list_revisions(session, row)] == [SAID]


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
    assert revisions.list_revisions(session, row)[-1].reply == SAID
    returned(session, moderator, row)
    again = client.post("/return/do", data=pressed(come_back(client, code).text, ("do", "answer"), reply=SAID))
    assert again.status_code == 200
    session.expire_all()
    assert [one.reply for one in revisions.list_revisions(session, row)] == [SAID, SAID]


@pytest.mark.parametrize("kept", [False, True])
def test_without_identity_an_answer_goes_with_the_form(
    client: FlaskClient, session: Session, moderator: Account, kept: bool
) -> None:
    row, code = by_code(session)
    returned(session, moderator, row)
    slug = session.get_one(Consultation, row.consultation_id).slug
    form = client.post("/return/do", data=pressed(come_back(client, code).text, ("do", "change"))).text
    stated = {"stance_0": "drop"}
    if kept:
        client.post(f"/n/{slug}", data=pressed(form, ("do", "keep"), reply=SAID, **stated))
        form = come_back(client, code).text
        assert SAID in form
    checked = client.post(f"/n/{slug}", data=pressed(form, ("do", "check"), reply=SAID, **stated)).text
    assert SAID in checked
    assert client.post(f"/n/{slug}", data=pressed(checked, ("do", "send"))).status_code == 200
    session.expire_all()
    assert row.state is State.PENDING
    assert revisions.list_revisions(session, row)[-1].reply == SAID


def test_what_was_not_returned_takes_no_answer_and_erasing_destroys_it(session: Session, moderator: Account) -> None:
    row = filed(session)
    with pytest.raises(TransitionNotAllowed):
        private_service.send_reply(session, row, words=SAID)
    returned(session, moderator, row)
    with pytest.raises(UnchangedSubmission):
        private_service.send_reply(session, row, words="  ")
    session.rollback()
    private_service.send_reply(session, row, words=SAID)
    with pytest.raises(TransitionNotAllowed):
        private_service.send_reply(session, row, words="Twice.")
    submissions.erase(session, row)
    assert session.scalars(select(FormerWords)).all() == []


def test_reading_an_answer_costs_no_statement(session: Session, sign_in: SignIn, moderator: Account) -> None:
    browser, seen = sign_in(moderator), []
    for answered in (False, True):
        row = returned(session, moderator, filed(session))
        if answered:
            private_service.send_reply(session, row, words=SAID)
            session.commit()
        with statements() as run:
            page = browser.get(f"/review/{row.id}").text
        assert (SAID in page) == answered
        seen.append(len(run))
    assert seen[0] == seen[1]
