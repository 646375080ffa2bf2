"""Evidence from the form to the public page, without JavaScript."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.web.access import Role
from consult.core.web.stylesheet import join_components
from consult.files import claims
from consult.files import service as files
from consult.files.model import StoredFile
from consult.moderation import waiting_list as queue
from consult.moderation.model import Queue, QueueEntry
from consult.submissions import service
from consult.submissions.model import Draft, Evidence, State, Submission
from tests import factories, filing
from tests.files.looking import check
from tests.files.samples import BAD, CANARY, jpeg, pdf

_SAID = {"description": "Deaths fell by a third", "kind": "study", "language": "en", "year": "2025",
         "place": "Two districts", "method": "Registry of deaths"}  # fmt: skip


@pytest.fixture
def it(session: Session) -> Consultation:
    return factories.consultation(session)


def upload(client: FlaskClient, slug: str, data: bytes, name: str, **more: str) -> Any:
    form = {"file": (io.BytesIO(data), name), "consent": "y", **more}
    answer = client.post(f"/c/{slug}/respond/evidence/file", data=form, content_type="multipart/form-data")
    answer.request.environ["wsgi.input"].close()  # a temporary file of the test client's
    return answer


def with_evidence(client: FlaskClient, slug: str) -> None:
    """A draft with one comment, one described file, one reference, and who speaks."""
    client.post(f"/c/{slug}/respond/comment/1.1", data={"stance": "drop", "body": "This is too slow."})
    described = upload(client, slug, pdf(), "study.pdf").headers["Location"]
    assert client.post(described, data=_SAID).status_code == 303
    reference = {**_SAID, "reference": "https://doi.org/10.1000/182", "description": "A handbook"}
    assert client.post(f"/c/{slug}/respond/evidence/reference", data=reference).status_code == 303
    client.post(f"/c/{slug}/respond/about", data={"speaks": "none", "language": "en"})


def send(client: FlaskClient, slug: str) -> None:
    page = client.get(f"/c/{slug}/respond/check").text
    form = {name: page.split(f'name="{name}"')[1].split('value="')[1].split('"')[0] for name in ("key", "mark")}
    answer = client.post(f"/c/{slug}/respond/check", data=form)
    assert answer.status_code == 303, answer.text


def check_all(session: Session) -> None:
    waiting = session.scalars(select(StoredFile.id)).all()
    session.commit()
    for file_id in waiting:
        check(file_id)


def published(session: Session, client: FlaskClient, it: Consultation) -> Submission:
    with_evidence(client, it.slug)
    send(client, it.slug)
    check_all(session)
    row = session.scalars(select(Submission).order_by(Submission.id.desc()).limit(1)).one()
    service.transition(session, row, state=State.PUBLISHED, actor="moderator")
    session.commit()
    return row


def test_a_file_and_a_reference_are_kept_in_a_draft_without_an_account(
    client: FlaskClient, it: Consultation, session: Session
) -> None:
    with_evidence(client, it.slug)
    page = client.get(f"/c/{it.slug}/respond/evidence").text
    assert "study.pdf" in page
    assert "10.1000/182" in page
    assert "Being checked" in page
    check_all(session)
    assert "names of authors" in client.get(f"/c/{it.slug}/respond/evidence").text
    assert "2 items" in client.get(f"/c/{it.slug}/respond").text
    assert client.application.test_client().get(f"/c/{it.slug}/respond/evidence").text.count("study.pdf") == 0


def test_what_is_said_of_evidence_is_sealed_in_the_draft(
    client: FlaskClient, it: Consultation, session: Session
) -> None:
    with_evidence(client, it.slug)
    row = session.scalars(select(Draft)).one()
    assert b"Deaths fell" not in row.sealed
    assert row.file_ids == [session.scalars(select(StoredFile.id)).one()]


def test_published_evidence_is_listed_and_its_cleaned_copy_is_handed_out_as_an_attachment(
    client: FlaskClient, it: Consultation, session: Session
) -> None:
    row = published(session, client, it)
    page = client.get(f"/c/{it.slug}/comments/{row.reference}").text
    assert "Deaths fell by a third" in page
    assert "study.pdf" not in page
    number = session.scalars(select(Evidence.id).where(Evidence.file_id.is_not(None))).one()
    answer = client.get(f"/c/{it.slug}/evidence/{number}/file")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{row.reference}-1.pdf"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.data.startswith(b"%PDF-")
    assert CANARY.encode() not in answer.data


def test_nothing_is_handed_out_before_publication_or_after_withdrawal(
    client: FlaskClient, it: Consultation, session: Session
) -> None:
    with_evidence(client, it.slug)
    send(client, it.slug)
    check_all(session)
    number = session.scalars(select(Evidence.id).where(Evidence.file_id.is_not(None))).one()
    address = f"/c/{it.slug}/evidence/{number}/file"
    assert client.get(address).status_code == 404
    row = session.scalars(select(Submission)).one()
    service.transition(session, row, state=State.PUBLISHED, actor="moderator")
    assert client.get(address).status_code == 200
    other = factories.consultation(session)
    assert client.get(f"/c/{other.slug}/evidence/{number}/file").status_code == 404
    filing.decide(session, row, State.WITHDRAWN)
    assert client.get(address).status_code == 404
    assert client.get(address.removesuffix("/file")).status_code == 404


def test_erasing_a_submission_destroys_its_evidence(client: FlaskClient, it: Consultation, session: Session) -> None:
    row = published(session, client, it)
    filing.decide(session, row, State.ERASED)
    session.commit()
    assert session.scalars(select(Evidence)).all() == []
    file = session.scalars(select(StoredFile)).one()
    assert (file.salt, file.text, file.name) == (None, "", "")


def test_a_moderator_sees_pages_as_images_and_others_do_not(
    client: FlaskClient, it: Consultation, session: Session, sign_in: Callable[[Any], FlaskClient]
) -> None:
    with_evidence(client, it.slug)
    send(client, it.slug)
    check_all(session)
    row = session.scalars(select(Submission)).one()
    moderator = sign_in(factories.account(session, Role.MODERATOR))
    page = moderator.get(f"/review/{row.id}").text
    image = page.split('class="sheet"')[1].split('src="')[1].split('"')[0]
    answer = moderator.get(image)
    assert answer.mimetype == "image/webp"
    assert client.get(image).status_code == 303
    assert sign_in(factories.account(session)).get(image).status_code == 403


def test_pages_are_blurred_until_they_are_asked_for_and_no_original_is_linked(
    client: FlaskClient, it: Consultation, session: Session, sign_in: Callable[[Any], FlaskClient]
) -> None:
    with_evidence(client, it.slug)
    send(client, it.slug)
    check_all(session)
    row = session.scalars(select(Submission)).one()
    page = sign_in(factories.account(session, Role.MODERATOR)).get(f"/review/{row.id}").text
    assert re.search(r'<div class="veil"><input type="checkbox" id="(p[^"]+)"[^>]*> <label for="\1">', page)
    assert ".veil > .sheet{" in join_components(Path("static/kit")).decode()
    assert "download" not in page


def test_a_moderator_reads_the_words_of_a_file_and_others_do_not(
    client: FlaskClient, it: Consultation, session: Session, sign_in: Callable[[Any], FlaskClient]
) -> None:
    with_evidence(client, it.slug)
    send(client, it.slug)
    address = f"/review/evidence/{session.scalars(select(StoredFile.id)).one()}/words"
    moderator = sign_in(factories.account(session, Role.MODERATOR))
    assert moderator.get(address).status_code == 404, "before it is checked"
    check_all(session)
    answer = moderator.get(address)
    assert "Overdose deaths fell" in answer.text
    assert f"/review/{session.scalars(select(Submission.id)).one()}" in answer.text, "the way back"
    session.execute(update(StoredFile).values(text="<script>alert(1)</script>"))
    session.commit()
    assert "&lt;script&gt;alert(1)" in moderator.get(address).text
    session.execute(update(StoredFile).values(text=""))
    session.commit()
    assert "No text found" in moderator.get(address).text
    assert client.get(address).status_code == 303
    assert sign_in(factories.account(session)).get(address).status_code == 403


def test_a_moderator_sees_pages_of_files_of_submissions_and_of_no_others(
    client: FlaskClient, it: Consultation, session: Session, sign_in: Callable[[Any], FlaskClient]
) -> None:
    with_evidence(client, it.slug)
    send(client, it.slug)
    other = files.receive(session, data=jpeg(), name="elsewhere.jpg")
    session.commit()
    check_all(session)
    sent = session.scalars(select(Evidence.file_id).where(Evidence.file_id.is_not(None))).one()
    moderator = sign_in(factories.account(session, Role.MODERATOR))
    assert moderator.get(f"/review/evidence/{sent}/1").status_code == 200
    assert session.get_one(StoredFile, other.id).pages == 1
    assert moderator.get(f"/review/evidence/{other.id}/1").status_code == 404


def test_files_that_could_not_be_checked_are_a_queue_and_are_tried_again_when_asked(
    client: FlaskClient, it: Consultation, session: Session, sign_in: Callable[[Any], FlaskClient]
) -> None:
    settings = client.application.config["SETTINGS"]
    moderator = sign_in(factories.account(session, Role.MODERATOR))
    assert "No files waiting" in moderator.get("/review/files").text
    with_evidence(client, it.slug)
    assert "No files waiting" in moderator.get("/review/files").text, "drafts are their authors' own"
    send(client, it.slug)
    file = session.scalars(select(StoredFile)).one()
    row = session.scalars(select(Submission)).one()
    client.application.config["SETTINGS"] = replace(settings, clamd_url="unix:///nowhere/clamd.sock")
    try:
        for _attempt in range(5):
            file.due_at = now()
            session.commit()
            assert not check(file.id)
        page = moderator.get("/review/files").text
        assert row.reference in page
        assert "could not check this file for viruses yet" in page
        assert "tried 5 times" in page
        service.transition(session, row, state=State.PUBLISHED, actor="moderator")
        session.commit()
        assert "Download" not in client.get(f"/c/{it.slug}/comments/{row.reference}").text
    finally:
        client.application.config["SETTINGS"] = settings
    assert moderator.post("/review/files/again", data={"file": str(file.id)}).status_code == 303
    session.expire_all()
    check(file.id)
    assert "No files waiting" in moderator.get("/review/files").text
    assert "Download" in client.get(f"/c/{it.slug}/comments/{row.reference}").text


def test_one_file_after_the_other_is_added_without_going_back(client: FlaskClient, it: Consultation) -> None:
    described = upload(client, it.slug, jpeg(), "a.jpg").headers["Location"]
    assert "Save and add another file" in client.get(described).text
    answer = client.post(described, data={**_SAID, "another": "y"})
    assert answer.headers["Location"] == f"/c/{it.slug}/respond/evidence/file"


def test_its_author_sees_on_the_private_page_what_was_removed(
    client: FlaskClient, it: Consultation, session: Session
) -> None:
    row = published(session, client, it)
    secret = service.author_secret(row)
    page = client.get(f"/r/{row.reference}/{secret}").text
    assert "study.pdf" in page
    assert "names of authors" in page
    assert "study.pdf" not in client.application.test_client().get(f"/r/{row.reference}").text


@pytest.mark.parametrize(
    "what", ["EICAR", "zip bomb", "wrong ending", "PDF and ZIP", "program", "too large", "nothing"]
)
def test_a_bad_file_is_refused_with_a_sentence_at_the_field_and_the_draft_stays(
    client: FlaskClient, it: Consultation, session: Session, what: str
) -> None:
    client.post(f"/c/{it.slug}/respond/comment/1.1", data={"stance": "drop", "body": "This is too slow."})
    name, make, _code = BAD[what]
    answer = upload(client, it.slug, make(), name)
    assert answer.status_code == 422
    assert 'id="file-error"' in answer.text
    assert session.scalars(select(StoredFile)).all() == []
    assert "1 comment" in client.get(f"/c/{it.slug}/respond").text


def test_a_file_without_consent_is_kept_and_not_sent_before_it_is_given(client: FlaskClient, it: Consultation) -> None:
    client.post(f"/c/{it.slug}/respond/comment/1.1", data={"stance": "drop", "body": "This is too slow."})
    client.post(f"/c/{it.slug}/respond/about", data={"speaks": "none", "language": "en"})
    described = upload(client, it.slug, jpeg(), "a.jpg", consent="").headers["Location"]
    assert "Tick the box" in client.post(described, data=_SAID).text
    assert "Send my submission" not in client.get(f"/c/{it.slug}/respond/check").text
    assert client.post(described, data={**_SAID, "consent": "y"}).status_code == 303
    assert "Send my submission" in client.get(f"/c/{it.slug}/respond/check").text


@pytest.mark.parametrize(
    "typed", ["10.12/x", "978-92-1-148352-5", "ftp://example.org/a", "http://a:b@example.org", "no"]
)
def test_a_reference_that_is_none_is_refused_and_kept_on_the_page(
    client: FlaskClient, it: Consultation, typed: str
) -> None:
    answer = client.post(f"/c/{it.slug}/respond/evidence/reference", data={**_SAID, "reference": typed})
    assert answer.status_code == 422
    assert f'value="{typed}"' in answer.text


def test_evidence_is_described_before_it_is_sent(client: FlaskClient, it: Consultation) -> None:
    client.post(f"/c/{it.slug}/respond/comment/1.1", data={"stance": "drop", "body": "This is too slow."})
    client.post(f"/c/{it.slug}/respond/about", data={"speaks": "none", "language": "en"})
    upload(client, it.slug, jpeg(), "a.jpg")
    page = client.get(f"/c/{it.slug}/respond/check").text
    assert "Describe this evidence before you send" in page
    assert "Send my submission" not in page
    assert "Describe each item of evidence" in page, "where the button would be"


def test_a_refused_file_asks_for_one_thing_only_to_be_removed(
    client: FlaskClient, it: Consultation, session: Session
) -> None:
    with_evidence(client, it.slug)
    describe = upload(client, it.slug, jpeg(), "a.jpg").headers["Location"]
    assert "Now say what it shows" in client.get(describe).text
    newest = select(StoredFile.id).order_by(StoredFile.id.desc()).limit(1).scalar_subquery()
    refused = {"state": "refused", "reason": "broken", "due_at": None}
    session.execute(update(StoredFile).where(StoredFile.id == newest).values(**refused))
    session.commit()
    page = client.get(f"/c/{it.slug}/respond/check").text
    assert "This file is damaged or incomplete." in page
    assert client.get(describe).headers["Location"] == f"/c/{it.slug}/respond/evidence", "nothing is to be said of it"
    assert "Remove refused files before you send" in page
    assert "Describe this evidence before you send" not in page
    assert "Describe each item of evidence" not in page
    assert "Describe this evidence" not in page
    assert "Send my submission" not in page
    removing = page.split("a.jpg")[1].split('action="')[1].split('"')[0]
    page = client.post(removing.replace("&amp;", "&"), follow_redirects=True).text
    assert "Evidence removed from your unfinished submission" in page
    assert "Send my submission" in page


def test_what_is_changed_or_removed_from_the_check_page_leads_back_to_it(
    client: FlaskClient, it: Consultation, session: Session
) -> None:
    with_evidence(client, it.slug)
    check = f"/c/{it.slug}/respond/check"
    page = client.get(check).text
    change = next(link for link in re.findall(r'href="([^"]+)"', page) if "/respond/evidence/" in link)
    assert f'href="{check}">Back without saving' in client.get(change).text
    assert client.post(change, data=_SAID).headers["Location"] == check
    for what in ("/respond/evidence/", "/respond/comment/"):
        removing = next(link for link in re.findall(r'action="([^"]+)"', page) if what in link and "/remove" in link)
        seen = page.split(f'action="{removing}"')[1].split('name="seen" value="')[-1].split('"')[0]
        assert client.post(removing, data={"seen": seen}).headers["Location"] == check


def test_at_most_twenty_pieces_are_taken(client: FlaskClient, it: Consultation) -> None:
    for number in range(20):
        said = {**_SAID, "reference": f"10.1000/{number}"}
        assert client.post(f"/c/{it.slug}/respond/evidence/reference", data=said).status_code == 303
    answer = client.post(f"/c/{it.slug}/respond/evidence/reference", data={**_SAID, "reference": "10.1000/20"})
    assert "at most 20" in answer.text
    assert upload(client, it.slug, jpeg(), "a.jpg").status_code == 409


def test_what_is_removed_from_a_draft_is_destroyed(client: FlaskClient, it: Consultation, session: Session) -> None:
    described = upload(client, it.slug, jpeg(), "a.jpg").headers["Location"]
    assert client.post(f"{described}/remove").status_code == 303
    assert session.scalars(select(StoredFile.salt)).one() is None
    assert client.get(described).status_code == 404


def test_files_of_a_deleted_draft_are_destroyed_and_those_that_are_named_stay(
    client: FlaskClient, it: Consultation, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(session, client, it)
    upload(client, it.slug, jpeg(), "a.jpg")
    monkeypatch.setattr(claims, "UNCLAIMED", -claims.UNCLAIMED)
    assert claims.erase_unclaimed(session) == 0
    client.post(f"/c/{it.slug}/respond/discard")
    assert claims.erase_unclaimed(session) == 1
    session.commit()
    assert [row.name for row in session.scalars(select(StoredFile).where(StoredFile.salt.is_not(None)))] == [
        "study.pdf"
    ]


def test_an_author_who_changes_what_was_returned_finds_the_evidence_and_may_add_to_it(
    client: FlaskClient, it: Consultation, session: Session
) -> None:
    with_evidence(client, it.slug)
    send(client, it.slug)
    row = session.scalars(select(Submission)).one()
    service.transition(session, row, state=State.RETURNED, actor="moderator", reason="personal")
    client.post(f"/c/{it.slug}/respond/amend/{row.reference}/{service.author_secret(row)}")
    assert "study.pdf" in client.get(f"/c/{it.slug}/respond/evidence").text
    described = upload(client, it.slug, jpeg(), "a.jpg").headers["Location"]
    client.post(described, data=_SAID)
    send(client, it.slug)
    session.expire_all()
    assert len(session.scalars(select(Evidence)).all()) == 3


def test_while_files_cannot_be_kept_words_can_be_sent(
    client: FlaskClient, it: Consultation, session: Session, tmp_path: Any
) -> None:
    settings = client.application.config["SETTINGS"]
    (tmp_path / "file").write_text("in the way")
    client.application.config["SETTINGS"] = replace(settings, data_dir=tmp_path / "file")
    try:
        answer = upload(client, it.slug, jpeg(), "a.jpg")
        assert answer.status_code == 503
        assert "Your text is safe" in answer.text
        client.post(f"/c/{it.slug}/respond/comment/1.1", data={"stance": "drop", "body": "This is too slow."})
        client.post(f"/c/{it.slug}/respond/about", data={"speaks": "none", "language": "en"})
        send(client, it.slug)
    finally:
        client.application.config["SETTINGS"] = settings
    assert session.scalars(select(Submission)).one()


def test_a_submission_whose_file_is_not_checked_waits_in_a_queue_of_its_own(
    client: FlaskClient, it: Consultation, session: Session
) -> None:
    with_evidence(client, it.slug)
    send(client, it.slug)
    filing.numbered(session)
    queue.FOLLOWER.follow_site(session)
    row = session.scalars(select(QueueEntry)).one()
    assert (row.queue, row.home) == (Queue.FILES, Queue.FILES)
    queue.requeue_checked(session)
    session.refresh(row)
    assert row.queue is Queue.FILES
    check_all(session)
    queue.requeue_checked(session)
    session.expire_all()
    assert session.scalars(select(QueueEntry.queue)).one() is Queue.NEW


def test_the_page_after_sending_counts_the_evidence_as_the_receipt_on_paper_does(
    client: FlaskClient, it: Consultation, session: Session
) -> None:
    with_evidence(client, it.slug)
    send(client, it.slug)
    row = session.scalars(select(Submission)).one()
    page = client.get(f"/c/{it.slug}/sent/{row.reference}").text
    assert "1 comment, 2 items of evidence" in page
    assert re.search(r"\d\d:\d\d CES?T \([\w ,;]*\d\d:\d\d UTC\)", page), (
        "by the clocks of its place, and as the record has it"
    )


def test_a_language_that_was_not_said_of_evidence_is_not_said_anywhere(
    client: FlaskClient, it: Consultation, session: Session
) -> None:
    client.post(f"/c/{it.slug}/respond/comment/1.1", data={"stance": "drop", "body": "This is too slow."})
    said = {**_SAID, "language": "", "reference": "https://doi.org/10.1000/182"}
    client.post(f"/c/{it.slug}/respond/evidence/reference", data=said)
    client.post(f"/c/{it.slug}/respond/about", data={"speaks": "none", "language": "es"})
    send(client, it.slug)
    row = session.scalars(select(Submission)).one()
    service.transition(session, row, state=State.PUBLISHED, actor="moderator")
    session.commit()
    piece = session.scalars(select(Evidence)).one()
    assert piece.language == ""
    page = client.get(f"/c/{it.slug}/evidence/{piece.id}")
    assert page.status_code == 200
    assert 'lang=""' not in page.text
