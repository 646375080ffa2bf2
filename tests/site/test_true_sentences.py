"""Sentences of public pages that were false in some state of the site stay away."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.site.tagging import term

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
FALSE = {
    "promises so far: too few": "a body may owe answers whose day has not come",
    "you sign in with a link by e-mail": "or with a passkey, or with a provider",
    "your password or a link is enough": "there may be no password",
    "Everything said under it": "plans without a draft, indicators and signals are not",
    "Beside your words there is only": "numbers, places and signatories are added",
    "Every submission gets a reference and a reason": "what is published has no reason",
    "Every decision about a comment is explained": "to publish needs no reason",
    "Each argument gets an answer": "some are overdue, some consultations promise none",
    "nobody has reported that it is done": "organisations may have",
    "Nobody has reported yet": "a report may wait for a moderator",
    "because comments cite it": "none may",
    "no more letters come": "somebody may type the address again",
    "Nothing moved": "reports came, or indicators improved",
}


@pytest.mark.parametrize("sentence", FALSE)
def test_no_page_or_letter_says_what_can_be_false(sentence: str) -> None:
    said = [str(path) for path in TEMPLATES.rglob("*.*") if sentence in path.read_text()]
    assert said == [], FALSE[sentence]


def test_the_page_of_a_term_says_what_is_gathered_there(session: Session, client: FlaskClient) -> None:
    about = term(session, "rights", "health")
    session.commit()
    page = client.get(f"/taxonomy/rights/{about.notation}").text
    assert re.search(r"From all consultations: [^.]*Case studies[^.]*Actions", page)
    assert "Nothing listed under this topic yet" in page


def test_the_first_page_promises_a_reason_only_for_what_is_not_published(client: FlaskClient) -> None:
    assert "If we do not publish it, we say why." in client.get("/").text
