"""The mandate file of a coalition: kept with what the lead organisation sent, for moderators unless it is published."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pypdfium2
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from consult.consultations.model import Consultation
from consult.core.access import Role
from consult.core.clock import now
from consult.files.model import State as FileState
from consult.files.model import StoredFile
from consult.ledger.model import Entry, Kind
from consult.submissions import coalition, queries, service
from consult.submissions.content import Submitter
from consult.submissions.model import Evidence, NameRule, State, Submission
from tests import factories, filing
from tests.files.looking import check
from tests.files.samples import BAD, CANARY, jpeg, pdf
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
    by = Submitter(NameRule.ORGANISATION, member(session, ngo).id, organisation_id=ngo.id)
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
    entry = session.scalars(select(Entry).where(Entry.kind == Kind.MANDATE_ATTACHED)).one()
    assert entry.commitment is not None


def test_the_receipt_and_the_download_of_what_is_kept_tell_of_the_mandate_and_of_who_signed(
    client: FlaskClient, session: Session, row: Submission
) -> None:
    second = factories.organisation(session, name="River Network")
    asked = coalition.invite(session, submission=row, name=second.name)
    coalition.confirm(session, by=member(session, second), signature_id=asked.id)
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


def test_a_mandate_that_is_to_be_published_is_read_by_a_moderator_first(
    client: FlaskClient, session: Session, it: Consultation, row: Submission
) -> None:
    assert attach(client, row, jpeg(), "signed.jpg", public="y").status_code == 303
    looked_at(session)
    assert row.state is State.PENDING
    filing.decide(session, row, State.PUBLISHED)
    session.commit()
    page = client.get(f"/c/{it.slug}/comments/{row.reference}").text
    assert SAID in page
    number = session.scalars(select(Evidence.id)).one()
    assert "Mandate" in client.get(f"/c/{it.slug}/evidence/{number}").text
    copy = client.get(f"/c/{it.slug}/evidence/{number}/file").data
    assert copy.startswith(b"\xff\xd8")
    assert CANARY.encode() not in copy, "metadata is taken out of it as of any evidence"


def test_publishing_and_changing_it_again_leaves_a_private_mandate_private(
    client: FlaskClient, session: Session, row: Submission
) -> None:
    attach(client, row)
    looked_at(session)
    client.post(f"/c/{_slug(session, row)}/respond/amend/{row.reference}/{service.author_secret(row)}")
    page = client.get(f"/c/{_slug(session, row)}/respond/evidence").text
    assert SAID in page
    said = service.former.writing_of(session, row)
    service.amend(session, row, comments=[filing.comment(session, _it(session, row), "Better.")], items=said.evidence)
    filing.decide(session, row, State.PUBLISHED)
    assert session.execute(select(Evidence.private, Evidence.shown)).all() == [(True, False)]


def _it(session: Session, row: Submission) -> Consultation:
    return session.get_one(Consultation, row.consultation_id)


def _slug(session: Session, row: Submission) -> str:
    return _it(session, row).slug


@pytest.mark.parametrize("bad", ["EICAR", "zip bomb", "zip bomb that lies"])
def test_a_bad_file_is_refused_as_evidence_is(client: FlaskClient, session: Session, row: Submission, bad: str) -> None:
    name, made, _code = BAD[bad]
    answer = attach(client, row, made(), name)
    looked_at(session)
    states = session.scalars(select(StoredFile.state)).all()
    assert (answer.status_code, states) in [(422, []), (303, [FileState.REFUSED])]


def test_only_an_organisation_speaks_for_others_and_only_until_closing(
    client: FlaskClient, session: Session, it: Consultation, row: Submission
) -> None:
    person = filing.file(session, it, "Mine", person="Ana")
    session.commit()
    at = f"/r/{person.reference}/{service.author_secret(person)}/join"
    assert "Mandate file" not in client.get(at).text
    assert "Only an organisation speaks for others." in attach(client, person).text
    assert attach(client, row, description="").status_code == 422
    it.opens_at, it.closes_at = now().replace(year=2020), now().replace(year=2021)
    session.commit()
    assert attach(client, row).status_code == 422
    assert session.scalars(select(Evidence)).all() == []
