"""Invitations of a body: seen by who works there, sent again or taken back by its leads; and where people work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from consult.bodies import invitations
from consult.bodies.model import BodyRole
from consult.core.web.access import Role
from tests import factories
from tests.accounts.letters import letters
from tests.bodies.working import make_body, work

SignIn = Callable[[Any], FlaskClient]


def test_an_invitation_to_a_body_that_is_sent_again_or_taken_back_opens_no_more(
    session: Session, sign_in: SignIn
) -> None:
    body = make_body(session, "Council")
    desk = sign_in(work(session, body))
    desk.post("/desk/bodies/council", data={"email": "new@example.org", "role": "reader"})
    ((_row, first),) = invitations.list_waiting(session, body)
    address = "/desk/bodies/council/invitations"
    assert desk.post(f"{address}/{first.id}", data={"do": "again"}).status_code == 303
    ((again, second),) = invitations.list_waiting(session, body)
    assert (second.id != first.id, again.role) == (True, BodyRole.READER)
    assert [letter.to for letter in letters(session)] == ["new@example.org"] * 2
    assert desk.post(f"{address}/{first.id}", data={"do": "again"}).status_code == 404
    assert desk.post(f"{address}/{second.id}", data={"do": "end"}).status_code == 303
    assert invitations.list_waiting(session, body) == []
    assert "new@example.org" not in desk.get("/desk/bodies/council").text


def test_an_invitation_to_a_body_is_sent_again_in_its_own_language(session: Session, sign_in: SignIn) -> None:
    body = make_body(session, "Council")
    french, spanish = work(session, body), work(session, body)
    french.language, spanish.language = "fr", "es"
    invitations.invite(session, body, email="new@example.org", role=BodyRole.READER, by=french)
    session.commit()
    ((_row, link),) = invitations.list_waiting(session, body)
    sign_in(spanish).post(f"/desk/bodies/council/invitations/{link.id}", data={"do": "again"})
    assert len({letter.subject for letter in letters(session)}) == 1


def test_only_leads_of_the_same_body_take_an_invitation_back(session: Session, sign_in: SignIn) -> None:
    body, other = make_body(session, "Council"), make_body(session, "Other")
    invitations.invite(session, body, email="new@example.org", role=BodyRole.READER, by=work(session, body))
    reader, stranger = work(session, body, BodyRole.READER), work(session, other)
    ((_row, link),) = invitations.list_waiting(session, body)
    address = f"council/invitations/{link.id}"
    for person in (reader, stranger):
        assert sign_in(person).post(f"/desk/bodies/{address}", data={"do": "end"}).status_code in (403, 404)
    assert sign_in(stranger).post(f"/desk/bodies/other/invitations/{link.id}", data={"do": "end"}).status_code == 404
    assert len(invitations.list_waiting(session, body)) == 1
    assert "Withdraw invitation" not in sign_in(reader).get("/desk/bodies/council").text


def test_administrators_see_for_which_bodies_people_work_and_as_what(session: Session, sign_in: SignIn) -> None:
    body = make_body(session, "Council", names={"fr": "Conseil"})
    person = work(session, body)
    desk = sign_in(factories.account(session, Role.ADMIN))
    assert "Council: Lead" in desk.get("/people").text
    page = desk.get(f"/people/{person.id}").text
    assert '<a href="/desk/bodies/council"><bdi>Council</bdi></a>: Lead' in page
    assert "Works for" in desk.get(f"/people/{person.id}").text
