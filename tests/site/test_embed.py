"""Parts of a consultation for other sites: a card in a frame, a calendar, and the meeting pack."""

from __future__ import annotations

import gzip
import re
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pypdfium2 import PdfDocument
from sqlalchemy.orm import Session

from consult.core.i18n import LANGUAGES, force_locale
from consult.core.web.stylesheet import SLIM, join_components
from consult.site import pack
from tests import factories, filing
from tests.rules.test_css import ROOT


def test_the_card_may_stand_in_any_page_and_is_the_only_one_that_may(client: FlaskClient, session: Session) -> None:
    row = factories.consultation(session)
    filing.file(session, row, "Said.")
    session.commit()
    address = re.search(
        rf'src="http[^"]+(/c/{row.slug}/card\?key=\w+)"', unescape(client.get(f"/c/{row.slug}/follow").text)
    )
    assert address
    card = client.get(address[1])
    assert "frame-ancestors *" in card.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in card.headers
    forged = [f"/c/{row.slug}/card", f"/c/{row.slug}/card?key=", f"/c/{row.slug}/card?key={'a' * 16}&title=Buy"]
    for other in (*forged, f"/c/{row.slug}", "/", f"/c/{row.slug}/respond", "/consultations"):
        assert "frame-ancestors 'none'" in client.get(other).headers["Content-Security-Policy"]


def test_the_card_has_no_script_no_cookie_and_no_form_and_weighs_little(client: FlaskClient, session: Session) -> None:
    row = factories.consultation(session)
    session.commit()
    card = client.get(f"/c/{row.slug}/card?lang=fr")
    assert "Set-Cookie" not in card.headers
    assert "<script" not in card.text
    assert "<form" not in card.text
    assert row.title in card.text
    sheet = gzip.compress(join_components(ROOT / "static/kit", SLIM), mtime=0)
    assert len(gzip.compress(card.data, mtime=0)) + len(sheet) <= 6 * 1024


def test_no_word_of_its_address_is_drawn_on_the_card(client: FlaskClient, session: Session) -> None:
    row = factories.consultation(session)
    session.commit()
    plain = client.get(f"/c/{row.slug}/card").text
    assert client.get(f"/c/{row.slug}/card?key=Buy&title=Buy&body=Buy&lang=Buy&q=Buy").text == plain
    assert client.get("/c/Buy/card").status_code == 404


def test_a_draft_has_no_card(client: FlaskClient) -> None:
    assert client.get("/c/nowhere/card").status_code == 404


def test_the_calendar_has_only_what_was_asked_for(client: FlaskClient, session: Session) -> None:
    factories.consultation(session, title="Of Peru", countries=["PE"], body="Secretariat")
    factories.consultation(session, title="Of Bolivia", countries=["BO"], body="Ministry")
    session.commit()

    def titles(query: str) -> set[str]:
        text = client.get(f"/consultations.ics{query}").text
        return {name for name in ("Of Peru", "Of Bolivia") if name in text}

    assert titles("") == {"Of Peru", "Of Bolivia"}
    assert titles("?country=pe") == {"Of Peru"}
    assert titles("?body=ministry") == {"Of Bolivia"}
    assert titles("?country=PE&body=Ministry") == set()
    assert titles("?topic=999999") == set()
    assert titles("?topic=rubbish&country=&body=") == {"Of Peru", "Of Bolivia"}


@pytest.mark.parametrize("language", list(LANGUAGES))
def test_the_pack_has_six_sheets_at_most_in_each_language(app: Flask, session: Session, language: str) -> None:
    paragraphs = "\n\n".join(
        f"1.{n} {'Each State shall make what is said here known to everybody. ' * 12}" for n in range(1, 9)
    )
    row = factories.with_draft(session, f"# Plan\n\n## 1 Aims\n\n{paragraphs}\n")
    session.commit()
    with app.test_request_context(), force_locale(language):
        _row, made = pack.print_pack(session, row.slug)
    document = PdfDocument(made)
    words = "".join(page.get_textpage().get_text_range() for page in document)
    assert len(document) <= 6
    assert "1.1" in words
    assert set(row.title.split()) <= set(words.split())  # their order on a page from right to left is another one


def test_the_pack_takes_the_paragraphs_that_most_speak_to(session: Session) -> None:
    row = factories.consultation(session, chapters=3, paragraphs=2)
    for place in ("3.2", "2.2", "2.2"):
        filing.file(session, row, filing.comment(session, row, "Said.", on=place), published=True)
    session.commit()
    assert [node.name for node in pack.choose_paragraphs(session, row)] == ["1.1", "2.2", "3.2"]


def test_the_pack_is_a_file_behind_its_address(client: FlaskClient, session: Session) -> None:
    row = factories.consultation(session)
    session.commit()
    answer = client.get(f"/c/{row.slug}/pack.pdf")
    assert answer.data.startswith(b"%PDF")
    assert client.get("/c/nowhere/pack.pdf").status_code == 404
