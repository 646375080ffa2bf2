"""An emptied paragraph proposes to delete it: in the form, on the check page, in public, in the next version."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations.drafts import service as drafts
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.digests import service as digests
from consult.digests.model import Cadence
from consult.digests.render import current_quotes, phrases
from consult.documents import queries as documents
from consult.submissions.amendments import queries
from consult.submissions.anchors import carry_forward
from consult.submissions.model import Comment, Submission
from tests import factories, filing
from tests.submissions.amendments.test_amendments import filed

SignIn = Callable[[Account], FlaskClient]
TEXT = """# Plan

## 1. Aims

1.1 States may test the water.

(a) in wells;

(b) in rivers.

1.2 Nothing else.
"""
WHY = "Testing without treatment helps nobody."


@pytest.fixture
def it(session: Session) -> Consultation:
    row = factories.with_draft(session, TEXT)
    session.commit()
    return row


def deletion(session: Session, client: FlaskClient, it: Consultation) -> Comment:
    """A published submission that proposes to delete 1.1."""
    return filed(session, client, it, " ", WHY)


def test_an_emptied_box_proposes_to_delete_and_needs_a_reason(client: FlaskClient, it: Consultation) -> None:
    url = f"/c/{it.slug}/respond/comment/1.1"
    for sent in ({"stance": "wording", "proposed": ""},):
        refused = client.post(url, data={**sent, "body": ""})
        assert refused.status_code == 422
        assert "Say why this paragraph should be deleted" in refused.text
        assert "</bdi>States may test the water.</del>" in refused.text
        assert client.post(url, data={**sent, "body": WHY}).status_code == 303
        check = client.get(f"/c/{it.slug}/respond/check").text
        assert "Delete this paragraph" in check
        assert "</bdi>States may test the water.</del>" in check
        again = client.get(url).text
        assert "You suggest deleting this paragraph" in again
        assert "States may test the water.</textarea>" not in again
        assert f"{WHY}</textarea>" in again


def test_it_is_shown_struck_in_public_and_can_be_supported(
    app: Flask, client: FlaskClient, session: Session, it: Consultation
) -> None:
    row = deletion(session, client, it)
    assert (row.amendment, row.body) == (0, WHY)
    for page in ("p/1.1", "amendments", f"comments/{_reference(session, row)}", "comments?stance=amendment"):
        text = client.get(f"/c/{it.slug}/{page}").text
        assert "</bdi>States may test the water.</del>" in text, page
        assert "Delete this paragraph" in text, page
        assert WHY in text, page
    other = filed(session, app.test_client(), it, "", "So it is.", agrees=row.id)
    assert other.agrees_with == row.id
    assert "1 other submission agrees" in client.get(f"/c/{it.slug}/amendments").text


def _reference(session: Session, row: Comment) -> str:
    return session.get_one(Submission, row.submission_id).reference


def test_it_collides_with_every_rewording_and_not_with_another_deletion(
    app: Flask, client: FlaskClient, session: Session, it: Consultation
) -> None:
    one = deletion(session, client, it)
    two = filed(session, app.test_client(), it, "States may test the water. Soon.", "Soon.")
    found = {each.said.id: [other.id for other in each.collides] for each in queries.list_amendments(session, it)}
    assert found == {one.id: [two.id], two.id: [one.id]}


def test_a_digest_shows_it_struck_in_its_row(client: FlaskClient, session: Session, it: Consultation) -> None:
    row = deletion(session, client, it)
    filing.numbered(session)
    made = digests.compile_digest(session, consultation_id=it.id, cadence=Cadence.WEEKLY, slot_at=now())
    assert made is not None
    body = current_quotes.fill_quotes(session, made.body)
    (quote,) = [one for one in body.places[0].quotes if one.comment == row.id]
    assert (quote.difference[0].mark, quote.difference[0].text) == ("gone", "States may test the water.")
    assert phrases.quoted(quote).startswith("[Deleted: States may test the water.]")
    assert quote.words == WHY


def test_the_owner_takes_it_into_the_next_version_and_the_map_says_that_it_is_gone(
    client: FlaskClient, session: Session, it: Consultation, sign_in: SignIn
) -> None:
    row = deletion(session, client, it)
    owner = session.get_one(Account, it.owner_id)
    desk = sign_in(owner)
    answer = desk.post(f"/desk/consultations/{it.id}/amendments/{row.id}", follow_redirects=True)
    assert answer.status_code == 200
    assert "deleted from the next version" in answer.text
    latest = documents.get_latest(session, it.document_id)
    assert latest is not None
    assert "water" not in latest.source
    assert "in wells" not in latest.source
    assert "1.2 Nothing else." in latest.source
    assert "This wording is in the next version" in desk.get(f"/c/{it.slug}/amendments").text
    drafts.publish(session, number=it.id, by=owner)
    session.commit()
    while carry_forward.carry_batch(session, consultation_id=it.id, batch=100):
        pass
    session.commit()
    assert [one.said.id for one in queries.list_adopted(session, it)] == [row.id]
    assert "</bdi>States may test the water.</del>" in client.get(f"/c/{it.slug}/outcome").text
    assert "Adopted in version 2: paragraph deleted" in client.get(f"/c/{it.slug}/amendments").text
