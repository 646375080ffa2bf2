"""One's submission in the form that a body receives, and what it takes while one writes."""

from __future__ import annotations

import io

from docx import Document
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from consult.core.clock import now
from consult.submissions import service
from consult.submissions.coalitions import service as coalitions
from consult.submissions.model import Submission
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
    assert said[-3:] == ["1. First thing.", "2. Second thing.", "3. Third."]


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
    assert "100 words too many for 500" in page


def test_papers_open_for_nobody_without_the_link(client: FlaskClient, session: Session) -> None:
    row = sent(session)
    for path in (
        f"/r/{row.reference}/wrong/papers",
        f"/r/{row.reference}/wrong/papers/upr.docx",
        f"{link(row)}/x.docx",
    ):
        assert client.get(path).status_code == 404
    assert client.get(link(row)).headers["Cache-Control"] == "no-store"
