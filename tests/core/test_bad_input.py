"""Input that no browser sends is answered in a sentence, and what can be stored is stored."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from consult.accounts.model import Account
from consult.consultations.imports import tasks
from consult.consultations.model import Phase
from consult.core.db import db
from consult.documents.model import Provision, Version
from tests import factories
from tests.consultations.imports.test_service import work
from tests.counting import statements, steps
from tests.forms import hidden, pressed

SignIn = Callable[[Any], FlaskClient]


@pytest.fixture
def guarded(app: Flask) -> Any:
    """With the tokens of real forms."""
    app.config["WTF_CSRF_ENABLED"] = True
    yield app.test_client()
    app.config["WTF_CSRF_ENABLED"] = False


@pytest.mark.parametrize("sent", [b"d\xe9cid\xe9", b"d%E9cid%E9"], ids=["raw", "escaped"])
def test_a_form_in_another_encoding_keeps_all_that_can_be_read(
    session: Session, guarded: FlaskClient, sent: bytes
) -> None:
    it = factories.consultation(session)
    place = f"/c/{it.slug}/respond/comment/2.1"
    token = hidden(guarded.get(place), "csrf_token")
    form = b"csrf_token=" + quote(token).encode() + b"&stance=drop&body=Nous avons " + sent
    answer = guarded.post(place, data=form, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 303
    assert "Nous avons d\ufffdcid\ufffd" in guarded.get(f"/c/{it.slug}/respond/check").text


def test_more_than_the_site_takes_is_answered_with_a_way_back_to_the_words(
    session: Session, client: FlaskClient
) -> None:
    it = factories.consultation(session)
    answer = client.post(f"/c/{it.slug}/respond/comment/2.1", data={"stance": "drop", "body": "x" * 9 * 2**20})
    assert answer.status_code == 413
    assert "Your form or file is larger than this site accepts. Go back, then shorten the text" in answer.text
    assert "Go back in your browser to copy what you wrote" in answer.text


@pytest.mark.parametrize("path", ["/c/x%00y", "/search?q=%00", "/%00", "/consultations?phase=open&q=a%00b"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_address_with_a_null_character_names_nothing(client: FlaskClient, path: str, method: str) -> None:
    assert client.open(path, method=method).status_code == 404


@pytest.mark.parametrize("path", ["/search", "/evidence", "/consultations", "/c/{}/search", "/c/{}/evidence"])
def test_a_search_for_a_whole_page_of_words_is_told_to_be_too_long_and_looks_for_nothing(
    session: Session, client: FlaskClient, path: str
) -> None:
    words = "needle " * 850
    page = client.get(path.format(factories.consultation(session).slug), query_string={"q": words})
    assert page.status_code == 200
    assert "Shorten this to" in page.text
    inside = page.text[page.text.index("<main") :]
    assert inside.count("needle") <= 850, "it stays in its field, and goes into no link"


def test_a_file_of_a_search_that_is_too_long_is_refused_and_not_one_of_everything(client: FlaskClient) -> None:
    answer = client.get("/search.csv", query_string={"q": "needle " * 850})
    assert answer.status_code == 422
    assert "Shorten this to 200 characters or fewer" in answer.text


def test_a_draft_of_thirty_thousand_words_is_looked_at_saved_and_published_while_somebody_waits(
    app: Flask, session: Session, sign_in: SignIn
) -> None:
    it = factories.consultation(session, phase=Phase.DRAFT)
    session.get_one(Version, it.version_id).published_at, it.version_id = None, None
    browser, here = sign_in(session.get_one(Account, it.owner_id)), f"/desk/consultations/{it.id}"
    sentence = "Each State shall report to the public, every year, what it has done for the health of people. "

    def draft(chapters: int) -> str:
        made = (
            f"## {c} Chapter {c}\n\n" + "\n\n".join(f"{c}.{p} {sentence * 3}" for p in range(1, 21))
            for c in range(1, chapters + 1)
        )
        return "# A long plan\n\n" + "\n\n".join(made)

    def ask(request: Callable[[], TestResponse]) -> TestResponse:
        answers: list[TestResponse] = []
        with statements() as sent:
            cost = steps(lambda: answers.append(request()))
        costs.append((cost, len(sent)))
        return answers[0]

    def send(step: str, do: str, status: int, text: str) -> tuple[int, int]:
        """Sends the text, and once more what a worker parsed of it; gives the most that one request cost."""
        costs.clear()
        answer = ask(lambda: browser.post(f"{here}/{step}", data={"text": text, "do": do}))
        if "/imports/" in (place := answer.headers.get("Location", "")):
            parsed.append(text)
            work(app, session, lambda: tasks.read_draft(db.session(), int(place.rsplit("/", 1)[1])))
            led = ask(lambda: browser.get(place)).headers["Location"]
            shown = ask(lambda: browser.get(led)).text
            looked_at = pressed(shown, ("do", do))
            answer = ask(lambda: browser.post(f"{here}/{step}", data=looked_at))
        assert (answer.status_code, "/imports/" in answer.headers.get("Location", "")) == (status, False)
        return max(cost for cost, _sent in costs), max(sent for _cost, sent in costs)

    costs: list[tuple[int, int]] = []
    parsed: list[str] = []
    text = draft(28)
    assert len(text.split()) > 30_000
    for do, status in (("preview", 200), ("save", 303)):
        send("draft", do, status, draft(1))  # so that all is loaded
        (few, once), (many, often) = (send("draft", do, status, each) for each in (draft(4), text))
        assert many < 10 * few, "it costs its length"
        assert often - once < 24 * 20 / 5, "and not a statement for each paragraph"
    assert parsed == [text], "once, by a worker"
    _cost, sent = send("publish", "", 303, text)
    assert sent < 100
    assert session.scalar(select(func.count()).where(Provision.version_id == it.version_id)) == 28 * 21


@pytest.mark.parametrize(
    "sent", ["[[]]", "1", "NaN", '{"email": ["\\ud800"]}', '{"password": "\\ud800"}', "[" * 20_000]
)
def test_json_is_no_form(client: FlaskClient, sent: str) -> None:
    answer = client.post("/sign-in", data=sent, content_type="application/json")
    assert answer.status_code == 422


def test_a_form_without_any_field_is_one_that_was_not_filled_in(session: Session, client: FlaskClient) -> None:
    it = factories.consultation(session)
    client.post(f"/c/{it.slug}/respond/comment/2.1", data={"stance": "drop", "body": "Kept."})
    answer = client.post(f"/c/{it.slug}/respond/check")
    assert answer.status_code == 409
    assert "Kept." in answer.text


def test_words_in_the_place_of_a_file_are_none(session: Session, client: FlaskClient, sign_in: SignIn) -> None:
    it = factories.consultation(session, phase=Phase.DRAFT)
    draft = sign_in(session.get_one(Account, it.owner_id)).post(
        f"/desk/consultations/{it.id}/draft", data={"file": "words", "text": "# Plan\n\n## 1 Aims\n", "do": "preview"}
    )
    assert draft.status_code < 500
    heard = factories.consultation(session)
    answer = client.post(f"/c/{heard.slug}/respond/evidence/file", data={"file": "words", "consent": "y"})
    assert answer.status_code == 422
    assert "Choose a file" in answer.text


@pytest.mark.parametrize("number", ["9" * 5000, "9" * 19, "²", "-1", "", "１"])
def test_a_number_that_is_none_chooses_no_term_and_no_statement(session: Session, sign_in: SignIn, number: str) -> None:
    it = factories.consultation(session)
    browser = sign_in(session.get_one(Account, it.owner_id))
    first = session.scalars(select(Provision.wid).where(Provision.version_id == it.version_id).limit(1)).one()
    assert browser.post(f"/desk/consultations/{it.id}/topics/{first}", data={"term": number}).status_code < 500
    sent = {"claim": number, "to": number}
    assert browser.post(f"/desk/arguments/of/{it.slug}/unplaced", data=sent).status_code < 500


def test_a_file_in_the_place_of_words_is_nothing(session: Session, client: FlaskClient) -> None:
    it = factories.consultation(session)
    sent = {"stance": "drop", "body": (BytesIO(b"# A"), "a.md")}
    assert client.post(f"/c/{it.slug}/respond/comment/2.1", data=sent).status_code == 422


def test_a_part_of_a_form_without_a_name_is_left_out(session: Session, client: FlaskClient) -> None:
    it = factories.consultation(session, no_identity=True)
    body = b"--a\r\nContent-Disposition: form-data\r\n\r\nx\r\n--a--\r\n"
    for path in (f"/n/{it.slug}", f"/c/{it.slug}/respond/comment/2.1", "/sign-in"):
        assert client.post(path, data=body, content_type="multipart/form-data; boundary=a").status_code < 500
