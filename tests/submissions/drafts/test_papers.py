"""A position paper from the form to what is published of it."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.consultations.model import Consultation
from consult.files.model import StoredFile
from consult.moderation import hidden_words
from consult.moderation.model import Decision
from consult.moderation.redaction import Redaction
from consult.search import queries as search_queries
from consult.search import service as search
from consult.search.query_terms import SearchQuery
from consult.submissions import revisions, service
from consult.submissions.drafts import papers
from consult.submissions.model import Comment, Evidence, EvidenceKind, State, Submission
from tests import factories, filing
from tests.submissions.evidence.test_views import check_all, send

SENTENCE = "Sixty per cent of the beds are empty because nobody may leave them."
WORDS = 6180


def paper() -> str:
    """6,180 words in paragraphs of some sentences, as such papers are."""
    words = (f"{SENTENCE} " * (WORDS // 13 + 1)).split()[:WORDS]
    lines = [" ".join(words[at : at + 104]) for at in range(0, WORDS, 104)]
    return "Beds that nobody may leave\n\n" + "\n\n".join(lines)


@pytest.fixture
def it(session: Session) -> Consultation:
    row = factories.consultation(session)
    session.commit()
    return row


def upload(client: FlaskClient, slug: str, **more: str) -> Any:
    form = {"file": (io.BytesIO(paper().encode()), "paper.txt"), "title": "Beds that nobody may leave", **more}
    answer = client.post(f"/c/{slug}/respond/paper", data=form, content_type="multipart/form-data")
    answer.request.environ["wsgi.input"].close()  # a temporary file of the test client's
    return answer


def filed(session: Session, client: FlaskClient, slug: str) -> Submission:
    assert upload(client, slug, consent="y").headers["Location"].endswith("/respond/paper/recommendations")
    assert client.post(f"/c/{slug}/respond/about", data={"speaks": "none", "language": "en"}).status_code == 303
    check_all(session)
    send(client, slug)
    return session.scalars(select(Submission).order_by(Submission.id.desc()).limit(1)).one()


def parts(session: Session, row: Submission) -> list[str]:
    found = select(Comment.body).where(Comment.submission_id == row.id, Comment.paper).order_by(Comment.position)
    return list(session.scalars(found))


def test_a_paper_of_6180_words_is_filed_in_five_screens_with_all_its_words(
    client: FlaskClient, session: Session, it: Consultation
) -> None:
    """The screens: the paper, its recommendations, about you, check, and the receipt."""
    row = filed(session, client, it.slug)
    said = parts(session, row)
    assert len(said) > 5
    assert all(len(part) <= 5000 for part in said)
    assert " ".join(" ".join(said).split()) == " ".join(paper().split())
    assert session.scalars(select(Evidence.kind)).all() == [EvidenceKind.POSITION_PAPER]
    receipt = client.get(f"/c/{it.slug}/sent/{row.reference}").text
    assert "1 position paper" in receipt
    assert "comment" not in receipt[receipt.index("Contains") : receipt.index("Published as")], "no part of it is one"


def test_its_text_and_the_cleaned_copy_are_seen_before_it_is_sent(
    client: FlaskClient, session: Session, it: Consultation
) -> None:
    upload(client, it.slug, consent="y")
    client.post(f"/c/{it.slug}/respond/about", data={"speaks": "none", "language": "en"})
    waiting = client.get(f"/c/{it.slug}/respond/check").text
    assert "We are reading the text" in waiting
    assert "Send my submission" not in waiting
    check_all(session)
    page = client.get(f"/c/{it.slug}/respond/check").text
    assert f"We found {WORDS + 5:,} words" in page
    link = page.split('" download')[0].rpartition('href="')[2]
    copy = client.get(link)
    assert SENTENCE in copy.text
    assert copy.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert client.application.test_client().get(link).status_code == 404


def test_a_forgotten_consent_costs_no_upload_and_still_is_asked_for(
    client: FlaskClient, session: Session, it: Consultation
) -> None:
    answer = upload(client, it.slug)
    assert answer.headers["Location"].endswith("/respond/paper")
    assert "File uploaded and saved. Tick the box" in client.get(f"/c/{it.slug}/respond/paper").text
    client.post(f"/c/{it.slug}/respond/about", data={"speaks": "none", "language": "en"})
    check_all(session)
    assert "Send my submission" not in client.get(f"/c/{it.slug}/respond/check").text
    client.post(f"/c/{it.slug}/respond/paper", data={"title": "Beds", "consent": "y"})
    assert "Send my submission" in client.get(f"/c/{it.slug}/respond/check").text
    assert len(session.scalars(select(StoredFile.id)).all()) == 1


def test_a_change_of_the_rest_leaves_the_words_of_the_paper_as_they_are(
    client: FlaskClient, session: Session, it: Consultation
) -> None:
    row = filed(session, client, it.slug)
    before = parts(session, row)
    ids = session.scalars(select(Comment.id).where(Comment.paper)).all()
    writing = revisions.to_draft_content(session, row)
    assert (writing.comments, list(writing.paper)) == ({}, before)
    assert papers.with_text(session, writing) == writing
    assert sorted(ids) == sorted(session.scalars(select(Comment.id)).all())


def test_a_search_finds_a_paper_once_with_the_passage(client: FlaskClient, session: Session, it: Consultation) -> None:
    row = filed(session, client, it.slug)
    service.transition(session, row, state=State.PUBLISHED, actor="moderator")
    session.commit()
    filing.numbered(session)
    while search.FOLLOWER.follow_site(session):
        session.commit()
    word = SENTENCE.split()[1].strip(",.")
    results = search_queries.find_matches(session, SearchQuery(words=word, consultation_id=it.id))
    assert (results.count, results.evidence) == (1, 0)
    (hit,) = results.page.items
    assert hit.voice
    assert hit.voice.paper
    assert hit.matched
    assert search_queries.find_matches(session, SearchQuery(consultation_id=it.id, what="comment")).count == 1
    of_files = search_queries.find_matches(session, SearchQuery(words=word, consultation_id=it.id, what="evidence"))
    assert (of_files.count, [hit.exhibit is not None for hit in of_files.page.items]) == (1, [True])
    everything = search_queries.find_matches(session, SearchQuery())
    assert len(everything.page.items) == 1
    many = pytest.MonkeyPatch()
    many.setattr(search_queries, "MANY", 2)
    walked = search_queries.find_matches(session, SearchQuery(words=word, consultation_id=it.id))
    many.undo()
    assert (walked.count, [item.voice and item.voice.id for item in walked.page.items]) == (None, [hit.voice.id])
    page = client.get(f"/c/{it.slug}/search?q={word}").text
    assert page.count('<li class="comment">') == 1
    assert "From the position paper" in page


def test_where_words_of_it_are_covered_its_file_is_shown_to_nobody(
    client: FlaskClient, session: Session, it: Consultation
) -> None:
    row = filed(session, client, it.slug)
    service.transition(session, row, state=State.PUBLISHED, actor="moderator")
    session.commit()
    number = session.scalars(select(Evidence.id)).one()
    assert client.get(f"/c/{it.slug}/evidence/{number}/file").status_code == 200
    first = session.scalars(select(Comment.id).where(Comment.paper).order_by(Comment.position).limit(1)).one()
    decision = Decision(redactions=[Redaction(first, 0, 4, "third_person").row])
    hidden_words.apply_redactions(session, row, decision)
    session.commit()
    assert client.get(f"/c/{it.slug}/evidence/{number}/file").status_code == 404
    assert client.get(f"/c/{it.slug}/evidence/{number}").status_code == 404
    page = client.get(f"/c/{it.slug}/comments/{row.reference}").text
    assert "From the position paper" in page
    assert "Beds that nobody" not in page.split("From the position paper")[1][:600]
    assert "download>" not in page


def test_erasure_destroys_its_words_and_its_file(client: FlaskClient, session: Session, it: Consultation) -> None:
    row = filed(session, client, it.slug)
    service.erase(session, row)
    session.commit()
    assert set(parts(session, row)) <= {""}
    assert session.scalars(select(Evidence.id)).all() == []
    assert set(session.scalars(select(StoredFile.text)).all()) <= {""}
