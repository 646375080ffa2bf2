from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.analysis import service
from consult.analysis.model import Campaign
from consult.consultations.model import Consultation

from .. import factories
from ..counting import statements as counted
from ..filing import file, numbered
from .writing import LETTERS, OWN

LETTER = LETTERS[0]


def letters(session: Session, published: int, pending: int = 0) -> Consultation:
    row = factories.consultation(session)
    for number in range(published + pending):
        file(session, row, LETTER, published=number < published)
    file(session, row, f"{LETTER} {OWN[0]}", published=published > 0)
    service.follow(session, consultation_id=row.id, until=numbered(session))
    session.commit()
    return row


def test_a_campaign_is_shown_with_its_letter_and_what_members_add(session: Session, client: FlaskClient) -> None:
    row = letters(session, published=5)
    page = client.get(f"/c/{row.slug}/campaigns").text
    assert "6 published copies" in page
    assert "Found in what was sent in" in page
    file(session, row, f"{LETTER} {OWN[1]}")
    service.follow(session, consultation_id=row.id, until=numbered(session))
    session.commit()
    page = client.get(f"/c/{row.slug}/campaigns").text
    assert "6 of 7 copies are published · 2 members add words of their own" in page
    number = session.scalars(select(Campaign.id)).one()
    page = client.get(f"/c/{row.slug}/campaigns/{number}").text
    assert OWN[0] in page
    assert OWN[1] not in page
    assert "We ask you not to repeal the rule" in page


def test_nothing_is_said_of_a_letter_before_five_copies_are_published(session: Session, client: FlaskClient) -> None:
    row = letters(session, published=0, pending=6)
    number = session.scalars(select(Campaign.id)).one()
    assert "No campaign yet" in client.get(f"/c/{row.slug}/campaigns").text
    assert client.get(f"/c/{row.slug}/campaigns/{number}").status_code == 404


def test_an_organiser_declares_a_campaign_and_it_is_shown_as_declared(
    session: Session, sign_in: Callable[[Any], FlaskClient]
) -> None:
    row = letters(session, published=5)
    browser = sign_in(factories.account(session))
    told = {"name": "Keep the rule", "organiser": "Farm Union", "letter": LETTER, "consent": "y"}
    answer = browser.post(f"/c/{row.slug}/campaigns/declare", data=told)
    assert answer.status_code == 303
    page = browser.get(f"/c/{row.slug}/campaigns").text
    for words in ("Keep the rule", "Farm Union", "Declared by its organiser", "Found in what was sent in"):
        assert words in page
    assert "Keep the rule" in browser.get(f"/c/{row.slug}/campaigns/declare").text


def test_a_letter_that_is_no_letter_is_refused_and_kept(
    session: Session, sign_in: Callable[[Any], FlaskClient]
) -> None:
    row = factories.consultation(session)
    browser = sign_in(factories.account(session))
    told = {"name": "Mine", "organiser": "Me", "letter": "I support this!"}
    page = browser.post(f"/c/{row.slug}/campaigns/declare", data=told).text
    assert "Paste the whole letter: ten words or more." in page
    assert "I support this!" in page


def test_the_pages_of_campaigns_need_as_many_statements_with_ten_times_as_much(
    session: Session, client: FlaskClient
) -> None:
    few, many = letters(session, published=5), letters(session, published=50)
    for path in ("campaigns", "campaigns/{}"):
        costs = []
        for row in (few, many):
            number = session.scalars(select(Campaign.id).where(Campaign.consultation_id == row.id)).one()
            costs.append(_cost(client, f"/c/{row.slug}/{path.format(number)}"))
        assert costs[0] == costs[1] <= 6


def _cost(client: FlaskClient, path: str) -> int:
    with counted() as said:
        assert client.get(path).status_code == 200
    return len(said)
