"""Letters for tests: templates of their own, and a real SMTP server where one is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from jinja2 import ChoiceLoader, DictLoader
from sqlalchemy.orm import Session

from consult.core.db import db
from consult.core.web.localized_templates import LocalizedLoader
from consult.mail import service
from consult.mail.model import Letter
from tests.mail.post_office import PostOffice, post_office

TEMPLATES = {
    "test/note.txt": "Subject: A note about {{ subject|default('nothing') }}\n\nDear {{ who }},\n\nit is done.\n",
    "test/note.html": "<html lang='{{ lang }}'><head><style>p { color: red }</style></head><body>"
    "<p>Dear {{ who }},</p></body></html>",
    "test/edition.txt": "Subject: An edition\n\n{{ quote }}\nStop: {{ place('stop') }}\n",
    "test/edition.html": "<html><body><p>{{ quote }}</p><a href='{{ place('stop') }}'>Stop</a></body></html>",
    "test/broken.txt": "No subject\n",
    "test/broken.html": "<p></p>",
}


@pytest.fixture(autouse=True)
def templates(app: Flask) -> Iterator[None]:
    usual = app.jinja_env.loader
    app.jinja_env.loader = LocalizedLoader(ChoiceLoader([DictLoader(TEMPLATES), usual]))
    yield
    app.jinja_env.loader = usual


@pytest.fixture
def office(app: Flask) -> Iterator[PostOffice]:
    """The application sends to this server for the length of the test."""
    usual = app.config["SETTINGS"]
    with post_office() as server:
        app.config["SETTINGS"] = replace(
            usual, smtp_url=server.url, smtp_timeout=2, mail_from="Consult <desk@consult.test>"
        )
        yield server
    app.config["SETTINGS"] = usual


@pytest.fixture
def post(session: Session) -> Callable[..., Letter]:
    """Writes a letter and commits: `post(to="ada@example.org")`."""

    def write(to: str = "ada@example.org", **values: Any) -> Letter:
        given = {"key": f"note:{to}", "template": "test/note", "language": "en", "who": "Ada", **values}
        letter = service.post(session, to=to, **given)
        db.session.commit()
        return letter

    return write
