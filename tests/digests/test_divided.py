"""Points of disagreement: what most say on either side, on paper and in the letter about several consultations."""

from __future__ import annotations

import io
from typing import Any

import pypdfium2
import pytest
from docx import Document
from docx.oxml.ns import qn
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.arguments import queries
from consult.arguments import service as arguments
from consult.consultations.model import Consultation
from consult.core.i18n import force_locale
from consult.core.web.access import Role
from consult.digests.content.body import Body
from consult.digests.delivery import combined_letters
from consult.digests.delivery import service as delivery
from consult.digests.jobs import pdf
from consult.digests.model import WaitingDigest
from consult.digests.render import current_quotes, layout
from consult.mail import outbox
from consult.mail.drain import build_message
from consult.mail.model import Letter
from tests import factories
from tests.arguments.speaking import NEEDLES, PRISONS, follow, propose
from tests.digests.content.test_argument_queries import compiled
from tests.filing import comment, file


@pytest.fixture
def row(session: Session) -> Consultation:
    """Three support paragraph 1.1 with one point, two raise concerns with another; on 1.2 there is one side only."""
    made = factories.consultation(session)
    sides = [(words, "1.1", "support") for words in NEEDLES] + [(words, "1.1", "concern") for words in PRISONS[:2]]
    for words, on, stance in [*sides, *((words, "1.2", "support") for words in PRISONS)]:
        file(session, made, comment(session, made, words, on, stance), published=True)
    follow(session, made)
    for place in queries.list_places(session, made.id):
        propose(session, made, place)
    by = factories.account(session, Role.ADMIN)
    for one in queries.list_arguments(session, made.id, place="chp_1__para_1"):
        name = "Fund the exchange" if one.stance == "support" else "Think of prisons first"
        arguments.name_argument(session, argument_id=one.id, by=by, words=name)
    session.commit()
    return made


def body_of(session: Session, row: Consultation) -> Body:
    return current_quotes.fill_quotes(session, compiled(session, row).body)


def test_a_digest_tells_both_sides_of_a_place_and_no_place_with_one(session: Session, row: Consultation) -> None:
    (place,) = body_of(session, row).divided
    assert place.place == "chp_1__para_1"
    sides = [(one.stance, one.voices, one.label) for one in place.arguments]
    assert sides == [("support", 3, "Fund the exchange"), ("concern", 2, "Think of prisons first")]


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_sheet_has_a_line_for_each_side_and_stays_one_page(
    session: Session, row: Consultation, language: str
) -> None:
    body = body_of(session, row)
    with force_locale(language):
        document = layout.one_page(body, 7)
    pages = pypdfium2.PdfDocument(pdf.make_pdf(document))
    assert len(pages) == 1
    printed = pages[0].get_textpage().get_text_range()
    assert "exchange" in printed
    assert "prisons" in printed
    lines = [item["text"] for block in document["blocks"] if block["is"] == "list" for item in block["items"]]
    if language == "en":
        assert any(line.startswith("Paragraph 1.1 · Keep, 3 submissions: ") for line in lines)


def test_the_report_tells_every_argument_with_who_makes_it_and_a_quote(session: Session, row: Consultation) -> None:
    body = body_of(session, row)
    document = layout.report(body, 7)
    printed = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf.make_pdf(document)))
    paper = Document(io.BytesIO(pdf.make_docx(document)))
    written = "\n".join(paragraph.text for paragraph in paper.paragraphs)
    for text in (printed, written):
        assert "Requests and reasons" in text
        assert "Raises a concern · Paragraph 1.1 · 2 submissions" in text
        assert "Points of disagreement" in text
    number = body.divided[0].arguments[0].id
    ways = {way.target_ref for way in paper.part.rels.values() if way.is_external}
    assert any(way.endswith(f"/arguments/{number}") for way in ways)


def test_the_written_report_draws_its_bars_and_a_screen_reader_meets_only_words(
    session: Session, row: Consultation
) -> None:
    paper = Document(io.BytesIO(pdf.make_docx(layout.report(body_of(session, row)))))
    bars = [table for table in paper.tables if table._tbl.tblPr.find(qn("w:tblDescription")) is not None]
    cells = [bar.rows[0].cells for bar in bars]
    fills = [[cell._tc.tcPr.find(qn("w:shd")).get(qn("w:fill")) for cell in bar] for bar in cells]
    assert ["1A6B43", "A8401D"] in fills  # paragraph 1.1: support, then concern
    shares = [[round(100 * cell.width / sum(each.width for each in bar)) for cell in bar] for bar in cells]
    assert [60, 40] in shares  # three of five, two of five
    assert not any(cell.text for bar in cells for cell in bar)
    assert all(bar._tbl.tblPr.find(qn("w:tblDescription")).get(qn("w:val")) for bar in bars)


def test_the_letter_about_several_consultations_tells_what_is_argued_in_each(
    session: Session, row: Consultation, subscribe: Any
) -> None:
    reader = factories.account(session, Role.POLICYMAKER, email="reader@example.org")
    delivery.set_preferences(session, account=reader, joined=True, language=None, paused_until=None)
    subscribe(row, account=reader)
    compiled(session, row)
    assert session.scalars(select(WaitingDigest)).all()
    number = combined_letters.write_combined_letter(session, account_id=reader.id, cadence="weekly")
    session.commit()
    letter = session.get_one(Letter, number)
    with outbox.open_connection() as connection:
        (claimed,) = outbox.claim(connection, due=letter.next_at, held=letter.next_at, most=9)
        said = outbox.load_contents(connection, [claimed])[letter.content_id or 0]
    sent = " ".join(build_message(claimed, said, ("C", "c@x.org")).decode().split())
    assert sent.count("Points of disagreement") == 2  # HTML and its text twin
    assert sent.count("Think of prisons first") == 2
