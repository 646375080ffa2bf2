"""The pages of people and organisations, as a browser meets them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
import structlog
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from structlog.testing import LogCapture

from consult import create_app
from consult.accounts import passwords
from consult.accounts.model import Account, OrganisationKind
from consult.accounts.organisations import service as organisations
from consult.core.db import db
from consult.core.settings import Settings
from consult.core.web import requests as web_requests
from consult.core.web.access import Role
from consult.core.web.limits import limiter
from tests import factories
from tests.accounts.letters import letters
from tests.conftest import reclaim
from tests.counting import calls, statements
from tests.forms import pressed

SignIn = Callable[[Account], FlaskClient]
PASSWORD = "correct horse battery"


@pytest.fixture
def ana(session: Session) -> Account:
    account = factories.account(session, email="ana@example.org", password_hash=passwords.hash_password(PASSWORD))
    session.commit()
    return account


def enter(client: FlaskClient, email: str = "ana@example.org", password: str = PASSWORD, **more: str) -> object:
    return client.post("/sign-in", data={"email": email, "password": password, **more})


def test_a_person_joins_from_the_letter_and_is_signed_in(client: FlaskClient, session: Session) -> None:
    answer = client.post("/join", data=pressed(client.get("/join").text, email="Lucía@example.org"))
    assert answer.status_code == 303
    path = letters(session)[-1].path
    assert client.post(path, data=pressed(client.get(path).text, name="Lucía")).location == "/my"
    assert "Lucía" in client.get("/account").text
    assert "already used" in client.get(path).text


def test_opening_a_sign_in_link_does_not_use_it(client: FlaskClient, session: Session, ana: Account) -> None:
    client.post("/sign-in/link", data={"email": "ana@example.org"})
    path = letters(session)[-1].path
    for _scanner in range(3):
        page = client.get(path)
        assert page.status_code == 200
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert page.headers["Cache-Control"] == "no-store"
    assert client.get("/account").status_code == 303
    assert client.post(path).status_code == 303
    assert client.get("/account").status_code == 200
    spent = client.post(path)
    assert spent.status_code == 410
    assert "This link no longer works" in spent.text
    assert 'class="button" href="/sign-in"' in spent.text


def test_a_reset_signs_in_here_and_out_everywhere_else(app: Flask, session: Session, ana: Account) -> None:
    here, elsewhere = app.test_client(), app.test_client()
    enter(elsewhere)
    here.post("/reset", data={"email": "ana@example.org"})
    path = letters(session)[-1].path
    assert here.post(path, data={"password": "short"}).status_code == 422
    assert here.post(path, data={"password": "another green harbour"}).status_code == 303
    assert "Password changed." in here.get("/account").text
    assert elsewhere.get("/account").status_code == 303


def test_the_cookie_changes_at_sign_in_and_dies_with_the_password(client: FlaskClient, ana: Account) -> None:
    client.get("/sign-in?lang=en")
    before = client.get_cookie("session")
    assert before
    enter(client)
    after = client.get_cookie("session")
    assert after
    assert after.value != before.value
    with client.session_transaction() as cookie:
        assert set(cookie) <= {"_user_id", "_fresh", "_id", "lang"}
        assert cookie["_id"] == ""  # no hash of address and browser
    client.post("/account/password", data={"current": PASSWORD, "password": "another green harbour"})
    assert client.get("/account").status_code == 200
    client.set_cookie("session", after.value)
    assert client.get("/account").status_code == 303


def test_signing_out_everywhere_keeps_this_session_only(app: Flask, ana: Account) -> None:
    here, elsewhere = app.test_client(), app.test_client()
    enter(here)
    enter(elsewhere)
    here.post("/account/sessions")
    assert (here.get("/account").status_code, elsewhere.get("/account").status_code) == (200, 303)


def test_signing_out_leaves_nothing_for_the_next_person(client: FlaskClient, ana: Account) -> None:
    enter(client)
    with client.session_transaction() as cookie:
        cookie["drafts"] = {"x": "y"}
    client.post("/sign-out")
    with client.session_transaction() as cookie:
        assert set(cookie) <= {"lang", "_flashes"}


@pytest.mark.parametrize(
    ("target", "lands"),
    [
        ("/my", "/my"), ("https://evil.example/", "/my"), ("//evil.example", "/my"), ("/\\evil.example", "/my"),
        ("/account?x=1", "/account?x=1"), ("javascript:alert(1)", "/my"), ("", "/my"),
    ],
)  # fmt: skip
def test_sign_in_goes_on_within_this_site_only(client: FlaskClient, ana: Account, target: str, lands: str) -> None:
    page = client.get("/sign-in", query_string={"next": target}).text
    filled = pressed(page, email="ana@example.org", password=PASSWORD)
    assert client.post("/sign-in", data=filled).location == lands


@pytest.mark.parametrize(
    ("role", "home"), [(Role.MODERATOR, "/review"), (Role.POLICYMAKER, "/desk"), (Role.ADMIN, "/desk")]
)
def test_each_role_lands_where_its_work_is(client: FlaskClient, session: Session, role: Role, home: str) -> None:
    factories.account(session, role, email="r@example.org", password_hash=passwords.hash_password(PASSWORD))
    session.commit()
    assert enter(client, "r@example.org").location == home  # type: ignore[attr-defined]


@pytest.mark.parametrize("path", ["/sign-in/link", "/reset", "/join"])
def test_a_known_and_an_unknown_address_get_the_same_answer(client: FlaskClient, ana: Account, path: str) -> None:
    known, unknown = (client.post(path, data={"email": f"{who}@example.org"}) for who in ("ana", "nobody"))
    assert (known.status_code, known.location) == (unknown.status_code, unknown.location) == (303, unknown.location)
    assert [name for name in dict(known.headers) if name != "Set-Cookie"] == [
        name for name in dict(unknown.headers) if name != "Set-Cookie"
    ]
    assert client.get(known.location).text == client.get(unknown.location).text


@pytest.mark.parametrize("path", ["/sign-in", "/sign-in/link", "/reset", "/join"])
def test_a_known_and_an_unknown_address_take_the_same_work(client: FlaskClient, ana: Account, path: str) -> None:
    """A password is tried as often for both, and steps are as many; the next test counts what the database does."""
    done: dict[str, Counter[str]] = {}
    for _round in range(3):  # at first something may still be loaded
        for who in ("ana", "nobody"):
            given = {"email": f"{who}@example.org", "password": "wrong password"}
            done[who] = calls(lambda given=given: client.post(path, data=given))  # type: ignore[misc]
    tried = [made["argon2.low_level.verify_secret"] for made in done.values()]
    assert tried == ([1, 1] if path == "/sign-in" else [0, 0])
    assert done["ana"].total() == pytest.approx(done["nobody"].total(), rel=0.25)


@pytest.mark.parametrize("path", ["/sign-in", "/sign-in/link", "/reset"])
def test_a_known_and_an_unknown_address_cost_the_same_statements(client: FlaskClient, ana: Account, path: str) -> None:
    client.get(path)  # reads the sign-on providers, which are then kept for a while
    counts = []
    for who in ("ana", "nobody", "ana", "nobody"):
        with statements() as seen:
            client.post(path, data={"email": f"{who}@example.org", "password": "wrong password"})
        counts.append(len(seen))
    assert len(set(counts)) == 1


@pytest.mark.parametrize("path", ["/sign-in", "/sign-in/link", "/reset", "/join"])
@pytest.mark.parametrize(
    "email", ["", " ", "x" * 300_000, "a@b", "ana@example.org\r\nBcc: x@example.org", "\x00@x.org", "\u202eana@x.org<"]
)
def test_an_address_that_is_none_is_asked_for_again(
    client: FlaskClient, session: Session, path: str, email: str
) -> None:
    answer = client.post(path, data={"email": email, "password": "x"})
    assert answer.status_code == 422
    assert "There is a problem" in answer.text
    assert letters(session) == []


@pytest.mark.usefixtures("limits")
def test_an_office_behind_one_address_may_sign_in_as_often_as_it_likes(client: FlaskClient, ana: Account) -> None:
    assert {enter(client).status_code for _ in range(12)} == {303}  # type: ignore[attr-defined]


def test_a_form_without_its_token_is_refused_and_logged_without_a_secret(
    app: Flask, client: FlaskClient, ana: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = LogCapture()
    monkeypatch.setattr(web_requests, "log", structlog.wrap_logger(None, [said], structlog.BoundLogger))
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        assert enter(client).status_code == 400  # type: ignore[attr-defined]
        assert client.post("/join/secret").status_code == 400
        assert [(line["rule"], line["reason"]) for line in said.entries] == [
            ("/sign-in", "The CSRF token is missing."), ("/join/<token>", "The CSRF token is missing."),
        ]  # fmt: skip
    finally:
        app.config["WTF_CSRF_ENABLED"] = False


def test_pages_with_the_token_work_as_in_a_browser(app: Flask, client: FlaskClient, ana: Account) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/sign-in").text)
        assert token
        assert enter(client, csrf_token=token[1]).status_code == 303  # type: ignore[attr-defined]
    finally:
        app.config["WTF_CSRF_ENABLED"] = False


def test_changing_the_name_and_language_changes_the_next_page(sign_in: SignIn, ana: Account) -> None:
    client = sign_in(ana)
    filled = pressed(client.get("/account/name").text, name="<b>Ana</b>", language="ar")
    answer = client.post("/account/name", data=filled, follow_redirects=True)
    assert 'dir="rtl"' in answer.text
    assert "&lt;b&gt;Ana&lt;/b&gt;" in answer.text


@pytest.mark.parametrize("name", ["", "x" * 121, "\x00"])
def test_a_name_that_cannot_be_shown_is_asked_for_again(sign_in: SignIn, ana: Account, name: str) -> None:
    assert sign_in(ana).post("/account/name", data={"name": name, "language": "en"}).status_code == 422


def test_an_organisation_is_founded_and_a_member_invited_in_the_browser(
    app: Flask, session: Session, sign_in: SignIn, ana: Account
) -> None:
    client = sign_in(ana)
    wish = {"name": "Red Andina", "kind": "network", "country": "PE", "website": ""}
    place = client.post("/org/new", data=wish).location
    assert client.post("/org/new", data=wish).status_code == 422
    client.post(place, data={"email": "luz@example.org"})
    guest = app.test_client()
    path = letters(session)[-1].path
    assert "Red Andina" in guest.get(path).text
    guest.post(path, data={"name": "Luz", "password": ""})
    assert "Luz" in client.get(place).text
    assert guest.get(place).status_code == 200
    assert guest.post(place, data={"email": "x@example.org"}).status_code == 422
    client.post(f"{place}/members", data=pressed(client.get(place).text, ("change", "owner")))
    assert guest.post(place, data={"email": "x@example.org"}).status_code == 303
    left = client.post(f"{place}/members", data={"account": str(ana.id), "change": "remove"}, follow_redirects=True)
    assert "You have left the organisation." in left.text


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"account": "x", "change": "remove"},
        {"account": "1", "change": "king"},
        {"account": "9" * 30, "change": "remove"},
    ],
)
def test_a_member_form_that_makes_no_sense_is_refused(
    session: Session, sign_in: SignIn, ana: Account, data: dict[str, str]
) -> None:
    organisation = organisations.create_organisation(
        session, founder=ana, name="X", kind=OrganisationKind.NGO, country="PE", website=None
    )
    client = sign_in(ana)
    assert client.post(f"/org/{organisation.id}/members", data=data).status_code == 422


def test_another_organisation_is_not_there(session: Session, sign_in: SignIn, ana: Account) -> None:
    other = factories.organisation(session)
    client = sign_in(ana)
    assert client.get(f"/org/{other.id}").status_code == 404
    assert client.get(f"/org/{10**30}").status_code == 404


@pytest.mark.parametrize(
    ("path", "most"),
    [("/account", 4), ("/org", 2), ("/account/name", 1), ("/account/password", 1), ("/org/new", 1)],
)
def test_a_signed_in_page_costs_few_statements(sign_in: SignIn, ana: Account, path: str, most: int) -> None:
    """One reads the session and its account together."""
    client = sign_in(ana)
    with statements() as seen:
        assert client.get(path).status_code == 200
    assert len(seen) <= most


def test_a_password_manager_is_told_whose_password_changes(sign_in: SignIn, ana: Account) -> None:
    page = sign_in(ana).get("/account/password").text
    assert '<input type="text" value="ana@example.org" autocomplete="username" readonly hidden>' in page


def test_a_visitor_costs_no_statement_at_the_door(client: FlaskClient, ana: Account) -> None:
    client.get("/sign-in")  # the names of providers of single sign-on are kept for half a minute
    with statements() as seen:
        client.get("/sign-in")
    assert seen == []


@pytest.fixture
def without_redis(app: Flask, settings: Settings) -> Iterator[Flask]:
    """The application with its counters on a Redis that nobody serves."""
    limiter.enabled, limiter.initialized = True, False  # so that it hooks into this application too
    broken = create_app(replace(settings, limits_url="redis://127.0.0.1:9/0"))
    broken.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    yield broken
    with broken.app_context():
        db.engine.dispose()
    reclaim(app)


def test_sign_in_stays_limited_with_redis_away(without_redis: Flask, ana: Account) -> None:
    client = without_redis.test_client()
    answers = [enter(client, password="wrong password").status_code for _ in range(21)]  # type: ignore[attr-defined]
    assert answers == [422] * 20 + [429]
