"""Sign-off inside an organisation: asked in an order, agreed to one text, two people where it wants that, kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account, Organisation
from consult.accounts.organisations import service as organisations
from consult.consultations.followers import service as followers
from consult.consultations.model import Consultation
from consult.submissions.coalitions import service as coalitions
from consult.submissions.model import Submission
from consult.submissions.organisations.model import SignOff
from tests import factories, filing
from tests.accounts.letters import letters
from tests.forms import hidden
from tests.submissions.test_speaking import member

SignIn = Callable[[Any], FlaskClient]


@pytest.fixture
def it(session: Session) -> Consultation:
    row = factories.consultation(session)
    session.commit()
    return row


@pytest.fixture
def ngo(session: Session) -> Organisation:
    row = factories.organisation(session)
    session.commit()
    return row


def shared(session: Session, client: FlaskClient, it: Consultation, ngo: Organisation) -> None:
    """A draft with one comment that its writer has handed to the organisation."""
    client.post(f"/c/{it.slug}/respond/comment/1.1", data={"body": "Too slow.", "stance": "concern"})
    client.post(f"/c/{it.slug}/respond/about", data={"speaks": f"org:{ngo.id}", "language": "en"})
    assert client.post(f"/c/{it.slug}/respond/hand-over").status_code == 303


def press(client: FlaskClient, it: Consultation, do: str, **more: Any) -> int:
    page = client.get(f"/c/{it.slug}/respond/check")
    data = {"do": do, "mark": hidden(page, "mark"), **more}
    return client.post(f"/c/{it.slug}/respond/sign-off", data=data).status_code


def send(client: FlaskClient, it: Consultation) -> int:
    page = client.get(f"/c/{it.slug}/respond/check")
    data = {"key": hidden(page, "key"), "mark": hidden(page, "mark")}
    return client.post(f"/c/{it.slug}/respond/check", data=data).status_code


def open_shared(client: FlaskClient, it: Consultation, ngo: Organisation) -> FlaskClient:
    client.post(f"/c/{it.slug}/respond/as/{ngo.id}")
    return client


def test_members_agree_in_the_order_asked_and_only_then_it_is_sent_and_the_record_stays(
    session: Session, it: Consultation, ngo: Organisation, sign_in: SignIn
) -> None:
    writer, one, two = (member(session, ngo, display_name=name) for name in ("Wren", "Ona", "Tomas"))
    session.commit()
    desk = sign_in(writer)
    shared(session, desk, it, ngo)
    assert press(desk, it, "ask", ask=[one.id, two.id]) == 303
    asked = [letter.to for letter in letters(session) if "Please look" in letter.subject]
    assert len(asked) == 1
    second = open_shared(sign_in(two), it, ngo)
    assert press(second, it, "agree") == 409
    page = desk.get(f"/c/{it.slug}/respond/check").text
    assert "Has not agreed yet" in page
    assert "Send my submission" not in page
    first = open_shared(sign_in(one), it, ngo)
    assert press(first, it, "agree") == 303
    assert press(second, it, "agree") == 303
    assert any("Everybody agreed" in letter.subject for letter in letters(session))
    assert send(desk, it) == 303
    row = session.scalars(select(Submission)).one()
    kept = session.execute(select(SignOff.account_id, SignOff.submission_id).order_by(SignOff.id)).all()
    assert [tuple(each) for each in kept] == [(one.id, row.id), (two.id, row.id)]
    assert "Ona agreed on" in sign_in(one).get(f"/org/{ngo.id}/sent/{row.reference}").text


def test_a_change_after_somebody_agreed_asks_them_anew(
    session: Session, it: Consultation, ngo: Organisation, sign_in: SignIn
) -> None:
    writer, one = member(session, ngo), member(session, ngo)
    session.commit()
    desk = sign_in(writer)
    shared(session, desk, it, ngo)
    press(desk, it, "ask", ask=[one.id])
    press(open_shared(sign_in(one), it, ngo), it, "agree")
    form = desk.get(f"/c/{it.slug}/respond/comment/1.1")
    changed = {"body": "Too slow, and too dear.", "stance": "concern", "seen": hidden(form, "seen")}
    assert desk.post(f"/c/{it.slug}/respond/comment/1.1", data=changed).status_code == 303
    assert "Agreed to an earlier text" in desk.get(f"/c/{it.slug}/respond/check").text
    assert send(desk, it) == 409
    assert session.scalars(select(Submission)).all() == []


def test_where_an_organisation_wants_two_people_nobody_sends_alone(
    session: Session, it: Consultation, ngo: Organisation, sign_in: SignIn
) -> None:
    writer, other = member(session, ngo), member(session, ngo)
    organisations.set_owner(
        session, by=_owned_by(session, ngo, writer), organisation_id=ngo.id, account_id=writer.id, owner=True
    )
    session.commit()
    desk = sign_in(writer)
    asked = {"account": writer.id, "change": "two_people"}
    said = desk.post(f"/org/{ngo.id}/members", data=asked, follow_redirects=True).text
    assert "Two people: whoever sends" in said
    assert "list of members is changed" not in said
    desk.post(f"/c/{it.slug}/respond/comment/1.1", data={"body": "Too slow.", "stance": "concern"})
    desk.post(f"/c/{it.slug}/respond/about", data={"speaks": f"org:{ngo.id}", "language": "en"})
    assert send(desk, it) == 409
    check = desk.get(f"/c/{it.slug}/respond/check").text
    assert "wants two people: another member agrees" in check
    assert "Hand it to the organisation" in check
    assert "Send my submission" not in check
    desk.post(f"/c/{it.slug}/respond/hand-over")
    assert send(desk, it) == 409
    press(desk, it, "ask", ask=[other.id])
    press(open_shared(sign_in(other), it, ngo), it, "agree")
    assert send(desk, it) == 303


def _owned_by(session: Session, ngo: Organisation, account: Account) -> Account:
    organisations._get_membership(session, ngo.id, account.id).owner = True
    session.flush()
    return account


def test_strangers_are_neither_asked_nor_heard(
    session: Session, it: Consultation, ngo: Organisation, sign_in: SignIn
) -> None:
    writer, stranger = member(session, ngo), factories.account(session)
    session.commit()
    desk = sign_in(writer)
    shared(session, desk, it, ngo)
    assert press(desk, it, "ask", ask=[stranger.id]) == 404
    assert sign_in(stranger).post(f"/c/{it.slug}/respond/sign-off", data={"do": "agree"}).status_code == 404


def test_colleagues_are_told_that_a_draft_exists(
    session: Session, it: Consultation, ngo: Organisation, sign_in: SignIn
) -> None:
    writer, other = member(session, ngo), member(session, ngo)
    session.commit()
    assert "Your organisation writes here already" not in sign_in(other).get(f"/c/{it.slug}/respond").text
    shared(session, sign_in(writer), it, ngo)
    assert "Your organisation writes here already" in sign_in(other).get(f"/c/{it.slug}/respond").text


def test_who_is_asked_to_sign_gets_a_letter_and_once_a_day_a_reminder(
    session: Session, it: Consultation, ngo: Organisation, sign_in: SignIn
) -> None:
    other = factories.organisation(session, name="Peer-led outreach group (sample)")
    member(session, other)
    row = filing.file(session, it, "Too slow.", published=True)
    with pytest.raises(coalitions.UnknownOrganisation) as refused:
        coalitions.invite(session, submission=row, name="peer-led outreach")
    assert refused.value.similar == ["Peer-led outreach group (sample)"]
    asked = coalitions.invite(session, submission=row, name="Peer-led outreach group (sample)")
    for _press in range(3):
        coalitions.remind(session, submission=row, signature_id=asked.id)
    session.commit()
    told = [letter.subject for letter in letters(session) if "is asked to sign" in letter.subject]
    assert len(told) == 1


def test_followers_hear_of_a_new_version_once(session: Session, it: Consultation) -> None:
    followers.follow(session, consultation=it, account=factories.account(session))
    for _again in range(2):
        followers.notify_followers(session, it, about="news", key="version:1", version=2)
    session.commit()
    assert [letter.subject for letter in letters(session)] == [f"A new version of the draft: {it.title}"]
