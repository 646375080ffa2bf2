"""The three tabs of a consultation, their views, and the earlier addresses."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from lxml import html
from sqlalchemy.orm import Session

from tests import factories

TABS = ["Read and comment", "Comments and arguments", "Answers and changes"]


@pytest.mark.parametrize(
    ("rest", "tab", "view"),
    [
        ("", "Read and comment", None),
        ("/draft", "Read and comment", None),
        ("/said", "Comments and arguments", "Summary"),
        ("/arguments", "Comments and arguments", "Arguments"),
        ("/amendments", "Comments and arguments", "Suggested wording"),
        ("/comments", "Comments and arguments", "All submissions"),
        ("/evidence", "Comments and arguments", "All submissions"),
        ("/topics", "Comments and arguments", "All submissions"),
        ("/outcome", "Answers and changes", "You said, we did"),
        ("/changes", "Answers and changes", "What changed"),
    ],
)
def test_a_page_of_a_consultation_names_its_tab_and_its_view(
    session: Session, client: FlaskClient, rest: str, tab: str, view: str | None
) -> None:
    row = factories.consultation(session)
    session.commit()
    page = html.fromstring(client.get(f"/c/{row.slug}{rest}").text)
    tabs = page.xpath("//nav[@aria-label='Consultation']//a")
    assert [each.text_content() for each in tabs] == TABS
    assert page.xpath("//nav[@aria-label='Consultation']//a[@aria-current='page']/text()") == [tab]
    assert page.xpath("//nav[@aria-label='Views']//a[@aria-current='page']/text()") == ([view] if view else [])


@pytest.mark.parametrize(("old", "new"), [("/heard", "/said"), ("/answers", "/outcome")])
def test_an_earlier_address_leads_to_the_new_one_with_its_query(
    session: Session, client: FlaskClient, old: str, new: str
) -> None:
    row = factories.consultation(session)
    session.commit()
    answer = client.get(f"/c/{row.slug}{old}?show=waiting")
    assert answer.status_code == 308
    assert answer.headers["Location"] == f"/c/{row.slug}{new}?show=waiting"


@pytest.mark.parametrize("rest", ["/respond/check", "/follow"])
def test_a_page_for_writing_has_no_tabs(session: Session, client: FlaskClient, rest: str) -> None:
    row = factories.consultation(session)
    session.commit()
    assert 'aria-label="Views"' not in client.get(f"/c/{row.slug}{rest}").text
