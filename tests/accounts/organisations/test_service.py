"""Organisations: who founds, joins, leaves and rules."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from consult.accounts import links, service
from consult.accounts.model import Account, LinkToken, Organisation, OrganisationKind
from consult.accounts.organisations import service as organisations
from consult.core.clock import now
from consult.core.db import db
from consult.core.errors import Conflict, Forbidden, NotFound, Refusal
from consult.core.web.access import Role
from tests import factories
from tests.accounts.letters import letters


def found(session: Session, founder: Account, name: str = "Red Andina") -> Organisation:
    return organisations.create_organisation(
        session, founder=founder, name=name, kind=OrganisationKind.NETWORK, country="PE", website=None
    )


def names(session: Session, organisation: Organisation) -> list[str]:
    return [member.name for member in organisations.list_members(session, organisation.id)]


def test_a_founder_owns_the_organisation_and_may_file_for_it(session: Session) -> None:
    founder = factories.account(session)
    organisation = found(session, founder)
    (mine,) = organisations.list_organisations(session, founder)
    assert (mine.organisation, mine.owner) == (organisation, True)


@pytest.mark.parametrize("name", ["Red Andina", "red  ANDINA", "\x00Red Andina", "Red-Andina.", "RedＡndina"])
def test_two_organisations_never_have_one_name(session: Session, name: str) -> None:
    found(session, factories.account(session))
    with pytest.raises(Conflict, match="already"):
        found(session, factories.account(session), name)


def test_a_website_is_a_web_address(session: Session) -> None:
    with pytest.raises(Refusal, match="https"):
        organisations.create_organisation(
            session, founder=factories.account(session), name="X", kind=OrganisationKind.NGO, country="PE",
            website="javascript:alert(1)",
        )  # fmt: skip


def test_nobody_becomes_a_member_without_saying_yes(session: Session) -> None:
    owner, ana = factories.account(session), factories.account(session, email="ana@example.org")
    organisation = found(session, owner)
    service.invite_member(session, by=owner, organisation_id=organisation.id, email="ana@example.org")
    assert names(session, organisation) == [owner.display_name]
    (letter,) = letters(session)
    assert "Red Andina" in letter.text
    service.join(session, token=letter.token, name="", password=None, language="en")
    assert names(session, organisation) == [owner.display_name, ana.display_name]
    assert not organisations.get_for_member(session, organisation.id, ana).owner


def test_only_an_owner_invites_and_removes(session: Session) -> None:
    owner, member, stranger = (factories.account(session) for _ in range(3))
    organisation = found(session, owner)
    organisations.add_member(session, organisation_id=organisation.id, account_id=member.id)
    with pytest.raises(Forbidden):
        service.invite_member(session, by=member, organisation_id=organisation.id, email="x@example.org")
    with pytest.raises(Forbidden):
        organisations.remove_member(session, by=member, organisation_id=organisation.id, account_id=owner.id)
    with pytest.raises(Forbidden):
        organisations.set_owner(
            session, by=member, organisation_id=organisation.id, account_id=member.id, owner=True
        )  # fmt: skip
    with pytest.raises(NotFound):
        organisations.get_page(session, organisation.id, stranger)
    with pytest.raises(NotFound):
        organisations.remove_member(session, by=stranger, organisation_id=organisation.id, account_id=owner.id)


def test_no_more_invitations_wait_than_may(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "INVITATIONS", 2)
    owner = factories.account(session)
    organisation = found(session, owner)
    for email in ("one@example.org", "two@example.org"):
        service.invite_member(session, by=owner, organisation_id=organisation.id, email=email)
    with pytest.raises(Refusal, match="Too many invitations"):
        service.invite_member(session, by=owner, organisation_id=organisation.id, email="three@example.org")
    assert [letter.to for letter in letters(session)] == ["one@example.org", "two@example.org"]


def test_a_member_may_leave_and_an_owner_hands_over_first(session: Session) -> None:
    owner, member = factories.account(session), factories.account(session)
    organisation = found(session, owner)
    organisations.add_member(session, organisation_id=organisation.id, account_id=member.id)
    with pytest.raises(organisations.LastOwner):
        organisations.remove_member(session, by=owner, organisation_id=organisation.id, account_id=owner.id)
    with pytest.raises(organisations.LastOwner):
        organisations.set_owner(session, by=owner, organisation_id=organisation.id, account_id=owner.id, owner=False)
    organisations.set_owner(session, by=owner, organisation_id=organisation.id, account_id=member.id, owner=True)
    organisations.remove_member(session, by=owner, organisation_id=organisation.id, account_id=owner.id)
    assert names(session, organisation) == [member.display_name]


def test_two_owners_who_remove_each_other_at_once_leave_one(app: Flask, session: Session) -> None:
    first, second = factories.account(session), factories.account(session)
    organisation = found(session, first)
    organisations.add_member(session, organisation_id=organisation.id, account_id=second.id, owner=True)
    session.commit()
    number, pairs = organisation.id, [(first.id, second.id), (second.id, first.id)]
    barrier, outcomes = threading.Barrier(2), []

    def remove(by: int, whom: int) -> None:
        with app.app_context():
            me = db.session().get_one(Account, by)
            barrier.wait()
            try:
                organisations.remove_member(db.session(), by=me, organisation_id=number, account_id=whom)
                db.session.commit()
                outcomes.append("removed")
            except Refusal:
                outcomes.append("refused")
            finally:
                db.session.remove()

    threads = [threading.Thread(target=remove, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["refused", "removed"]
    assert len(names(session, organisation)) == 1


def test_an_owner_sees_whom_they_invited_and_a_member_does_not(session: Session) -> None:
    owner, member = factories.account(session), factories.account(session)
    organisation = found(session, owner)
    organisations.add_member(session, organisation_id=organisation.id, account_id=member.id)
    service.invite_member(session, by=owner, organisation_id=organisation.id, email="x@example.org")
    assert [row.email for row in organisations.get_page(session, organisation.id, owner).invited] == ["x@example.org"]
    assert organisations.get_page(session, organisation.id, member).invited == []


def test_who_invites_nobody_is_asked_for_the_address_of_whoever_they_invite(
    session: Session, sign_in: Callable[[Account], FlaskClient]
) -> None:
    owner = factories.account(session)
    page = sign_in(owner).post(f"/org/{found(session, owner).id}", data={"email": ""})
    assert page.status_code == 422
    assert "Enter the e-mail address of the person you invite" in page.text
    assert "your e-mail address" not in page.text


def test_an_invitation_names_who_invites_for_whom_and_where(session: Session, client: FlaskClient) -> None:
    owner = factories.account(session, display_name="Noor Haddad")
    organisation = factories.organisation(session, name="Harbour Health Collective")
    organisations.add_member(session, organisation_id=organisation.id, account_id=owner.id, owner=True)
    service.invite_member(session, by=owner, organisation_id=organisation.id, email="x@example.org")
    (letter,) = letters(session)
    assert letter.subject == "Invitation to send comments for Harbour Health Collective"
    for text in (letter.text, letter.html):
        assert "Noor Haddad of Harbour Health Collective invites you" in text
        assert "localhost" in text
        assert "Noor Haddad entered your e-mail address on localhost." in text
        assert "The team at" not in text
    assert "Noor Haddad</b></bdi> invites you" in client.get(letter.path).text


@pytest.mark.parametrize(
    ("named", "said"),
    [
        (True, "Ask Noor Haddad of Harbour Health Collective for a new one."),
        (False, "Ask the team that runs this site"),
    ],
)
def test_an_invitation_that_ran_out_says_whom_to_ask_for_half_a_year(
    session: Session, client: FlaskClient, named: bool, said: str
) -> None:
    owner = factories.account(session, display_name="Noor Haddad")
    organisation = factories.organisation(session, name="Harbour Health Collective")
    organisations.add_member(session, organisation_id=organisation.id, account_id=owner.id, owner=True)
    token = service.invite(
        session, email="x@example.org", by=owner if named else None, organisation=organisation if named else None,
        role=None if named else Role.MODERATOR,
    )  # fmt: skip
    session.execute(update(LinkToken).values(expires_at=now() - timedelta(days=3)))
    links.forget_expired(session, before=now() - timedelta(days=1))
    session.commit()
    assert session.scalars(select(LinkToken.email_sealed)).all() == [None]
    answer = client.get(f"/join/{token}")
    assert answer.status_code == 410
    assert said in answer.text
    links.forget_expired(session, before=now() + timedelta(days=181))
    session.commit()
    assert "Ask for a new one." in client.get(f"/join/{token}").text


def test_an_invitation_that_was_used_says_so_and_names_nobody(session: Session, client: FlaskClient) -> None:
    owner = factories.account(session, display_name="Noor Haddad")
    token = service.invite(session, email="x@example.org", role=Role.MODERATOR, by=owner)
    service.join(session, token=token, name="X", password=None, language="en")
    page = client.get(f"/join/{token}")
    assert page.status_code == 410
    assert "This invitation was already used or withdrawn." in page.text
