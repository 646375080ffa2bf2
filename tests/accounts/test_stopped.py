"""An address to which letters came back: said where somebody waits for letters, and opened by them or for them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from consult.accounts import service
from consult.accounts.model import Account
from consult.consultations.followers import service as followers
from consult.core.clock import now
from consult.core.crypto import blind_index
from consult.core.web.access import Role
from consult.mail import suppression
from consult.mail.model import Letter, Suppression
from consult.submissions import service as submissions
from consult.submissions.model import NameRule
from consult.submissions.values import Submitter
from tests import factories, filing
from tests.accounts.letters import letters

SignIn = Callable[[Any], FlaskClient]
MARIA = "maria@ministry.example"
STOPPED = "We are not sending e-mail to you"


def stop(session: Session, address: str) -> None:
    for days in (3, 2):
        suppression.note_failure(session, blind_index(address), "bounced: 5.1.1", at=now() - timedelta(days=days))
    session.commit()


@pytest.fixture
def maria(session: Session) -> Account:
    account = factories.account(session, Role.POLICYMAKER, email=MARIA)
    stop(session, MARIA)
    return account


def test_the_pages_that_promise_letters_say_that_none_are_sent(
    session: Session, maria: Account, sign_in: SignIn
) -> None:
    row, browser = factories.consultation(session), sign_in(maria)
    saved = browser.post(
        f"/desk/subscriptions/{row.slug}", data={"cadence": "weekly", "language": "en"}, follow_redirects=True
    )
    assert "Your settings apply from the next digest" not in saved.text
    assert "Next: " not in saved.text
    for path in ("/desk", f"/desk/subscriptions/{row.slug}", "/desk/preferences", "/account"):
        assert STOPPED in browser.get(path).text, path
    other = sign_in(factories.account(session, Role.POLICYMAKER))
    assert STOPPED not in other.get("/desk").text + other.get("/account").text


def test_its_owner_has_one_letter_sent_and_its_link_opens_the_address(
    session: Session, maria: Account, sign_in: SignIn, client: FlaskClient
) -> None:
    browser = sign_in(maria)
    assert browser.post("/account/address/arrives").location == "/sent?what=arrives"
    (letter,) = letters(session)
    assert (letter.to, letter.subject) == (MARIA, "Test of your e-mail address")
    assert session.scalars(select(Letter.asked)).all() == [True]
    assert client.get(letter.path).status_code == 200
    assert suppression.get_closed_address(session, MARIA)
    client.post(letter.path)
    session.expire_all()
    assert suppression.get_closed_address(session, MARIA) is None
    assert client.get(letter.path).status_code == 410
    assert STOPPED not in browser.get("/account").text


def test_a_letter_that_was_tried_today_is_not_promised_again(session: Session, maria: Account, sign_in: SignIn) -> None:
    session.execute(update(Suppression).values(tried_at=now()))
    page = sign_in(maria).get("/account").text
    assert "We sent a test e-mail on" in page
    assert "Send a test e-mail" not in page


def test_an_administrator_opens_the_address(session: Session, maria: Account, sign_in: SignIn) -> None:
    admin = sign_in(factories.account(session, Role.ADMIN))
    page = admin.get(f"/people/{maria.id}").text
    assert STOPPED in page
    assert "bounced: 5.1.1" in page
    answer = admin.post(f"/people/{maria.id}/letters", follow_redirects=True).text
    assert "We will send e-mail to this person again." in answer
    assert STOPPED not in answer


@pytest.mark.parametrize("path", ["/reset", "/sign-in/link"])
def test_a_link_that_was_asked_for_goes_out_opens_the_address_and_the_page_says_the_same_of_every_address(
    session: Session, maria: Account, client: FlaskClient, path: str
) -> None:
    pages = {client.post(path, data={"email": to}, follow_redirects=True).text for to in (MARIA, "nobody@example.org")}
    (page,) = pages
    assert "We have sent" not in page
    assert "we send only one a day." in page
    assert session.scalars(select(Letter.asked)).all() == [True, True]
    first = letters(session)[0]
    client.post(first.path, data={"password": "three unrelated words"} if path == "/reset" else {})
    session.expire_all()
    assert suppression.get_closed_address(session, MARIA) is None


def test_an_invitation_by_somebody_else_does_not_pass_a_closed_address(session: Session, maria: Account) -> None:
    service.invite(session, email=MARIA, role=Role.MODERATOR)
    assert session.scalars(select(Letter.asked)).all() == [False]


def test_a_follower_whose_letters_came_back_is_asked_once_more(session: Session) -> None:
    row = factories.consultation(session)
    followers.request_confirmation(session, consultation=row, email="f@example.org", language="en")
    (letter,) = letters(session)
    followers.confirm(session, letter.token)
    session.execute(update(Letter).values(key="follow:yesterday"))
    followers.request_confirmation(session, consultation=row, email="f@example.org", language="en")
    assert len(letters(session)) == 1
    stop(session, "f@example.org")
    followers.request_confirmation(session, consultation=row, email="f@example.org", language="en")
    again = letters(session)[-1]
    assert len(letters(session)) == 2
    followers.confirm(session, again.token)
    assert suppression.get_closed_address(session, "f@example.org") is None


def test_the_private_page_of_a_submission_says_that_its_author_is_not_written_to(
    session: Session, client: FlaskClient
) -> None:
    row = factories.consultation(session)
    made = submissions.file(
        session, consultation=row, key="k", by=Submitter(email="ana@example.org", name_rule=NameRule.NONE),
        comments=[filing.comment(session, row, "Words.")],
    )  # fmt: skip
    path = f"/r/{made.reference}/{submissions.author_secret(made)}"
    assert "could not deliver our" not in client.get(path).text
    stop(session, "ana@example.org")
    assert "We could not deliver our e-mails to the e-mail address given with this submission." in client.get(path).text
