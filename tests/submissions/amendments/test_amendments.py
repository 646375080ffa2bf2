"""A paragraph's new wording: filed, supported, compared, taken into the next version, credited."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations.drafts import service as drafts
from consult.consultations.model import Consultation
from consult.core.web.access import Role
from consult.documents import queries as documents
from consult.search import service as search
from consult.submissions import service
from consult.submissions.amendments import queries
from consult.submissions.anchors import carry_forward
from consult.submissions.model import Comment, State, Submission
from tests import factories, filing
from tests.submissions.evidence.test_views import send

SignIn = Callable[[Account], FlaskClient]
TEXT = "# Plan\n\n## 1. Aims\n\n1.1 States may test the water.\n\n1.2 Nothing else.\n"
BETTER = "States shall test the water every year."


@pytest.fixture
def it(session: Session) -> Consultation:
    row = factories.with_draft(session, TEXT)
    session.commit()
    return row


def filed(session: Session, client: FlaskClient, it: Consultation, proposed: str, why: str, **where: int) -> Comment:
    """A published submission with one comment of the kind "Suggest wording"."""
    query = "".join(f"?{name}={value}" for name, value in where.items())
    data = {"stance": "wording", "body": why} | ({"proposed": proposed} if proposed else {})
    assert client.post(f"/c/{it.slug}/respond/comment/1.1{query}", data=data).status_code == 303
    client.post(f"/c/{it.slug}/respond/about", data={"speaks": "none", "language": "en"})
    send(client, it.slug)
    row = session.scalars(select(Submission).order_by(Submission.id.desc()).limit(1)).one()
    service.transition(session, row, state=State.PUBLISHED, actor="moderator")
    session.commit()
    return session.scalars(select(Comment).where(Comment.submission_id == row.id)).one()


def test_the_form_holds_the_paragraph_and_the_check_page_shows_the_difference(
    client: FlaskClient, it: Consultation
) -> None:
    assert "States may test the water.</textarea>" in client.get(f"/c/{it.slug}/respond/comment/1.1").text
    data = {"stance": "wording", "proposed": BETTER, "body": "Once is not enough."}
    client.post(f"/c/{it.slug}/respond/comment/1.1", data=data)
    page = client.get(f"/c/{it.slug}/respond/check").text
    assert "</bdi>may</del>" in page
    assert "</bdi>shall</ins>" in page
    assert "Once is not enough." in page
    again = client.get(f"/c/{it.slug}/respond/comment/1.1").text
    assert f"{BETTER}</textarea>" in again
    assert "Once is not enough.</textarea>" in again


def test_words_that_change_nothing_need_a_reason_and_new_words_need_none(client: FlaskClient, it: Consultation) -> None:
    url = f"/c/{it.slug}/respond/comment/1.1"
    same = {"stance": "wording", "proposed": "States may test the  water.", "body": ""}
    assert client.post(url, data=same).status_code == 422
    assert client.post(url, data={**same, "proposed": BETTER}).status_code == 303


def test_support_is_a_comment_of_ones_own_and_is_counted_once_a_submission(
    app: Flask, client: FlaskClient, session: Session, it: Consultation
) -> None:
    first = filed(session, client, it, BETTER, "Once is not enough.")
    assert (first.amendment, first.body) == (len(BETTER), f"{BETTER}\n\nOnce is not enough.")
    form = app.test_client().get(f"/c/{it.slug}/respond/comment/1.1?agrees={first.id}").text
    assert "You support this wording" in form
    assert (
        app.test_client()
        .post(f"/c/{it.slug}/respond/comment/1.1?agrees={first.id}", data={"stance": "wording", "body": ""})
        .status_code
        == 422
    )
    other = filed(session, app.test_client(), it, "", "Our wells are foul.", agrees=first.id)
    assert other.agrees_with == first.id
    (shown,) = queries.list_amendments(session, it)
    assert (shown.agree, shown.proposed, shown.reason) == (1, BETTER, "Once is not enough.")
    page = client.get(f"/c/{it.slug}/amendments?on=1.1").text
    assert "1 other submission agrees" in page
    assert "</bdi>shall</ins>" in page


def test_nobody_can_agree_with_what_is_no_published_amendment(
    app: Flask, client: FlaskClient, session: Session, it: Consultation
) -> None:
    plain = filed(session, client, it, "", "No new words.")
    other = filed(session, app.test_client(), it, "", "I agree.", agrees=plain.id)
    assert other.agrees_with is None


def test_two_that_change_the_same_words_are_shown_to_collide_and_two_that_do_not_are_not(
    app: Flask, client: FlaskClient, session: Session, it: Consultation
) -> None:
    one = filed(session, client, it, "States shall test the water.", "Must.")
    two = filed(session, app.test_client(), it, "States should test the water.", "Softer.")
    three = filed(session, app.test_client(), it, "States may test the wells.", "Wells.")
    clash = {each.said.id: [other.id for other in each.collides] for each in queries.list_amendments(session, it)}
    assert clash == {one.id: [two.id], two.id: [one.id], three.id: []}


def test_the_owner_takes_it_into_the_next_version_in_one_step_and_it_is_credited_once_that_is_published(
    client: FlaskClient, session: Session, it: Consultation, sign_in: SignIn
) -> None:
    first = filed(session, client, it, BETTER, "Once is not enough.")
    owner = session.get_one(Account, it.owner_id)
    assert sign_in(factories.account(session, Role.POLICYMAKER)).post(
        f"/desk/consultations/{it.id}/amendments/{first.id}"
    ).status_code in (403, 404)
    desk = sign_in(owner)
    assert "Use in the next version" in desk.get(f"/c/{it.slug}/amendments").text
    assert desk.post(f"/desk/consultations/{it.id}/amendments/{first.id}").status_code == 303
    latest = documents.get_latest(session, it.document_id)
    assert latest is not None
    assert BETTER in latest.source
    again = desk.get(f"/c/{it.slug}/amendments").text
    assert "This wording is in the next version, which is not published yet." in again
    assert "Use in the next version" not in again
    assert "not published yet" not in client.get(f"/c/{it.slug}/amendments").text
    assert desk.post(f"/desk/consultations/{it.id}/amendments/{first.id}").status_code == 303
    assert "Suggested wording adopted" not in client.get(f"/c/{it.slug}/outcome").text
    drafts.publish(session, number=it.id, by=owner)
    session.commit()
    while carry_forward.carry_batch(session, consultation_id=it.id, batch=100):
        pass
    session.commit()
    page = client.get(f"/c/{it.slug}/outcome").text
    assert "Suggested wording adopted unchanged" in page
    assert "</bdi>shall</ins>" in page
    assert "Adopted word for word in version 2" in client.get(f"/c/{it.slug}/amendments").text


def test_words_that_the_next_version_has_changed_already_are_not_overwritten(
    client: FlaskClient, session: Session, it: Consultation, sign_in: SignIn
) -> None:
    first = filed(session, client, it, BETTER, "Once is not enough.")
    owner = session.get_one(Account, it.owner_id)
    drafts.prepare_next(session, number=it.id, by=owner, text=TEXT.replace("may test", "must test"))
    session.commit()
    answer = sign_in(owner).post(f"/desk/consultations/{it.id}/amendments/{first.id}")
    assert answer.status_code == 409
    latest = documents.get_latest(session, it.document_id)
    assert latest is not None
    assert "must test" in latest.source


def test_search_shows_its_difference_and_not_the_whole_text(
    client: FlaskClient, session: Session, it: Consultation
) -> None:
    filed(session, client, it, BETTER, "Once is not enough.")
    filing.numbered(session)
    while search.FOLLOWER.follow_site(session):
        session.commit()
    page = client.get("/search?q=enough").text
    assert "</bdi>shall</ins>" in page
    assert "Once is not enough." in page
