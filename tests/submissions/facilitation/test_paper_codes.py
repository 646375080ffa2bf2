"""Codes of the form on paper lead to the words that were printed, whatever version of the draft came since."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.consultations.model import Consultation
from consult.documents.model import Provision
from consult.submissions.anchors import carry_forward
from consult.submissions.facilitation import paper_codes
from consult.submissions.model import Comment
from tests import factories
from tests.factories import publish_next
from tests.forms import pressed
from tests.submissions.drafts.test_rebase import action, check, send

FIRST = """# Plan

## 4 Supply

4.1 Members shall meet twice a year in the capital.

4.2 Aerial spraying of crops shall end within two years of adoption.

4.3 Alternative development shall follow the UN Guiding Principles on this.

4.4 Each State shall report by 2030. It shall say how many people were reached.
"""
SECOND = """# Plan

## 4 Supply

4.1 Members shall meet twice a year in the capital.

4.2 Alternative development shall follow the UN Guiding Principles on this.

4.3 Each State shall report by 2028. It shall say how many people were reached.
"""


@pytest.fixture
def consultation(session: Session) -> Consultation:
    row = factories.with_draft(session, FIRST)
    carry_forward._relocators.clear()
    session.commit()
    return row


def printed(client: FlaskClient, it: Consultation, words: str) -> str:
    """The code beside the lines below these words."""
    page = client.get(f"/c/{it.slug}/paper").text
    found = re.search(r"<b class=\"code\" dir=\"ltr\">([^<]+/[^<]+)</b>", page[page.index(words) :])
    assert found
    return found[1]


def typed(client: FlaskClient, it: Consultation, code: str) -> str:
    """The page to which a code leads."""
    return client.get(f"/c/{it.slug}/respond/code", query_string={"code": code}, follow_redirects=True).text


def write(client: FlaskClient, page: str, words: str) -> str:
    return client.post(action(page), data=pressed(page, having="stance", body=words, stance="drop")).location


def test_a_form_of_version_1_is_typed_in_after_version_2_on_the_words_that_were_printed(
    client: FlaskClient, session: Session, consultation: Consultation
) -> None:
    spraying = printed(client, consultation, "Aerial spraying")
    development = printed(client, consultation, "Alternative development")
    report = printed(client, consultation, "Each State shall report by 2030")
    assert spraying == f"{consultation.code}/1/4.2"
    publish_next(session, consultation, SECOND)
    assert printed(client, consultation, "Alternative development") == f"{consultation.code}/2/4.2"

    page = typed(client, consultation, spraying)
    assert "Aerial spraying" in page
    assert "Alternative development" not in page
    assert "These words are from version 1. The draft has changed since." in page
    assert "We cannot tell where these words are now." in page
    where = write(client, page, "Against spraying.")
    assert "/4.2/move?version=1" in where, "its author says where it belongs now"
    choice = client.get(where).text
    client.post(where, data=pressed(choice, having="where", where="stay"))

    page = typed(client, consultation, development)
    assert "the same words are in Paragraph 4.2." in page
    write(client, page, "For development.")
    page = typed(client, consultation, report)
    assert "this is Paragraph 4.3, with changed wording." in page
    assert "report by 2028" in page
    write(client, page, "Report sooner.")

    words = check(client, consultation)
    assert "Paragraph 4.2 in version 1</h3>" in words
    assert "4.4 is now 4.3" in words
    send(client, consultation)
    said = {
        row.body: session.get_one(Provision, row.provision_id).text[:12] for row in session.scalars(select(Comment))
    }
    assert said == {
        "Against spraying.": "Aerial spray", "For development.": "Alternative ", "Report sooner.": "Each State s",
    }  # fmt: skip


@pytest.mark.parametrize("code", ["{code}/4.2", "4.2"])
def test_a_code_without_a_version_asks_which_was_printed_where_that_makes_a_difference(
    client: FlaskClient, session: Session, consultation: Consultation, code: str
) -> None:
    code = code.format(code=consultation.code)
    assert "Aerial spraying" in typed(client, consultation, code), "there is one version only"
    publish_next(session, consultation, SECOND)
    page = typed(client, consultation, code)
    assert "Which version of the draft was printed?" in page
    assert "Aerial spraying" in page
    assert "Alternative development" in page
    assert f"code={consultation.code}/1/4.2" in page
    assert "Comment on paragraph 4.1" in typed(client, consultation, code.replace("4.2", "4.1")), "the same in both"
    assert "We cannot find 4.4 in this version." in typed(client, consultation, code.replace("4.2", "4.4"))


@pytest.mark.parametrize(
    ("code", "said"),
    [("{code}/7/4.2", "This draft has no version 7."), ("{code}/1/9.9", "We cannot find this code in the form."),
     ("ZZ99/1/4.2", "This code is from another form"), ("", "We cannot find this code in the form."),
     ("{code}/2/4.2", "This draft has no version 2."), ("/////", "This code is from another form")],
)  # fmt: skip
def test_a_code_that_leads_nowhere_says_why(
    client: FlaskClient, session: Session, consultation: Consultation, code: str, said: str
) -> None:
    factories.documents.begin_next(session, document_id=consultation.document_id, text=SECOND)  # and not published
    session.commit()
    assert said in typed(client, consultation, code.format(code=consultation.code))


def test_a_code_is_read_as_people_type_it() -> None:
    for text in ("dp27/1/4.2", " DP27 / 1 / 4.2 ", "DP27\\1\\4.2", "DP27/١/٤٫٢"):
        assert paper_codes.parse_code(text, own="DP27") == paper_codes.PaperCode("4.2", "DP27", 1)
    assert paper_codes.parse_code("2027/4.2", own="2027") == paper_codes.PaperCode("4.2", "2027")
    assert paper_codes.parse_code("2027/3/4.2", own="2027") == paper_codes.PaperCode("4.2", "2027", 3)
