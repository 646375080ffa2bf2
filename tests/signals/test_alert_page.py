"""The page of an alert, for a person who is frightened: first what to do and the call, then the rest."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from consult.signals import warnings
from consult.signals.model import Signal, SignalLevel, WarningKind
from tests.signals.working import TEXTS, opened, seated


def warned(session: Session, kind: WarningKind = WarningKind.WARNING, **parts: str) -> Signal:
    """A signal with a published text."""
    me, other = seated(session), seated(session)
    signal = opened(session, me, level=SignalLevel.ALERT)
    for each in dict.fromkeys((WarningKind.WARNING, kind)):
        texts = {
            "en": TEXTS["en"] | parts if each is WarningKind.WARNING else {**TEXTS["en"], "do": "It was caffeine."}
        }
        draft = warnings.write(session, signal, by=me, kind=each, texts=texts, language="en")
        warnings.publish(session, signal, by=other, written_at=draft.written_at)
    session.commit()
    return signal


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_what_to_do_and_the_call_come_first(session: Session, client: FlaskClient, lang: str) -> None:
    page = client.get(f"/signals/{warned(session).slug}?lang={lang}").text
    main = page[page.index("<main") :]
    places = [main.index(words) for words in ("<h1", "Carry naloxone", 'href="tel:112"', "Very slow breathing")]
    assert places == sorted(places)
    assert main.count("Carry naloxone") == 1


def test_each_line_is_a_step(session: Session, client: FlaskClient) -> None:
    signal = warned(session, do="Give naloxone.\nStay two hours.")
    page = client.get(f"/signals/{signal.slug}").text
    assert re.findall(r"<li><bdi lang=\"en\">([^<]+)</bdi></li>", page) == ["Give naloxone.", "Stay two hours."]


def test_a_retracted_alert_asks_nobody_to_call(session: Session, client: FlaskClient) -> None:
    page = client.get(f"/signals/{warned(session, WarningKind.RETRACTION).slug}").text
    assert "tel:112" not in page
    assert "It was caffeine." in page


def test_a_shared_link_has_the_title_and_the_level(session: Session, client: FlaskClient) -> None:
    signal = warned(session)
    page = client.get(f"/signals/{signal.slug}").text
    assert re.search(r'<meta property="og:title" content="[^"]+">', page)
    assert re.search(r'<meta property="og:description" content="Alert: [^"]+Esmeraldas, Ecuador[^"]*">', page)
    assert f'/signals/{signal.slug}"' in page
