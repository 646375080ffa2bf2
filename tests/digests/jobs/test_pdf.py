"""A digest on paper: the sheet that goes with the letter, and the report."""

from __future__ import annotations

import email
import email.policy
import io
import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pikepdf
import pypdfium2
import pytest
from docx import Document
from docx.oxml.ns import qn
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.core.i18n import force_locale
from consult.core.web.access import Role
from consult.digests import letters as delivery_letters
from consult.digests import queries
from consult.digests.content.body import Body
from consult.digests.jobs import pdf
from consult.digests.model import Digest, Subscription
from consult.digests.render import current_quotes, layout, phrases
from consult.documents.formats import docx_style
from consult.mail import drain, outbox
from consult.mail.drain import build_message
from consult.mail.model import Letter, State
from tests import factories
from tests.filing import comment, file

Compile = Callable[..., Digest]
WORDS = "Sixty per cent is below the level at which transmission falls, so eighty should be the target"


@pytest.fixture
def body(session: Session, compile: Compile) -> Body:
    row = factories.consultation(session, chapters=4, paragraphs=4)
    for n in range(24):
        on, stance = f"{n % 4 + 1}.{n % 3 + 1}", ["support", "concern", "wording", "evidence"][n % 4]
        file(session, row, comment(session, row, f"{WORDS}, says {n}.", on, stance), person=f"P{n}", published=True)
    return current_quotes.fill_quotes(session, compile(row).body)


@pytest.mark.parametrize("language", ["en", "fr", "es", "ar"])
def test_the_sheet_is_one_tagged_page_in_the_readers_language(body: Body, language: str) -> None:
    with force_locale(language):
        made = pdf.make_pdf(layout.one_page(body))
        title = layout.one_page(body)["title"]
    with pikepdf.open(io.BytesIO(made)) as paper:
        assert len(paper.pages) == 1
        assert paper.Root.MarkInfo.Marked
        assert str(paper.Root.Lang) == language
        with paper.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"
            assert metadata["dc:title"] == title
    text = pypdfium2.PdfDocument(made)[0].get_textpage().get_text_range()
    assert "transmission" in text


def test_the_same_digest_is_the_same_bytes_in_another_process(body: Body) -> None:
    document = layout.one_page(body)
    script = (
        "import json, sys; from consult.digests.jobs import pdf as printing;"
        "d = json.load(sys.stdin); sys.stdout.buffer.write(printing.make_pdf(d) + printing.make_docx(d))"
    )
    printed = pdf.json.dumps(document).encode()
    other = subprocess.run([sys.executable, "-c", script], input=printed, capture_output=True, check=True).stdout
    assert other == pdf.make_pdf(document) + pdf.make_docx(document)


def test_the_report_is_a_document_with_headings_quotes_and_tables(body: Body) -> None:
    paper = Document(io.BytesIO(pdf.make_docx(layout.report(body))))
    words = [paragraph.text for paragraph in paper.paragraphs]
    assert any(WORDS in text for text in words)
    assert {"Heading 1", "Heading 2", "Heading 3"} <= {paragraph.style.name for paragraph in paper.paragraphs}
    tables = [table for table in paper.tables if len(table.rows) > 1]
    assert len(tables) == 5  # numbers, two groups of who was heard, all counts, books
    assert all(table._tbl.getnext().tag == qn("w:p") for table in tables), "two without words between are one"
    assert all(table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None for table in tables)
    for table in paper.tables:
        assert (
            0.9 * docx_style.LINE_WIDTH < sum(column.width for column in table.columns) < 1.01 * docx_style.LINE_WIDTH
        )
    pages = pypdfium2.PdfDocument(pdf.make_pdf(layout.report(body)))
    assert len(pages) > 1


def test_a_bar_of_the_report_has_the_shares_of_its_stances_and_says_them(body: Body) -> None:
    places = [place for place in body.places if place.stances]
    paper = Document(io.BytesIO(pdf.make_docx(layout.report(body))))
    bars = [table for table in paper.tables if len(table.rows) == 1]
    assert len(bars) == len(places) > 3
    for bar, place in zip(bars, places, strict=True):
        total = sum(place.stances.values())
        wanted = [
            docx_style.LINE_WIDTH * place.stances[it] // total for it in layout.STANCE_ORDER if place.stances.get(it)
        ]
        assert [column.width // 635 for column in bar.columns] == [width // 635 for width in wanted]
        said = bar._tbl.tblPr.find(qn("w:tblDescription")).get(qn("w:val"))
        assert phrases.stances(place) in said


def test_every_number_and_quote_of_the_papers_leads_to_its_list(body: Body) -> None:
    for document in (layout.one_page(body, 7), layout.report(body, 7)):
        with pikepdf.open(io.BytesIO(pdf.make_pdf(document))) as paper:
            found = {str(note.A.URI) for page in paper.pages for note in page.get("/Annots", ()) if "/A" in note}
        for what in ("received", "all-received", "texts", "individual", "organisations", "published", "all-at:chp_1"):
            assert any(f"/desk/digests/7/list/{what}" in address for address in found), what
        assert any("/comments/" in address for address in found)
    made = Document(io.BytesIO(pdf.make_docx(layout.report(body, 7))))
    ways = {way.target_ref for way in made.part.rels.values() if way.is_external}
    assert any(way.endswith("/desk/digests/7/list/all-received") for way in ways)
    assert any("/comments/" in way for way in ways)


def test_an_arabic_report_runs_from_the_right_and_its_english_quotes_do_not(body: Body) -> None:
    with force_locale("ar"):
        paper = Document(io.BytesIO(pdf.make_docx(layout.report(body))))
    bidi, visual, rtl = (qn(f"w:{name}") for name in ("bidi", "bidiVisual", "rtl"))
    for paragraph in paper.paragraphs:
        if not paragraph.text.strip():
            continue
        turned = paragraph._p.pPr is not None and paragraph._p.pPr.find(bidi) is not None
        assert turned == bool(re.search("[\u0600-\u06ff]", paragraph.text)), paragraph.text
    assert any(WORDS in paragraph.text for paragraph in paper.paragraphs)
    assert all(table._tbl.tblPr.find(visual) is not None for table in paper.tables)
    runs = [run for table in paper.tables for run in table._tbl.iter(qn("w:r")) if run.rPr is not None]
    sizes = {run.rPr.find(qn("w:szCs")) is not None for run in runs if re.search("[\u0600-\u06ff]", run.text)}
    assert sizes == {True}, "Arabic letters have a size of their own"
    title = next(paragraph for paragraph in paper.paragraphs if paragraph.style.name == "Heading 1")
    assert all(run._r.rPr.find(rtl) is not None for run in title.runs)


def _sent(session: Session) -> email.message.EmailMessage:
    session.commit()
    letter = session.scalars(select(Letter).where(Letter.key.startswith("digest:"))).one()
    with outbox.open_connection() as connection:
        claimed = outbox.claim(connection, due=letter.next_at, held=letter.next_at, most=9)
        said = outbox.load_contents(connection, claimed)[letter.content_id or 0]
    return email.message_from_bytes(build_message(claimed[0], said, ("C", "c@x.org")), policy=email.policy.default)


def _said(sent: email.message.EmailMessage) -> str:
    html = sent.get_body(("html",))
    return str(html.get_content()) if html else ""


def test_the_letter_carries_the_sheet(session: Session, compile: Compile, subscribe: Any) -> None:
    row = factories.consultation(session)
    subscribe(row, language="en")
    file(session, row, WORDS, published=True)
    compile(row)
    sent = _sent(session)
    assert "PDF is attached" in _said(sent)
    (attached,) = sent.iter_attachments()
    assert attached.get_filename() == f"{row.slug}-weekly-1.pdf"
    assert attached.get_content().startswith(b"%PDF-")
    assert sent.get_body(("html",)) is not None
    assert sent.get_body(("plain",)) is not None


def test_a_letter_that_cannot_be_printed_goes_without_its_sheet(
    session: Session, compile: Compile, subscribe: Callable[..., Subscription], monkeypatch: pytest.MonkeyPatch,
    client: FlaskClient,
) -> None:  # fmt: skip
    row = factories.consultation(session)
    subscribe(row, language="en")
    file(session, row, WORDS, published=True)
    monkeypatch.setattr(layout, "one_page", lambda _body: {"one_page": True})
    compile(row)
    sent = _sent(session)
    assert list(sent.iter_attachments()) == []
    assert "PDF is attached" not in _said(sent)
    health = client.get("/health", headers={"Accept": "application/json"})
    assert health.json
    assert health.json["checks"]["digests"] == "degraded"
    told = "we sent digests without a PDF because the PDF could not be made. Number of digests: 1."
    assert told in client.get("/health").text
    monkeypatch.undo()
    digest = session.scalars(select(Digest)).one()
    assert (
        delivery_letters.print_sheet(session, digest, current_quotes.fill_quotes(session, digest.body), "en")
        is not None
    )
    assert queries.count_unprinted(session) == 0


def test_one_may_send_oneself_a_copy_and_see_the_letter_before(
    session: Session, compile: Compile, sign_in: Any
) -> None:
    row = factories.consultation(session)
    file(session, row, WORDS, published=True)
    digest = compile(row)
    desk = sign_in(factories.account(session, Role.POLICYMAKER, email="me@example.org"))
    assert WORDS in desk.get(f"/desk/digests/{digest.id}/letter").text
    assert desk.post(f"/desk/digests/{digest.id}/send").status_code == 303
    assert desk.get(f"/desk/digests/{digest.id}/print/report.docx").data.startswith(b"PK")
    assert desk.get(f"/desk/digests/{digest.id}/print/secrets.pdf").status_code == 404
    session.commit()
    assert drain.drain(budget=2) == 1
    copy = session.scalars(select(Letter).where(Letter.key.startswith("copy:"))).one()
    session.refresh(copy)
    assert copy.state is State.SENT


def test_the_admin_sees_how_far_each_letter_got_and_no_address(
    session: Session, compile: Compile, subscribe: Any, sign_in: Any
) -> None:
    row = factories.consultation(session)
    subscribe(row, account=factories.account(session, Role.POLICYMAKER, email="daniel@ministry.example"))
    file(session, row, WORDS, published=True)
    digest = compile(row)
    letter = session.scalars(select(Letter)).one()
    page = sign_in(factories.account(session, Role.ADMIN)).get(f"/desk/digests/{digest.id}/deliveries").text
    assert "d•••@m•••.example" in page
    assert "daniel@" not in page
    assert letter.message_id.strip("<>") in page
    reader = sign_in(factories.account(session, Role.POLICYMAKER))
    assert reader.get(f"/desk/digests/{digest.id}/deliveries").status_code == 403


def test_the_admin_sends_letters_of_a_digest_again_that_were_given_up(
    session: Session, compile: Compile, subscribe: Any, sign_in: Any
) -> None:
    row = factories.consultation(session)
    subscribe(row)
    file(session, row, WORDS, published=True)
    digest = compile(row)
    letter = session.scalars(select(Letter)).one()
    admin, path = sign_in(factories.account(session, Role.ADMIN)), f"/desk/digests/{digest.id}/deliveries"
    assert "Send undelivered e-mails again" not in admin.get(path).text
    letter.state = State.DEAD
    session.commit()
    assert "1 e-mail could not be delivered" in admin.get(path).text
    assert "1 e-mail is being sent again." in admin.post(path, follow_redirects=True).text
    session.refresh(letter)
    assert letter.state is State.PENDING


def test_an_edition_on_demand_is_for_who_asks_and_moves_no_other_series(
    session: Session, compile: Compile, subscribe: Any, sign_in: Any
) -> None:
    row = factories.consultation(session)
    subscribe(row)
    file(session, row, WORDS, published=True)
    first = compile(row)
    file(session, row, f"{WORDS}, again.", published=True)
    desk = sign_in(factories.account(session, Role.POLICYMAKER))
    assert desk.get(f"/desk/digests/of/{row.slug}").status_code == 200
    made = desk.post(f"/desk/digests/of/{row.slug}")
    assert made.status_code == 303
    assert "Digest on demand 1" in desk.get(made.headers["Location"]).text
    assert len(session.scalars(select(Letter)).all()) == 1
    later = compile(row)
    assert (later.since, later.body.news.published) == (first.until, 1)
