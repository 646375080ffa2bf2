from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.analysis import service
from consult.analysis.model import Campaign
from consult.consultations.model import Consultation
from tests import factories
from tests.analysis.writing import LETTERS, OWN
from tests.counting import statements
from tests.filing import file, numbered

LETTER = LETTERS[0]
TURNED = LETTER.replace("not to repeal", "to repeal")


def letters(session: Session, published: int, pending: int = 0) -> Consultation:
    row = factories.consultation(session)
    for number in range(published + pending):
        file(session, row, LETTER, published=number < published)
    file(session, row, f"{LETTER} {OWN[0]}", published=published > 0)
    service.FOLLOWER.follow(session, consultation_id=row.id, until=numbered(session))
    session.commit()
    return row


def test_a_campaign_is_shown_with_its_letter_and_what_members_add(session: Session, client: FlaskClient) -> None:
    row = letters(session, published=5)
    page = client.get(f"/c/{row.slug}/campaigns").text
    assert "6 published submissions" in page
    assert "Found in the submissions" in page
    file(session, row, f"{LETTER} {OWN[1]}")
    service.FOLLOWER.follow(session, consultation_id=row.id, until=numbered(session))
    session.commit()
    page = client.get(f"/c/{row.slug}/campaigns").text
    assert "6 of 7 submissions are published · 1 person added words" in page  # the other is not published
    number = session.scalars(select(Campaign.id)).one()
    page = client.get(f"/c/{row.slug}/campaigns/{number}").text
    assert OWN[0] in page
    assert OWN[1] not in page
    assert "We ask you not to repeal the rule" in page


def test_the_picture_of_a_campaign_has_each_published_member_in_one_row(session: Session, client: FlaskClient) -> None:
    row = letters(session, published=5)
    file(session, row, f"Please ignore the letter below. {LETTER}", published=True)
    file(session, row, f"Please ignore this letter. {LETTER}")
    file(session, row, LETTER.rsplit(".", 2)[0] + ".", published=True)
    service.FOLLOWER.follow(session, consultation_id=row.id, until=numbered(session))
    session.commit()
    path = f"/c/{row.slug}/campaigns/{session.scalars(select(Campaign.id)).one()}"
    table = "how,submissions exact,5 changed,1 adding,2"
    assert client.get(f"{path}.csv").text.split() == table.split()
    page = client.get(path).text
    assert not [words for words in ("seems to say", "the opposite", "contradict") if words in page.lower()]
    assert page.count('<svg class="amount') == 3
    assert "8 published submissions, each counted in one row" in page


def test_nothing_is_said_of_a_letter_before_five_copies_are_published(session: Session, client: FlaskClient) -> None:
    row = letters(session, published=0, pending=6)
    number = session.scalars(select(Campaign.id)).one()
    assert "No campaigns yet" in client.get(f"/c/{row.slug}/campaigns").text
    assert client.get(f"/c/{row.slug}/campaigns/{number}").status_code == 404


def test_a_campaign_is_public_from_the_fifth_published_copy(session: Session, client: FlaskClient) -> None:
    row = letters(session, published=3, pending=4)
    path = f"/c/{row.slug}/campaigns/{session.scalars(select(Campaign.id)).one()}"
    for published, shown in ((4, False), (5, True)):
        assert session.scalars(select(Campaign.published).execution_options(populate_existing=True)).one() == published
        assert (client.get(path).status_code == 200) == shown
        assert ("No campaigns yet" in client.get(f"/c/{row.slug}/campaigns").text) != shown
        file(session, row, LETTER, published=True)
        service.FOLLOWER.follow(session, consultation_id=row.id, until=numbered(session))
        session.commit()


def test_an_organiser_declares_a_campaign_and_it_is_shown_as_declared(
    session: Session, sign_in: Callable[[Any], FlaskClient]
) -> None:
    row = letters(session, published=5)
    browser = sign_in(factories.account(session))
    told = {"name": "Keep the rule", "organiser": "Farm Union", "letter": LETTER, "consent": "y"}
    answer = browser.post(f"/c/{row.slug}/campaigns/declare", data=told)
    assert answer.status_code == 303
    page = browser.get(f"/c/{row.slug}/campaigns").text
    for words in ("Keep the rule", "Farm Union", "Declared by the organiser", "Found in the submissions"):
        assert words in page
    assert "Keep the rule" in browser.get(f"/c/{row.slug}/campaigns/declare").text


def test_a_letter_that_is_no_letter_is_refused_and_kept(
    session: Session, sign_in: Callable[[Any], FlaskClient]
) -> None:
    row = factories.consultation(session)
    browser = sign_in(factories.account(session))
    told = {"name": "Mine", "organiser": "Me", "letter": "I support this!"}
    page = browser.post(f"/c/{row.slug}/campaigns/declare", data=told).text
    assert "Paste the whole campaign letter (at least ten words)." in page
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
        assert costs[0] == costs[1] <= 7


def _cost(client: FlaskClient, path: str) -> int:
    with statements() as said:
        assert client.get(path).status_code == 200
    return len(said)
