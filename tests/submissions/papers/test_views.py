"""A position paper with recommendations: from the file to the paragraphs that they are on."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.consultations.model import Consultation
from consult.submissions import service
from consult.submissions.commitments import contents, recomputation
from consult.submissions.model import Comment, State, Submission
from tests import factories
from tests.submissions.evidence.test_views import check_all, send

DRAFT = """# Draft plan

## 2 Treatment

2.1 At least 60 per cent of people get treatment.

2.2 Naloxone is given to every person who leaves prison.
"""
PAPER = """Comments on the Draft plan

We are an association of families.

We recommend to replace “60 per cent” by “80 per cent” in paragraph 2.1.

Paragraph 2.2 should also name families.

Funding must be safe."""


@pytest.fixture
def it(session: Session) -> Consultation:
    row = factories.with_draft(session, DRAFT)
    row.title = "Draft plan on treatment"
    session.commit()
    return row


def upload(session: Session, client: FlaskClient, slug: str) -> str:
    form = {"file": (io.BytesIO(PAPER.replace("Draft plan", "Draft plan on treatment").encode()), "paper.txt"),
            "title": "Treatment for all", "consent": "y"}  # fmt: skip
    answer = client.post(f"/c/{slug}/respond/paper", data=form, content_type="multipart/form-data")
    answer.request.environ["wsgi.input"].close()  # a temporary file of the test client's
    check_all(session)
    return str(answer.headers["Location"])


def fields_of(page: str) -> dict[str, Any]:
    """The form as a browser without scripts would send it."""
    form: dict[str, Any] = {"take": re.findall(r'name="take" value="(\d+)"[^>]* checked', page)}
    form |= dict(re.findall(r'name="(block-\d+)" value="(\d+)"', page))
    for name, options in re.findall(r'<select[^>]*name="([\w-]+)"[^>]*>(.*?)</select>', page, re.S):
        chosen = re.search(r'value="([^"]*)" selected', options) or re.search(r'value="([^"]*)"', options)
        form[name] = chosen[1] if chosen else ""
    return form


def file_paper(session: Session, client: FlaskClient, slug: str, **changed: Any) -> Submission:
    url = upload(session, client, slug)
    form = fields_of(client.get(url).text) | changed
    assert client.post(url, data=form).status_code == 303
    client.post(f"/c/{slug}/respond/about", data={"speaks": "none", "language": "en"})
    send(client, slug)
    return session.scalars(select(Submission).order_by(Submission.id.desc()).limit(1)).one()


def test_recommendations_that_name_a_paragraph_are_offered_and_filed_on_it(
    session: Session, client: FlaskClient, it: Consultation
) -> None:
    page = client.get(upload(session, client, it.slug)).text
    assert "We found 2 recommendations that name a part of the draft." in page
    assert re.search(r"<ins>.*?</bdi>80", page)
    row = file_paper(session, client, it.slug)
    comments = session.scalars(select(Comment).where(Comment.submission_id == row.id).order_by(Comment.position)).all()
    placed = [comment for comment in comments if not comment.paper]
    assert [(comment.amendment, (comment.paper_place or {})["block"]) for comment in placed] == [
        (len("At least 80 per cent of people get treatment."), 2),
        (None, 3),
    ]
    assert placed[1].body == "Paragraph 2.2 should also name families."
    assert any(comment.paper for comment in comments)


def test_the_paragraph_leads_to_the_block_of_the_published_paper(
    session: Session, client: FlaskClient, it: Consultation
) -> None:
    row = file_paper(session, client, it.slug)
    service.transition(session, row, state=State.PUBLISHED, actor="m1")
    session.commit()
    page = client.get(f"/c/{it.slug}/p/2.2").text
    link = re.search(rf'href="(/c/{it.slug}/papers/{row.reference}/[0-9a-f]{{64}})#b3"', page)
    assert link
    assert "From the attached position paper" in page
    paper = client.get(link[1], follow_redirects=True).text
    assert re.search(r'id="b3"[^>]*>Paragraph 2\.2 should also name families\.', paper)


def test_nothing_is_placed_that_its_sender_did_not_tick(
    session: Session, client: FlaskClient, it: Consultation
) -> None:
    row = file_paper(session, client, it.slug, do="none")
    comments = session.scalars(select(Comment).where(Comment.submission_id == row.id)).all()
    assert comments
    assert all(comment.paper for comment in comments)


def test_the_sender_can_place_a_passage_that_was_missed(
    session: Session, client: FlaskClient, it: Consultation
) -> None:
    url = upload(session, client, it.slug)
    page = client.get(url).text
    form = fields_of(page)
    whole = re.search(r'<select[^>]*name="part-new".*?value="(\d+)"', page, re.S)
    assert whole
    client.post(url, data=form | {"take": [], "block-new": "4", "part-new": whole[1], "stance-new": "evidence"})
    again = client.get(url).text
    assert "Funding must be safe." in again
    assert len(fields_of(again)["take"]) == 1


def test_the_receipt_covers_the_block_and_a_forged_one_is_found(
    session: Session, client: FlaskClient, it: Consultation
) -> None:
    row = file_paper(session, client, it.slug)
    assert recomputation.find_record(contents.load(session, [row.id])[0]).fits
    comment = session.scalars(select(Comment).where(Comment.submission_id == row.id, ~Comment.paper).limit(1)).one()
    comment.paper_place = {**(comment.paper_place or {}), "block": 0}
    session.flush()
    assert not recomputation.find_record(contents.load(session, [row.id])[0]).fits
