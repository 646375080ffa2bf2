"""A change of language on a form that came back with something to mend loses no word, and stores none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from consult.consultations.model import Consultation
from consult.signals.model import SignalReport
from consult.submissions.model import Draft
from tests import factories
from tests.forms import pressed

WORDS = "Sixty per cent is far too low & nobody said why."


@pytest.fixture
def consultation(session: Session) -> Consultation:
    row = factories.consultation(session, questions=1, no_identity=True)
    session.commit()
    return row


def other_language(client: FlaskClient, page: str, address: str, code: str = "ar") -> Any:
    """Presses the button of another language."""
    assert f'formaction="{address}?lang={code}"' in page
    button = ("reread", "") if 'name="reread" value=""' in page else None
    return client.post(f"{address}?lang={code}", data=pressed(page, button, having=None if button else "reread"))


def count(session: Session, table: type) -> int:
    session.rollback()
    return session.scalar(select(func.count()).select_from(table)) or 0


def test_words_of_a_comment_that_came_back_stand_in_the_form_in_the_other_language(
    client: FlaskClient, session: Session, consultation: Consultation
) -> None:
    at = f"/c/{consultation.slug}/respond/comment/1.1"
    came_back = client.post(at, data=pressed(client.get(at).text, having="stance", body=WORDS))
    assert came_back.status_code == 422
    shown = other_language(client, came_back.text, at)
    assert shown.status_code == 422
    assert '<html lang="ar" dir="rtl">' in shown.text
    assert WORDS.replace("&", "&amp;") in shown.text
    assert count(session, Draft) == 0
    again = other_language(client, shown.text, at, "fr")
    assert WORDS.replace("&", "&amp;") in again.text
    sent = client.post(at, data=pressed(again.text, having="stance", body=WORDS, stance="drop"))
    assert sent.status_code == 303
    assert count(session, Draft) == 1


def test_a_form_that_could_be_saved_is_only_shown(
    client: FlaskClient, session: Session, consultation: Consultation
) -> None:
    """Its writer has mended it since: they press the button themselves."""
    at = f"/c/{consultation.slug}/respond/comment/1.1"
    shown = client.post(f"{at}?lang=es", data={"reread": "stance=drop&body=Mended"})
    assert shown.status_code == 422
    assert ">Mended</textarea>" in shown.text.replace("\n", "")
    assert count(session, Draft) == 0


@pytest.mark.parametrize("at", ["/signals/report", "/signals/report/no-trace"])
def test_a_report_that_came_back_keeps_its_words(client: FlaskClient, session: Session, at: str) -> None:
    typed = {"country": "EC", "body": WORDS, "product": "Oxycodone M30"}
    came_back = client.post(at, data=pressed(client.get(at).text, having="body", **typed))
    assert came_back.status_code == 422
    shown = other_language(client, came_back.text, at)
    assert '<html lang="ar" dir="rtl">' in shown.text
    assert WORDS.replace("&", "&amp;") in shown.text
    assert "Set-Cookie" not in shown.headers or "no-trace" not in at
    assert count(session, SignalReport) == 0


def test_a_password_and_a_form_of_another_site_are_not_taken_along(
    client: FlaskClient, sign_in: Callable[[Any], FlaskClient]
) -> None:
    at = "/sign-in"
    typed = {"email": "nobody@example.org", "password": "secret words here"}
    came_back = client.post(at, data=pressed(client.get(at).text, having="password", **typed))
    assert came_back.status_code >= 400
    assert "nobody%40example.org" in came_back.text
    assert "secret" not in came_back.text
    assert 'formaction="/sign-in?lang=ar"' in came_back.text
    elsewhere = client.post("/signals/report", data={"body": WORDS}, headers={"Origin": "https://elsewhere.example"})
    assert 'name="reread"' not in elsewhere.text


def test_what_is_typed_after_a_form_came_back_goes_along_without_a_script(
    client: FlaskClient, session: Session, consultation: Consultation
) -> None:
    at = f"/c/{consultation.slug}/respond/comment/1.1"
    came_back = client.post(at, data=pressed(client.get(at).text, having="stance", body=WORDS))
    typed = pressed(came_back.text, ("reread", ""), body="Mended since.")
    shown = client.post(f"{at}?lang=fr", data=typed)
    assert ">Mended since.</textarea>" in shown.text.replace("\n", "")
    assert '<html lang="fr"' in shown.text
    assert count(session, Draft) == 0


def test_an_answer_in_secret_keeps_its_words_in_another_language_before_and_after_it_came_back(
    client: FlaskClient, session: Session, consultation: Consultation
) -> None:
    """Its page has no cookie to keep them, and no script to take them along."""
    at = f"/n/{consultation.slug}"
    page = client.get(at).text
    for code, words in (("fr", WORDS), ("ar", "More words.")):
        shown = client.post(f"{at}?lang={code}", data=pressed(page, ("reread", ""), body_0=words))
        assert shown.status_code == 200
        assert f'<html lang="{code}"' in shown.text
        assert f">{words.replace('&', '&amp;')}</textarea>" in shown.text.replace("\n", "")
        assert "Set-Cookie" not in shown.headers
        page = shown.text
    assert count(session, Draft) == 0


def test_seven_words_that_were_wrong_stay_in_the_line_in_the_other_language(client: FlaskClient) -> None:
    came_back = client.post("/return", data=pressed(client.get("/return").text, having="words", words="one two"))
    shown = other_language(client, came_back.text, "/return", "es")
    assert 'value="one two"' in shown.text
    assert '<html lang="es"' in shown.text


def test_enter_in_a_line_presses_no_language(client: FlaskClient) -> None:
    """The first button of a form, in the order of the page, is pressed: those of the languages stand above it."""
    page = client.get("/return").text
    assert page.index('class="hidden" form="words-form"') < page.index('name="reread"')
