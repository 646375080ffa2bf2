"""Public addresses, in letters and on pages."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from consult import ROOT
from consult.core.web.addresses import public_url
from tests import factories, filing

TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*") if path.is_file())


@pytest.fixture
def with_port(application: Flask, monkeypatch: pytest.MonkeyPatch) -> str:
    """A public address with a port, which a proxy need not hand on."""
    settings = replace(application.config["SETTINGS"], base_url="https://consult.example.org:8443")
    monkeypatch.setitem(application.config, "SETTINGS", settings)
    return "https://consult.example.org:8443"


def test_an_address_leads_to_the_place_in_its_page(application: Flask, with_port: str) -> None:
    with application.app_context():
        address = public_url("submissions.one", slug="plan", reference="DP27-1", _anchor="c7")
    assert address == f"{with_port}/c/plan/comments/DP27-1#c7"


def test_a_page_names_the_public_address_whatever_host_it_was_asked_by(
    session: Session, client: FlaskClient, with_port: str
) -> None:
    row = factories.consultation(session, slug="plan")
    filing.file(session, row, "Keep the rule.", published=True)
    session.commit()
    feed = client.get("/c/plan/feed.atom").text
    assert f"<id>{with_port}/c/plan</id>" in feed
    assert f'rel="self" type="application/atom+xml" href="{with_port}/c/plan/feed.atom"' in feed


def test_no_template_makes_an_address_from_the_host_of_the_request() -> None:
    made = ("_external", "request.host", "request.url_root", "request.url }}")
    found = [str(path) for path in TEMPLATES if any(of in path.read_text(errors="replace") for of in made)]
    assert found == [], "public_url() makes it from CONSULT_BASE_URL"


def test_no_line_of_a_text_letter_runs_into_the_next() -> None:
    """Jinja takes the newline after a tag: a line with words must not end in one, unless an empty line follows."""
    runs_on = re.compile(r"^(?!\{%).*\S.*%\}\n(?=[^\n{])", re.MULTILINE)
    letters = [path for path in TEMPLATES if path.suffix == ".txt"]
    assert len(letters) > 30
    assert runs_on.search("Received: {{ at }}{% if late %} late{% endif %}\nFingerprint")
    assert {str(path): found[0] for path in letters if (found := runs_on.search(path.read_text()))} == {}
