"""Position papers: listed with their pages, and their checked requests with a link to the page of the file."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.arguments.model import Claim
from consult.core.clock import now
from consult.core.i18n import force_locale
from consult.digests.content import papers
from consult.digests.model import Digest
from consult.digests.render import layout, paper_phrases
from consult.files.model import State as FileState
from consult.files.model import StoredFile
from consult.submissions.model import Comment, Evidence, EvidenceKind, NameRule, Submission
from tests.arguments.speaking import NEEDLES
from tests.digests.conftest import compile as compile
from tests.filing import State, decide
from tests.responses.answering import argued
from tests.responses.test_synopsis import closed, text_of

BEGINNING = "We run four clinics.\n\n"


def attach_paper(session: Session, row: Submission, words: str, *, name: str = "") -> Evidence:
    """The submission as one of an organisation with a paper of two pages; the words begin the second."""
    row.name_rule, row.organisation_name = (NameRule.ORGANISATION, name) if name else (row.name_rule, None)
    text = f"{BEGINNING}{words.replace(' ', chr(10), 1)}\n\n"
    file = StoredFile(folder=f"paper-{row.id}", salt=b"s", name="paper.pdf", kind="pdf", size=9, state=FileState.CLEAN,
                      created_at=now(), text=text, page_starts=[0, len(BEGINNING)])  # fmt: skip
    session.add(file)
    session.flush()
    paper = Evidence(submission_id=row.id, consultation_id=row.consultation_id, position=0, shown=True,
                     file_id=file.id, kind=EvidenceKind.POSITION_PAPER, description="Our position", language="en",
                     place="", method="", consent=True)  # fmt: skip
    session.add(paper)
    session.commit()
    return paper


def sender(session: Session, words: str) -> Submission:
    return session.scalars(
        select(Submission).join(Comment, Comment.submission_id == Submission.id).where(Comment.body == words)
    ).one()


def test_a_paper_is_listed_with_its_pages_and_requests_in_every_rendering(
    app: Flask, session: Session, client: FlaskClient, compile: Callable[..., Digest]
) -> None:
    row, argument = argued(session)
    paper = attach_paper(session, sender(session, NEEDLES[0]), NEEDLES[0], name="Network of clinics")
    argument.name = "Needle exchange"
    closed(session, row)
    digest = compile(row)
    (found,) = digest.body.papers.rows
    assert (found.organisation, found.pages) == ("Network of clinics", 2)
    assert [(one.name, one.page) for one in found.requests] == [("Needle exchange", 2)]
    with app.test_request_context(), force_locale("en"):
        said, request = paper_phrases.papers(digest.body)
        assert said.text == "⁨Network of clinics⁩ · 2 pages · 1 checked request"
        assert request.text.startswith("⁨Network of clinics⁩, page 2: ⁨Needle exchange⁩ · Paragraph ")
        assert request.link(row.slug, digest.id).endswith(f"/evidence/{paper.id}/file#page=2")
        blocks = layout.report(digest.body, digest.id)["blocks"]
        assert request.text in {item.get("text") for one in blocks for item in one.get("items", ())}
    assert request.text in text_of(client.get(f"/c/{row.slug}/synopsis").text)


def test_papers_that_are_not_listed_are_counted(session: Session, monkeypatch: object) -> None:
    row, _argument = argued(session)
    for number, words in enumerate(NEEDLES):
        attach_paper(session, sender(session, words), words, name=f"Organisation {number}")
    monkeypatch.setattr(papers, "MAX_PAPERS", 2)  # type: ignore[attr-defined]
    section = papers.find_papers(session, row.id, [])
    assert section is not None
    assert (len(section.rows), section.left_out) == (2, 1)


def test_a_withdrawn_paper_and_words_that_changed_are_not_listed(session: Session) -> None:
    row, _argument = argued(session)
    sent = sender(session, NEEDLES[0])
    attach_paper(session, sent, NEEDLES[0])
    for one in session.scalars(select(Claim).where(Claim.submission_id == sent.id)):
        one.proof = b"other words"
    session.commit()
    section = papers.find_papers(session, row.id, [])
    assert section is not None
    assert [(one.organisation, one.requests) for one in section.rows] == [("", ())]
    decide(session, sent, State.WITHDRAWN)
    session.commit()
    assert papers.find_papers(session, row.id, []) is None
