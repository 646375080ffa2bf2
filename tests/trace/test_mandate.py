"""The mandate file of a coalition: kept with what the lead organisation sent, for moderators unless it is published."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pypdfium2
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from consult.accounts.organisations import service as organisations
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.web.access import Role
from consult.files.model import State as FileState
from consult.files.model import StoredFile
from consult.ledger.model import Kind, LedgerEntry
from consult.moderation.queue import mandates
from consult.submissions import queries, service
from consult.submissions.coalitions import service as coalitions
from consult.submissions.model import Evidence, NameRule, State, Submission
from consult.submissions.values import Submitter
from tests import factories, filing
from tests.core.test_full_disk import files_of_at_most
from tests.files.looking import check
from tests.files.samples import BAD, CANARY, jpeg, pdf
from tests.forms import pressed
from tests.submissions.test_speaking import member

SAID = "Decided by the assembly of the network on 3 May 2026."
MINUTES = pdf("Minutes of the assembly")
SignIn = Callable[[Any], FlaskClient]


@pytest.fixture
def it(session: Session) -> Consultation:
    row = factories.consultation(session)
    session.commit()
    return row


@pytest.fixture
def row(session: Session, it: Consultation) -> Submission:
    ngo = factories.organisation(session)
    by = Submitter(NameRule.ORGANISATION, account_id=member(session, ngo).id, organisation_id=ngo.id)
    said = [filing.comment(session, it, "We speak together.")]
    made = service.file(session, consultation=it, by=by, comments=said, key="lead")
    filing.decide(session, made, State.PUBLISHED)
    session.commit()
    return made


def attach(
    client: FlaskClient, row: Submission, data: bytes = MINUTES, name: str = "minutes.pdf", **more: str
) -> TestResponse:
    form: dict[str, Any] = {"file": (io.BytesIO(data), name), "description": SAID, **more}
    at = f"/r/{row.reference}/{service.author_secret(row)}/mandate"
    answer = client.post(at, data=form, content_type="multipart/form-data")
    answer.request.environ["wsgi.input"].close()
    return answer


def looked_at(session: Session) -> None:
    for number in session.scalars(select(StoredFile.id)).all():
        session.commit()
        check(number)
    session.expire_all()


def test_a_mandate_is_for_its_author_and_moderators_and_leaves_the_submission_where_it_stands(
    client: FlaskClient, session: Session, it: Consultation, row: Submission, sign_in: SignIn
) -> None:
    assert attach(client, row).status_code == 303
    looked_at(session)
    assert row.state is State.PUBLISHED
    assert queries.audit(session, it.id) == queries.Books(received=1, published=1)
    moderator = sign_in(factories.account(session, Role.MODERATOR))
    review = moderator.get(f"/review/{row.id}").text
    secret = service.author_secret(row)
    assert all(words in review for words in (SAID, "minutes.pdf", "For moderators only"))
    for page in (f"/r/{row.reference}/{secret}", f"/r/{row.reference}/{secret}/join"):
        assert SAID in client.get(page).text
    number = session.scalars(select(Evidence.id)).one()
    public = [f"/r/{row.reference}", f"/c/{it.slug}/comments/{row.reference}", f"/c/{it.slug}/evidence", "/evidence"]
    assert not any(SAID in client.get(page).text for page in public)
    assert "A mandate file was attached" in client.get(public[0]).text
    for page in (f"/c/{it.slug}/evidence/{number}", f"/c/{it.slug}/evidence/{number}/file"):
        assert client.get(page).status_code == 404
    entry = session.scalars(select(LedgerEntry).where(LedgerEntry.kind == Kind.MANDATE_ATTACHED)).one()
    assert entry.commitment is not None


def test_the_receipt_and_the_download_of_what_is_kept_tell_of_the_mandate_and_of_who_signed(
    client: FlaskClient, session: Session, row: Submission
) -> None:
    second = factories.organisation(session, name="River Network")
    asked = coalitions.invite(session, submission=row, name=second.name)
    coalitions.confirm(session, by=member(session, second), signature_id=asked.id)
    attach(client, row)
    looked_at(session)
    at = f"/r/{row.reference}/{service.author_secret(row)}"
    page = pypdfium2.PdfDocument(client.get(f"{at}/receipt.pdf").data)[0].get_textpage().get_text_bounded()
    words = "".join(page.split())
    assert "".join(SAID.split()) in words
    assert sha256(MINUTES).hexdigest() in words
    assert "RiverNetwork" in words
    kept = json.loads(zipfile.ZipFile(io.BytesIO(client.get(f"{at}/data").data)).read("submission.json"))
    assert [(it["kind"], it["private"], it["sha256"]) for it in kept["evidence"]] == [
        ("mandate", True, sha256(MINUTES).hexdigest())
    ]


def test_a_mandate_that_is_to_be_published_is_read_first_while_its_submission_stays_published(
    client: FlaskClient, session: Session, it: Consultation, row: Submission, sign_in: SignIn
) -> None:
    assert attach(client, row, jpeg(), "signed.jpg", public="y").status_code == 303
    looked_at(session)
    address, number = f"/c/{it.slug}/comments/{row.reference}", session.scalars(select(Evidence.id)).one()
    page = client.get(address)
    assert (page.status_code, "We speak together." in page.text, SAID in page.text) == (200, True, False)
    assert client.get(f"/c/{it.slug}/evidence/{number}/file").status_code == 404
    assert "Changed and sent again by the author" not in client.get(f"/r/{row.reference}").text
    moderator = sign_in(factories.account(session, Role.MODERATOR))
    assert f'href="/review/{row.id}"' in moderator.get("/review").text
    review = moderator.get(f"/review/{row.id}").text
    done = moderator.post(f"/review/mandates/{number}", data=pressed(review, ("do", "publish")))
    assert done.status_code == 303
    assert "mandate file to review" not in moderator.get("/review").text
    page = client.get(address)
    assert (SAID in page.text, "We speak together." in page.text) == (True, True)
    assert "Mandate file made public" in client.get(f"/r/{row.reference}").text
    assert "Mandate" in client.get(f"/c/{it.slug}/evidence/{number}").text
    copy = client.get(f"/c/{it.slug}/evidence/{number}/file").data
    assert copy.startswith(b"\xff\xd8")
    assert CANARY.encode() not in copy, "metadata is taken out of it as of any evidence"
    again = moderator.post(f"/review/mandates/{number}", data={"do": "keep"})
    assert (again.status_code, queries.audit(session, it.id).published) == (409, 1)


def test_a_mandate_that_a_moderator_keeps_is_shown_to_nobody_and_its_own_people_decide_on_none(
    client: FlaskClient, session: Session, it: Consultation, row: Submission, sign_in: SignIn
) -> None:
    attach(client, row, public="y")
    looked_at(session)
    number = session.scalars(select(Evidence.id)).one()
    ours = factories.account(session, Role.MODERATOR)
    organisations.add_member(session, organisation_id=row.organisation_id or 0, account_id=ours.id)
    assert sign_in(ours).post(f"/review/mandates/{number}", data={"do": "publish"}).status_code == 403
    sign_in(factories.account(session, Role.MODERATOR)).post(f"/review/mandates/{number}", data={"do": "keep"})
    session.expire_all()
    assert (row.state, session.execute(select(Evidence.private, Evidence.shown)).all()) == (
        State.PUBLISHED, [(True, False)],
    )  # fmt: skip
    assert SAID not in client.get(f"/c/{it.slug}/comments/{row.reference}").text


@pytest.mark.parametrize("state", [State.PENDING, State.RETURNED])
def test_a_mandate_that_is_to_be_published_sends_nothing_in_and_waits_until_its_submission_is_published(
    client: FlaskClient, session: Session, it: Consultation, row: Submission, state: State
) -> None:
    said = [filing.comment(session, it, "Not read yet.")]
    by = Submitter(NameRule.ORGANISATION, account_id=row.account_id, organisation_id=row.organisation_id)
    other = service.file(session, consultation=it, by=by, comments=said, key="another")
    if state is State.RETURNED:
        filing.decide(session, other, State.RETURNED, "third_person")
    session.commit()
    attach(client, other, public="y")
    looked_at(session)
    assert (other.state, session.scalar(select(mandates.unread_query()))) == (state, None)
    filing.decide(session, other, State.PUBLISHED)
    session.commit()
    assert SAID not in client.get(f"/c/{it.slug}/comments/{other.reference}").text
    assert session.scalar(select(mandates.unread_query())) == [[other.id, other.reference]]


def test_publishing_and_changing_it_again_leaves_a_private_mandate_private(
    client: FlaskClient, session: Session, row: Submission
) -> None:
    attach(client, row)
    looked_at(session)
    client.post(f"/c/{_slug(session, row)}/respond/amend/{row.reference}/{service.author_secret(row)}")
    page = client.get(f"/c/{_slug(session, row)}/respond/evidence").text
    assert SAID in page
    said = service.revisions.to_draft_content(session, row)
    service.amend(session, row, comments=[filing.comment(session, _it(session, row), "Better.")], items=said.evidence)
    filing.decide(session, row, State.PUBLISHED)
    assert session.execute(select(Evidence.private, Evidence.shown)).all() == [(True, False)]


def _it(session: Session, row: Submission) -> Consultation:
    return session.get_one(Consultation, row.consultation_id)


def _slug(session: Session, row: Submission) -> str:
    return _it(session, row).slug


def test_without_room_for_files_the_answer_says_that_it_is_not_the_file(
    client: FlaskClient, session: Session, row: Submission
) -> None:
    with files_of_at_most(100):
        answer = attach(client, row)
    assert answer.status_code == 503
    assert "We cannot save files at the moment." in answer.text
    assert session.scalars(select(StoredFile)).all() == []


@pytest.mark.parametrize("bad", ["EICAR", "zip bomb", "zip bomb that lies"])
def test_a_bad_file_is_refused_as_evidence_is(client: FlaskClient, session: Session, row: Submission, bad: str) -> None:
    name, made, _code = BAD[bad]
    answer = attach(client, row, made(), name)
    looked_at(session)
    states = session.scalars(select(StoredFile.state)).all()
    assert (answer.status_code, states) in [(422, []), (303, [FileState.REFUSED])]


def test_only_an_organisation_speaks_for_others_and_only_while_submissions_are_taken(
    client: FlaskClient, session: Session, it: Consultation, row: Submission
) -> None:
    person = filing.file(session, it, "Mine", person="Ana")
    session.commit()
    at = f"/r/{person.reference}/{service.author_secret(person)}/join"
    assert "Mandate file" not in client.get(at).text
    assert "Only organisations can add a mandate." in attach(client, person).text
    assert attach(client, row, description="").status_code == 422
    it.opens_at, it.closes_at = now() - timedelta(days=2000), now() - timedelta(days=1900)
    session.commit()
    assert "We no longer accept submissions" in client.get(at).text
    assert "Invite to co-sign" not in client.get(at).text
    session.commit()
    assert attach(client, row).status_code == 422
    assert session.scalars(select(Evidence)).all() == []
