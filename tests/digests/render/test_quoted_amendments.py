"""An amendment is quoted as what it changes: in the letter, its plain text, on the page, on paper."""

from __future__ import annotations

import email
import email.policy
import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NoReturn

import pypdfium2
import pytest
from docx import Document
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.consultations.model import Consultation
from consult.core.web.access import Role
from consult.digests.content.rows import ChangedWords
from consult.digests.jobs import pdf
from consult.digests.model import Digest
from consult.digests.render import brief, current_quotes, first_screen, layout, phrases
from consult.digests.render.marks import in_quotation_marks
from consult.documents.model import Provision
from consult.mail import outbox
from consult.mail.drain import build_message
from consult.mail.model import Letter
from consult.submissions.amendments import queries as amendments
from consult.submissions.model import Comment, Stance
from tests import factories
from tests.filing import comment, file

Compile = Callable[..., Digest]
WHY = "Transmission only falls above it, as three cities have measured over six years."


@pytest.fixture
def row(session: Session) -> Consultation:
    made = factories.consultation(session)
    paragraph = session.scalars(
        select(Provision).where(Provision.version_id == made.version_id, Provision.number == "1.1")
    ).one()
    paragraph.text = "States should reach at least sixty per cent of the people who inject drugs by the year 2030."
    session.commit()
    return made


def amend(session: Session, row: Consultation, better: str, why: str = "") -> Any:
    said = comment(session, row, f"{better}\n\n{why}".strip(), "1.1", "wording")
    return file(session, row, replace(said, stance=Stance.WORDING, amendment=len(better)), published=True)


BETTER = "States should reach at least eighty per cent of the people who inject drugs by the year 2030."


def test_the_letter_strikes_out_what_goes_and_underlines_what_comes(
    session: Session, row: Consultation, compile: Compile, subscribe: Callable[..., Any]
) -> None:
    subscribe(row)
    amend(session, row, BETTER)
    compile(row)
    letter = session.scalars(select(Letter).where(Letter.key.startswith("digest:"))).one()
    with outbox.open_connection() as connection:
        (claimed,) = outbox.claim(connection, due=letter.next_at, held=letter.next_at, most=9)
        said = outbox.load_contents(connection, [claimed])[letter.content_id or 0]
    message = email.message_from_bytes(build_message(claimed, said, ("C", "c@x.org")), policy=email.policy.default)
    html = message.get_body(("html",)).get_content()
    assert ">sixty</del> <ins" in html
    assert ">eighty</ins>" in html
    text = " ".join(message.get_body(("plain",)).get_content().split())
    assert "at least [Deleted: sixty][New: eighty] per cent" in text


def test_the_page_and_the_papers_show_it_too(
    session: Session, row: Consultation, compile: Compile, sign_in: Any
) -> None:
    amend(session, row, BETTER)
    digest = compile(row)
    page = sign_in(factories.account(session, Role.POLICYMAKER)).get(f"/desk/digests/{digest.id}").text
    assert "sixty</del><ins>" in page
    document = layout.one_page(current_quotes.fill_quotes(session, digest.body), digest.id)
    paper = Document(io.BytesIO(pdf.make_docx(document)))
    runs = [run for paragraph in paper.paragraphs for run in paragraph.runs]
    assert [run.text for run in runs if run.font.strike] == ["sixty"]
    assert "eighty" in [run.text for run in runs if run.font.underline]
    read = pypdfium2.PdfDocument(pdf.make_pdf(document))[0].get_textpage().get_text_bounded()
    assert "sixty eighty per cent" in " ".join(read.split())


def test_what_stays_is_shortened_around_the_change(session: Session, row: Consultation, compile: Compile) -> None:
    amend(session, row, BETTER.replace("sixty", "eighty").replace("the year 2030", "2030"))
    said = current_quotes.fill_quotes(session, compile(row).body).places[0].quotes[0]
    assert said.difference[1] == ChangedWords(mark="gone", text="sixty")
    assert phrases.quoted(said).startswith("States should reach")


def test_the_reason_of_an_amendment_stands_after_it_between_marks(
    session: Session, row: Consultation, compile: Compile
) -> None:
    amend(session, row, "Eighty.", WHY)
    said = current_quotes.fill_quotes(session, compile(row).body).places[0].quotes[0]
    assert said.difference[0].mark == "gone"
    assert phrases.quoted(said).endswith(f" {in_quotation_marks(WHY)}")


def test_an_amendment_with_covered_words_is_no_difference(session: Session, row: Consultation) -> None:
    filed = amend(session, row, BETTER)
    said = session.scalars(select(Comment).where(Comment.submission_id == filed.id)).one()
    assert list(amendments.list_differences(session, [said.id])) == [said.id]
    said.redacted_body = BETTER.replace("drugs", "█████")
    session.flush()
    assert amendments.list_differences(session, [said.id]) == {}


def test_the_figure_says_so_where_one_submission_has_two_squares(session: Session, compile: Compile) -> None:
    made = factories.consultation(session)
    file(session, made, comment(session, made, "Good.", "1.1", "support"), published=True)
    assert "several types" not in (first_screen.figure(brief.build(compile(made).body, brief.LETTER)) or fail()).key
    both = [comment(session, made, words, "1.1", kind) for words, kind in (("Yes.", "support"), ("But.", "concern"))]
    file(session, made, *both, published=True)
    assert (
        "A submission with several types of comment has one square for each type."
        in (first_screen.figure(brief.build(compile(made).body, brief.LETTER)) or fail()).key
    )


def fail() -> NoReturn:
    raise AssertionError("there is no figure")
