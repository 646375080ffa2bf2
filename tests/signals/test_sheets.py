"""The poster and the picture of a warning, its printed address, and the tags of its page."""

from __future__ import annotations

import io
import re

import pypdfium2
import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy.orm import Session

from consult.core.i18n import LANGUAGES
from consult.signals.advice.steps import AdviceClass, load_advice
from consult.signals.model import SignalLevel, WarningKind
from tests.signals.test_alert_page import warned
from tests.signals.working import opened, seated

LONG = "\n".join(f"Step {n}: " + "Stay with the person and call for help again. " * 6 for n in range(3))


def read_pdf(data: bytes) -> tuple[int, str]:
    """The number of pages, and the text of the first."""
    document = pypdfium2.PdfDocument(data)
    return len(document), document[0].get_textpage().get_text_bounded()


def test_the_poster_is_one_page_with_the_call_the_steps_and_the_short_address(
    session: Session, client: FlaskClient
) -> None:
    signal = warned(session, do="Give naloxone twice.\nStay two hours.")
    answer = client.get(f"/signals/{signal.slug}/poster.pdf?lang=en")
    assert answer.mimetype == "application/pdf"
    pages, text = read_pdf(answer.data)
    flat = " ".join(text.split())
    assert pages == 1
    for words in ("Alert", "Call 911", load_advice(AdviceClass.OTHER).list_steps("en")[0], "Stay two hours."):
        assert words in flat
    assert f"/w/{signal.id}" in flat


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_long_warning_still_has_one_page_and_is_in_every_language(
    session: Session, client: FlaskClient, lang: str
) -> None:
    signal = warned(session, do=LONG)
    answer = client.get(f"/signals/{signal.slug}/poster.pdf?lang={lang}")
    assert read_pdf(answer.data)[0] == 1


def test_the_picture_is_square_small_and_the_same_for_the_same_text(session: Session, client: FlaskClient) -> None:
    signal = warned(session)
    answer = client.get(f"/signals/{signal.slug}/picture.png?lang=ar")
    assert answer.mimetype == "image/png"
    assert Image.open(io.BytesIO(answer.data)).size == (1080, 1080)
    assert len(answer.data) <= 80_000
    held = {"If-None-Match": answer.headers["ETag"]}
    assert client.get(f"/signals/{signal.slug}/picture.png?lang=ar", headers=held).status_code == 304


def test_the_picture_of_a_retracted_warning_differs_and_its_poster_asks_nobody_to_call(
    session: Session, client: FlaskClient
) -> None:
    signal = warned(session, WarningKind.RETRACTION)
    _pages, text = read_pdf(client.get(f"/signals/{signal.slug}/poster.pdf?lang=en").data)
    assert "Retracted" in text
    assert "It was caffeine." in text
    assert "911" not in text


def test_the_page_names_the_picture_and_the_short_address_leads_to_it(session: Session, client: FlaskClient) -> None:
    signal = warned(session)
    page = client.get(f"/signals/{signal.slug}?lang=es").text
    image = re.search(r'<meta property="og:image" content="https?://[^/]+(/[^"]+)">', page)
    assert image
    assert client.get(image[1].replace("&amp;", "&")).mimetype == "image/png"
    assert client.get(f"/w/{signal.id}").headers["Location"].endswith(f"/signals/{signal.slug}")
    assert client.get("/w/999999").status_code == 404


def test_a_signal_without_a_warning_has_a_poster_too(session: Session, client: FlaskClient) -> None:
    signal = opened(session, seated(session), level=SignalLevel.EMERGENCY, country="PE", region="PE-LIM")
    session.commit()
    _pages, text = read_pdf(client.get(f"/signals/{signal.slug}/poster.pdf?lang=en").data)
    assert "Call 112" in text
    assert "if you know its number" in text
