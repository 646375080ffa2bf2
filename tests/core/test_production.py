"""Settings of production only: cookies bound to the site, HSTS, one host, no outbox, one policy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from consult import create_app
from consult.core.db import db
from consult.core.settings import Settings
from tests import factories

SITE = "https://consult.example.org"
POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self' https://www.wikipedia.org; frame-src 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY, "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}  # fmt: skip


@pytest.fixture
def production(app: Flask, settings: Settings) -> Iterator[FlaskClient]:
    """A client of the site as it is run behind TLS. `app` empties the database afterwards."""
    made = create_app(replace(settings, base_url=SITE, demo=False))
    yield made.test_client()
    with made.app_context():
        db.engine.dispose()


def test_the_cookie_is_bound_to_this_site_and_to_https(production: FlaskClient) -> None:
    (cookie,) = production.get("/sign-in", base_url=SITE).headers.getlist("Set-Cookie")
    name, *attributes = cookie.split("; ")
    assert name.startswith("__Host-session=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(attributes)
    assert not any(each.startswith("Domain") for each in attributes)


def test_every_ordinary_page_has_the_policy_and_asks_for_https(session: Session, production: FlaskClient) -> None:
    slug = factories.consultation(session).slug
    session.commit()
    for path in ("/", "/consultations", f"/c/{slug}", "/sign-in", "/health", "/nothing-here"):
        headers = production.get(path, base_url=SITE).headers
        assert {name: headers.get(name) for name in HEADERS} == HEADERS, path


def test_only_the_host_of_the_public_address_is_answered_to(production: FlaskClient) -> None:
    assert production.get("/how", base_url=SITE).status_code == 200
    assert production.get("/how", base_url="https://elsewhere.example").status_code == 400
    assert production.get("/how", base_url=SITE, headers={"Host": "elsewhere.example"}).status_code == 400


@pytest.mark.parametrize("path", ["/outbox", "/outbox/x", "/outbox/x/html", "/outbox/x/source", "/outbox/x/file/0"])
def test_outside_the_demo_there_is_no_outbox(production: FlaskClient, path: str) -> None:
    assert production.get(path, base_url=SITE).status_code == 404


def test_a_trial_on_this_machine_asks_for_no_https(client: FlaskClient) -> None:
    answer = client.get("/sign-in")
    assert "Strict-Transport-Security" not in answer.headers
    assert "Secure" not in answer.headers.get("Set-Cookie", "")
    assert client.get("/outbox").status_code == 200
