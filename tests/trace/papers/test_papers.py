"""One's submission in the form that a body receives, and what it takes while one writes."""

from __future__ import annotations

import io

from docx import Document
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.core.clock import now
from consult.documents.model import Provision
from consult.submissions import service
from consult.submissions.coalitions import service as coalitions
from consult.submissions.model import Comment, Submission
from consult.trace.papers import rules
from tests import factories, filing
from tests.submissions.test_views import introduce, write


def sent(session: Session) -> Submission:
    row = factories.consultation(session)
    words = (
        filing.comment(session, row, "First thing.\n\nSecond thing."),
        filing.comment(session, row, "Third.", on="1.2"),
    )
    made = filing.file(session, row, *words, organisation="Exchange Now")
    session.commit()
    return made


def link(row: Submission) -> str:
    return f"/r/{row.reference}/{service.author_secret(row)}/papers"


def paragraphs(client: FlaskClient, row: Submission, key: str) -> list[str]:
    answer = client.get(f"{link(row)}/{key}.docx")
    assert answer.status_code == 200
    return [one.text for one in Document(io.BytesIO(answer.data)).paragraphs if one.text]


def test_an_upr_submission_has_its_signatories_on_top_and_numbered_paragraphs(
    client: FlaskClient, session: Session
) -> None:
    row = sent(session)
    other = factories.organisation(session, name="River Council")
    coalitions.invite(session, submission=row, name=other.name).confirmed_at = now()
    session.commit()
    said = paragraphs(client, row, "upr")
    assert said[1:3] == ["Exchange Now", "River Council"]
    assert said[-5:] == ["Paragraph 1.1", "1. First thing.", "2. Second thing.", "Paragraph 1.2", "3. Third."]


def test_a_paper_has_no_name_of_the_site_and_shows_what_a_proposed_wording_changes(
    client: FlaskClient, session: Session
) -> None:
    """It goes to a body as its author's paper."""
    consultation = factories.consultation(session)
    paragraph = session.scalars(select(Provision).where(Provision.number == "1.1")).first()
    assert paragraph is not None
    wording = f"{paragraph.text} Without a fee."
    row = filing.file(session, consultation, filing.comment(session, consultation, f"{wording}\n\nFees keep us away."))
    made = session.scalars(select(Comment).where(Comment.submission_id == row.id)).one()
    made.amendment = len(wording)
    session.commit()
    for key in rules.load_rules():
        document = Document(io.BytesIO(client.get(f"{link(row)}/{key}.docx").data))
        heads = [one.text for section in document.sections for one in section.header.paragraphs]
        assert "".join(heads) == ""
        shown = [one for one in document.paragraphs if one.text]
        assert "Open Consultations" not in " ".join(one.text for one in shown)
        assert "Paragraph 1.1" in [one.text for one in shown]
        (quote,) = [one for one in shown if one.style is not None and one.style.name == "Quote"]
        new = "".join(run.text for run in quote.runs if run.font.underline)
        assert "Without a fee." in new
        assert shown[-1].text.endswith("Fees keep us away.") or not rules.load_rules()[key].signatories_first
    page = client.get(link(row)).text
    assert "The document does not name this site." in page
    assert "Beside your words there is only" not in page


def test_a_paper_strikes_out_a_paragraph_whose_deletion_it_suggests(client: FlaskClient, session: Session) -> None:
    consultation = factories.consultation(session)
    paragraph = session.scalars(select(Provision).where(Provision.number == "1.1")).one()
    row = filing.file(session, consultation, filing.comment(session, consultation, "Fees keep us away."))
    session.scalars(select(Comment).where(Comment.submission_id == row.id)).one().amendment = 0
    session.commit()
    document = Document(io.BytesIO(client.get(f"{link(row)}/letter.docx").data))
    (quote,) = [one for one in document.paragraphs if one.style is not None and one.style.name == "Quote"]
    assert [run.text for run in quote.runs if run.font.strike] == [paragraph.text]
    assert "Fees keep us away." in [one.text for one in document.paragraphs]


def test_a_statement_names_who_submits_it(client: FlaskClient, session: Session) -> None:
    assert "Exchange Now" in paragraphs(client, sent(session), "ecosoc")[0]


def test_a_written_statement_claims_no_status_that_this_site_cannot_know(client: FlaskClient, session: Session) -> None:
    assert "status" not in " ".join(paragraphs(client, sent(session), "ecosoc"))


def test_a_plain_letter_ends_with_the_name_and_numbers_nothing(client: FlaskClient, session: Session) -> None:
    said = paragraphs(client, sent(session), "letter")
    assert said[-1] == "Exchange Now"
    assert len(said) == len(set(said)), "no line stands there twice"
    assert "First thing." in said


def test_limits_are_data_with_their_source() -> None:
    for rule in rules.load_rules().values():
        assert bool(rule.limits) == bool(rule.source)
        assert rule.key in rules.PAPER_NAMES
        assert rule.limits.keys() <= rules.LIMIT_NAMES.keys()
    most = {(one.paper, one.who): one.most for one in rules.measure(["word"])}
    assert most["ecosoc", "general"] == 2000
    assert most["upr", "one"] == 2815


def test_what_is_too_long_is_said_by_how_much() -> None:
    found = {one.who: one.fits for one in rules.measure(["word " * 501])}
    assert (found["special_council"], found["special_commission"]) == (False, True)


def test_limits_are_shown_before_sending(client: FlaskClient, session: Session) -> None:
    row = factories.consultation(session)
    session.commit()
    write(client, row, body="word " * 600)
    introduce(client, row)
    page = client.get(f"/c/{row.slug}/respond/check").text
    assert "600 words" in page
    assert "100 words over the limit of 500" in page


def test_papers_open_for_nobody_without_the_link(client: FlaskClient, session: Session) -> None:
    row = sent(session)
    for path in (
        f"/r/{row.reference}/wrong/papers",
        f"/r/{row.reference}/wrong/papers/upr.docx",
        f"{link(row)}/x.docx",
    ):
        assert client.get(path).status_code == 404
    assert client.get(link(row)).headers["Cache-Control"] == "no-store"
