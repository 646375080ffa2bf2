"""The site's own face: what an administrator says shows on pages, letters and papers, and what stood before stays."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import event, select
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from consult.accounts import service as accounts
from consult.accounts.model import Account
from consult.core.errors import Forbidden, Refusal
from consult.core.web import face
from consult.core.web.access import Role
from consult.ledger.model import Kind, LedgerEntry
from consult.mail.render import render_letter
from consult.operator import queries, service
from tests import factories
from tests.accounts.letters import letters

WORDS = {"reference": "DP27-1", "title": "Plan", "slug": "plan", "number": 1, "token": "x"}
SignIn = Callable[[Any], FlaskClient]


@pytest.fixture
def admin(session: Session) -> Account:
    return factories.account(session, Role.ADMIN)


def test_the_name_of_the_site_stands_on_pages_in_each_language(
    app: Flask, session: Session, client: FlaskClient, sign_in: SignIn, admin: Account
) -> None:
    assert "– Consult</title>" in client.get("/how").text
    desk = sign_in(admin)
    answer = desk.post(
        "/desk/site/look", data={"name_en": "Ask <b>us</b>", "name_fr": "Parlez-en", "colour": "#5B1A4A"}
    )
    assert answer.status_code == 303
    page = client.get("/how").text
    assert "– Ask &lt;b&gt;us&lt;/b&gt;</title>" in page
    assert "<bdi>Ask &lt;b&gt;us&lt;/b&gt;</bdi>" in page
    assert 'content="#5b1a4a"' in page
    assert "Parlez-en" in client.get("/how?lang=fr").text
    for bare in ("/signals/report/no-trace", "/signals/return"):
        assert "<b><bdi>Ask &lt;b&gt;us&lt;/b&gt;</bdi></b>" in client.get(f"{bare}?lang=en").text
    sheet = client.get(f"/face.css?v={face.get_face().version}")
    assert "--bar:#5b1a4a" in sheet.text
    assert "max-age=31536000" in sheet.headers["Cache-Control"]


def test_a_letter_has_the_name_and_the_colour_of_the_site(app: Flask, session: Session, admin: Account) -> None:
    service.save(session, by=admin, values={("name", "en"): "Ask us", ("colour", ""): "#5b1a4a"})
    session.commit()
    letter = render_letter("moderation/mail/report_check", "en", WORDS)
    assert letter.text.startswith("Ask us")
    assert ".top, .go td { background-color: #5b1a4a; }" in letter.html
    assert '<td class="top">Ask us</td>' in letter.html


def test_an_invitation_names_the_site_as_its_operator_does_with_its_host(
    app: Flask, session: Session, client: FlaskClient, admin: Account
) -> None:
    host = app.config["SETTINGS"].host
    accounts.invite(session, email="old@example.org", role=Role.MODERATOR, by=admin)
    service.save(session, by=admin, values={("name", "en"): "Ask us", ("name", "fr"): "Parlez-en"})
    session.commit()
    for language in ("en", "fr"):
        accounts.invite(session, email=f"{language}@example.org", role=Role.MODERATOR, language=language, by=admin)
    old, english, french = letters(session)
    assert old.subject == f"Invitation to work on {host}"
    assert english.subject == f"Invitation to work on Ask us ({host})"
    assert f"Parlez-en ({host})" in french.subject
    session.commit()
    assert f"invites you to Ask us ({host})." in client.get(english.path).text


@pytest.mark.parametrize(
    ("colour", "said"), [("#a3721e", "4.2 to 1"), ("red", "six characters"), ("#ffffff", "1.0 to 1")]
)
def test_a_colour_on_which_white_words_cannot_be_read_is_refused_and_what_was_typed_stays(
    sign_in: SignIn, admin: Account, colour: str, said: str
) -> None:
    answer = sign_in(admin).post("/desk/site/look", data={"name_en": "Ask us", "colour": colour})
    assert answer.status_code == 422
    assert said in answer.text
    assert 'value="Ask us"' in answer.text


def test_a_preview_saves_nothing(session: Session, client: FlaskClient, sign_in: SignIn, admin: Account) -> None:
    desk = sign_in(admin)
    shown = desk.post("/desk/site/look", data={"name_en": "Ask us", "colour": "#5b1a4a", "do": "preview"})
    assert 'fill="#5b1a4a"' in shown.text
    assert ">Ask us</text>" in shown.text
    words = desk.post("/desk/site/texts/terms", data={"terms_en": "Be **kind**", "do": "preview"})
    assert "Be <strong>kind</strong>" in words.text
    assert "Ask us" not in client.get("/how").text
    assert "<strong>kind" not in client.get("/terms").text
    assert queries.list_values(session) == {}


def test_former_terms_are_kept_with_their_days(
    session: Session, client: FlaskClient, sign_in: SignIn, admin: Account
) -> None:
    assert "You may say what you think of a draft" in client.get("/terms").text
    desk = sign_in(admin)
    for words in ("First rules.", "Second rules.", "Second rules."):
        desk.post("/desk/site/texts/terms", data={"terms_en": words})
    assert "Second rules." in client.get("/terms").text
    assert "You may say what you think of a draft" not in client.get("/terms").text
    versions = queries.list_versions(session, "terms")
    assert [(it.row.text, it.until is None) for it in versions] == [("Second rules.", True), ("First rules.", False)]
    assert versions[1].until == versions[0].row.since
    former = client.get(f"/former/terms/{versions[1].row.id}").text
    assert "First rules." in former
    assert "This text is no longer in force." in former
    assert client.get("/former/controller").status_code == 404


def test_every_change_is_on_the_page_of_acts_and_in_the_record(
    session: Session, sign_in: SignIn, admin: Account
) -> None:
    desk = sign_in(admin)
    desk.post("/desk/site/texts/imprint", data={"imprint_fr": "Nous."})
    entry = session.scalars(select(LedgerEntry).where(LedgerEntry.kind == Kind.SITE_CHANGED)).one()
    assert (entry.detail["key"], entry.detail["language"], len(entry.detail["sha256"])) == ("imprint", "fr", 64)
    assert "Legal notice (Français)" in desk.get("/people/acts").text


def test_a_text_in_another_language_says_which(session: Session, client: FlaskClient, admin: Account) -> None:
    service.save(session, by=admin, values={("imprint", "fr"): "Nous répondons."})
    session.commit()
    assert '<div class="prose" lang="fr" dir="auto">' in client.get("/imprint").text


def test_the_logo_is_made_anew_and_can_be_taken_away(
    session: Session, client: FlaskClient, sign_in: SignIn, admin: Account
) -> None:
    picture = BytesIO()
    Image.new("RGB", (900, 300), "navy").save(picture, "JPEG", comment=b"secret")
    desk = sign_in(admin)
    desk.post("/desk/site/look", data={"logo": (BytesIO(picture.getvalue()), "a.jpg")})
    sent = client.get("/site-logo.png")
    assert sent.data.startswith(b"\x89PNG")
    assert b"secret" not in sent.data
    shown = client.get("/how").text
    assert shown.count("/site-logo.png?v=") == 2, "beside the name, and as the icon of the page"
    wrong = desk.post("/desk/site/look", data={"logo": (BytesIO(b"<svg/>"), "a.svg"), "name_en": "Kept"})
    assert (wrong.status_code, "We cannot accept SVG files" in wrong.text, "Kept" in wrong.text) == (422, True, True)
    desk.post("/desk/site/look", data={"no_logo": "y"})
    assert client.get("/site-logo.png").status_code == 404


def test_a_former_logo_or_colour_is_not_kept_for_long_at_the_address_of_the_new_one(
    session: Session, client: FlaskClient, admin: Account
) -> None:
    """Another process may send what it holds for some seconds after a change."""
    picture = BytesIO()
    Image.new("RGB", (90, 30), "navy").save(picture, "PNG")
    service.save(session, by=admin, values={("colour", ""): "#5b1a4a"})
    service.set_logo(session, by=admin, data=picture.getvalue())
    session.commit()
    page = client.get("/how").text
    for path in ("/face.css", "/site-logo.png"):
        (address,) = set(re.findall(rf'"({path}[^"]+)"', page))
        assert client.get(address).cache_control.max_age == 31536000
        assert client.get(f"{path}?v=newer").cache_control.max_age == 60


def test_only_an_administrator_speaks_for_the_site(session: Session) -> None:
    other = factories.account(session, Role.POLICYMAKER)
    with pytest.raises(Forbidden):
        service.save(session, by=other, values={("name", "en"): "Mine"})
    with pytest.raises(Forbidden):
        service.set_logo(session, by=other, data=None)
    with pytest.raises(Refusal):
        service.read_accent("#777777")


def test_a_page_sends_no_statement_for_the_face_while_it_is_known(
    app: Flask, session: Session, client: FlaskClient, admin: Account
) -> None:
    service.save(session, by=admin, values={("name", "en"): "Ask us"})
    client.get("/how")
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        assert "Ask us" in client.get("/how").text
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert [statement for statement in sent if "site_text" in statement] == []
