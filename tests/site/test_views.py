"""Home, the list, a consultation's front page, and the way out."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session

from consult.consultations.model import Phase
from consult.core.clock import now
from consult.core.db import db
from tests import factories

PASSED = {"opens_at": now() - timedelta(days=40), "phase": Phase.CLOSED}


def test_home_lists_what_is_open_what_comes_and_what_is_owed(session: Session, client: FlaskClient) -> None:
    factories.consultation(session, title="Now open")
    factories.consultation(session, title="Comes soon", opens_at=now() + timedelta(days=2), phase=Phase.UPCOMING)
    owed = (now() - timedelta(days=1)).date()
    factories.consultation(session, title="Is owed", closes_at=now() - timedelta(days=5), answer_by=owed, **PASSED)
    factories.consultation(session, title="Still secret", phase=Phase.DRAFT)
    session.commit()
    page = client.get("/").text
    assert page.index("Now open") < page.index("Comes soon") < page.index("Is owed")
    assert "Answer overdue since" in page
    assert "Still secret" not in page


def test_what_is_not_published_has_no_page(session: Session, client: FlaskClient) -> None:
    row = factories.consultation(session, phase=Phase.DRAFT)
    session.commit()
    assert client.get(f"/c/{row.slug}").status_code == 404


def test_a_search_takes_percent_signs_for_what_they_are(session: Session, client: FlaskClient) -> None:
    factories.consultation(session, title="Reach 80% of people")
    factories.consultation(session, title="Something else")
    session.commit()
    page = client.get("/consultations?q=80%25").text
    assert "Reach 80% of people" in page
    assert "Something else" not in page


@pytest.mark.parametrize("phase", ["open", "closed"])
def test_every_consultation_is_on_exactly_one_page_of_the_list(
    session: Session, client: FlaskClient, phase: str
) -> None:
    ends = {"open": now() + timedelta(days=3), "closed": now() - timedelta(days=3)}[phase]
    for number in range(30):
        given = {} if phase == "open" else PASSED
        factories.consultation(session, title=f"Plan number {number:02}.", closes_at=ends, **given)
    session.commit()
    first = client.get(f"/consultations?phase={phase}").text
    link = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    second = client.get(link).text
    titles = [f"Plan number {number:02}.<" for number in range(30)]
    shown = [(title in first) + (title in second) for title in titles]
    assert shown == [1] * 30


@pytest.mark.parametrize("cursor", ["x", "WzFd", "WyJ4IiwgMV0", "W251bGwsIG51bGxd"])
def test_a_page_of_the_list_that_does_not_exist_says_so(client: FlaskClient, cursor: str) -> None:
    answer = client.get(f"/consultations?after={cursor}")
    assert answer.status_code == 404
    assert "first page" in answer.text


def test_leaving_wipes_what_this_browser_kept_and_says_nothing_of_where_from(client: FlaskClient) -> None:
    client.get("/?lang=ar")
    answer = client.post("/leave")
    assert answer.status_code == 303
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    with client.session_transaction() as kept:
        assert dict(kept) == {}


@pytest.mark.parametrize("path", ["/", "/consultations", "/c/{slug}"])
def test_pages_cost_the_same_few_statements_however_many_consultations(
    session: Session, client: FlaskClient, path: str
) -> None:
    counted = []
    statements: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda _c, _u, sql, *_: statements.append(sql))
    for more in (2, 20):
        for _number in range(more):
            row = factories.consultation(session)
        session.commit()
        statements.clear()
        assert client.get(path.format(slug=row.slug)).status_code == 200
        counted.append(len(statements))
    assert counted[0] == counted[1] <= 6
