"""Followers are told of new dates and reminded before closing: once, with one link that ends it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from icalendar import Calendar
from lxml import etree
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations import service
from consult.consultations.followers import service as followers
from consult.consultations.model import Consultation, Follow
from consult.core.clock import now
from consult.core.web.access import Role
from consult.core.web.limits import limiter
from consult.mail.model import Letter
from tests import factories
from tests.accounts.letters import letters

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def owner(session: Session) -> Account:
    return factories.account(session, Role.POLICYMAKER)


@pytest.fixture
def open_one(session: Session, owner: Account) -> Consultation:
    return factories.consultation(session, owner=owner, closes_at=now() + timedelta(days=2))


def keys(session: Session) -> list[str]:
    return [key.split(":")[0] for key in session.scalars(select(Letter.key).order_by(Letter.id))]


def ask(client: FlaskClient, row: Consultation, email: str) -> Any:
    return client.post(f"/c/{row.slug}/follow", data={"email": email}, follow_redirects=True)


def test_an_address_follows_once_its_owner_says_so(
    session: Session, client: FlaskClient, open_one: Consultation
) -> None:
    assert "we send a link to it" in ask(client, open_one, "ana@example.org").text
    link = re.search(r"/follow/\S+", letters(session)[-1].text)
    assert link
    assert followers.send_reminders(session, at=now()) == 1
    assert keys(session) == ["follow"]
    client.get(link[0])
    assert session.scalars(select(Follow.confirmed_at)).all() == [None]
    assert "You follow this consultation" in client.post(link[0]).text
    session.expire_all()
    assert session.scalars(select(Follow.confirmed_at)).all() != [None]


def test_a_known_and_an_unknown_address_get_the_same_answer_and_few_letters(
    session: Session, client: FlaskClient, open_one: Consultation
) -> None:
    first = ask(client, open_one, "ana@example.org").text
    again = ask(client, open_one, "ana@example.org").text
    row = session.scalars(select(Follow)).one()
    row.confirmed_at = now()
    known = ask(client, open_one, "ANA@example.org").text
    assert first == again == known
    assert keys(session) == ["follow"]


@pytest.fixture
def limited(client: FlaskClient) -> Iterator[FlaskClient]:
    """The browser, with limits that count."""
    limiter.enabled = True
    yield client
    limiter.enabled = False
    limiter.reset()


def test_a_stranger_who_types_an_address_neither_blocks_it_nor_floods_it(
    session: Session, limited: FlaskClient, open_one: Consultation, owner: Account
) -> None:
    others = [factories.consultation(session, slug=f"other-{n}", owner=owner) for n in range(8)]
    for n, row in enumerate(others):
        sent = limited.post(
            f"/c/{row.slug}/follow",
            data={"email": "ana@example.org"},
            environ_overrides={"REMOTE_ADDR": f"198.51.{n}.7"},
        )
        assert sent.status_code == 303
    assert keys(session) == ["follow"], "one letter an hour"
    assert limited.post(f"/c/{open_one.slug}/follow", data={"email": "ana@example.org"}).status_code == 303
    assert keys(session) == ["follow"]
    link = re.search(r"/follow/\S+", letters(session)[-1].text)
    assert link
    page = limited.get(link[0]).text
    waiting = dict(re.findall(r'name="also" value="(\d+)"[^>]*><label[^>]*>([^<]+)<', page))
    assert len(waiting) == 8
    wanted = session.scalars(select(Follow.id).where(Follow.consultation_id == open_one.id)).one()
    followers.request_confirmation(session, consultation=others[0], email="eve@example.org", language="en")
    foreign = session.scalars(select(Follow).order_by(Follow.id.desc()).limit(1)).one()
    limited.post(link[0], data={"also": [str(wanted), str(foreign.id)]})
    session.expire_all()
    confirmed = session.scalars(select(Follow.consultation_id).where(Follow.confirmed_at.is_not(None))).all()
    assert set(confirmed) == {others[0].id, open_one.id}, "of its own address, and only what was chosen"
    assert foreign.confirmed_at is None


def test_one_network_asks_for_few_addresses(limited: FlaskClient, session: Session, open_one: Consultation) -> None:
    asked = [
        limited.post(f"/c/{open_one.slug}/follow", data={"email": f"a{n}@example.org"}).status_code for n in range(21)
    ]
    assert asked == [303] * 20 + [429]
    assert len(keys(session)) == 20


def test_followers_are_reminded_once_before_it_closes(session: Session, open_one: Consultation) -> None:
    followers.follow(session, consultation=open_one, account=factories.account(session, language="ar"))
    far = factories.consultation(session)
    followers.follow(session, consultation=far, account=factories.account(session))
    assert [followers.send_reminders(session, at=now()) for _ in range(2)] == [1, 0]
    assert keys(session) == ["reminder"]


def test_what_closes_is_reminded_of_from_the_first_instant_of_the_last_days(
    session: Session, open_one: Consultation
) -> None:
    followers.follow(session, consultation=open_one, account=factories.account(session))
    begins, instant = open_one.closes_at - followers.REMINDER_LEAD, timedelta(microseconds=1)
    assert followers.send_reminders(session, at=begins - instant) == 0
    assert followers.send_reminders(session, at=open_one.closes_at) == 0
    assert followers.send_reminders(session, at=begins) == 1


def test_an_extension_is_told_to_followers_and_reminded_of_anew(
    session: Session, client: FlaskClient, owner: Account, open_one: Consultation
) -> None:
    followers.follow(session, consultation=open_one, account=factories.account(session))
    followers.send_reminders(session, at=now())
    later = open_one.closes_at + timedelta(hours=3)
    service.extend(
        session, number=open_one.id, by=owner, closes_at=later, answer_by=None, reason="Floods in three departments."
    )
    followers.send_reminders(session, at=now())
    assert keys(session) == ["reminder", "extended", "reminder"]
    assert "Floods in three departments." in letters(session)[1].text
    assert "Floods in three departments." in client.get(f"/c/{open_one.slug}").text


def test_one_press_in_a_mail_program_ends_it_and_forgets_the_address(
    session: Session, client: FlaskClient, open_one: Consultation
) -> None:
    followers.request_confirmation(session, consultation=open_one, email="ana@example.org", language="en")
    row = session.scalars(select(Follow)).one()
    token = row.token
    followers.confirm(session, token)
    assert client.get(f"/unfollow/{token}").status_code == 200
    assert len(session.scalars(select(Follow)).all()) == 1
    assert client.post(f"/unfollow/{token}").status_code == 200
    session.expire_all()
    assert session.scalars(select(Follow)).all() == []
    assert client.post(f"/unfollow/{token}").status_code == 404


@pytest.mark.parametrize("token", ["1-x", "x", "-1-a", "99999999999999999999-a", "²-a"])
def test_a_link_that_is_not_ours_opens_nothing(client: FlaskClient, token: str) -> None:
    assert client.get(f"/follow/{token}").status_code == 404


def test_an_account_follows_and_stops_with_a_button(
    session: Session, sign_in: Callable[[Any], FlaskClient], open_one: Consultation
) -> None:
    browser = sign_in(factories.account(session))
    address = f"/c/{open_one.slug}/follow"
    assert "You follow this consultation." in browser.post(address, follow_redirects=True).text
    assert len(session.scalars(select(Follow)).all()) == 1
    browser.post(address, data={"do": "stop"})
    session.expire_all()
    assert session.scalars(select(Follow)).all() == []


def test_deadlines_are_in_a_calendar(session: Session, client: FlaskClient, open_one: Consultation) -> None:
    open_one.answer_by = now().date() + timedelta(days=60)
    factories.consultation(session, closes_at=now() - timedelta(hours=1))
    for address in ("/consultations.ics", f"/c/{open_one.slug}/deadline.ics"):
        answer = client.get(address)
        assert answer.mimetype == "text/calendar"
        closes, answers = Calendar.from_ical(answer.data).walk("VEVENT")
        assert closes["DTEND"].dt == open_one.closes_at.replace(microsecond=0)
        assert answers["DTSTART"].dt == open_one.answer_by
        assert b"\r\n" in answer.data


def test_feeds_are_atom_and_tell_what_happened(
    session: Session, client: FlaskClient, owner: Account, open_one: Consultation
) -> None:
    open_one.title = "Plan <2027> & more"
    later = open_one.closes_at + timedelta(days=1)
    service.extend(session, number=open_one.id, by=owner, closes_at=later, answer_by=None, reason="Floods.")
    factories.consultation(session, phase="draft")
    everything = etree.fromstring(client.get("/consultations.atom").data)
    assert [it.text for it in everything.iter(f"{ATOM}title")] == ["Consultations", "Plan <2027> & more"]
    own = etree.fromstring(client.get(f"/c/{open_one.slug}/feed.atom").data)
    assert [it.text for it in own.iter(f"{ATOM}summary")] == ["Floods."]


def test_a_feed_tells_new_versions_and_is_sent_again_only_when_it_changed(
    session: Session, client: FlaskClient, open_one: Consultation
) -> None:
    for address in (f"/c/{open_one.slug}/feed.atom", "/consultations.atom", "/consultations.ics"):
        first = client.get(address)
        again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
    own = f"/c/{open_one.slug}/feed.atom"
    before = client.get(own).headers["ETag"]
    factories.publish_next(session, open_one, "# Plan\n\n## 1. One\n\n1.1 Other words.\n")
    changed = client.get(own, headers={"If-None-Match": before})
    assert changed.status_code == 200
    assert "Draft published" in changed.text


def test_what_comes_late_is_refused_or_taken_and_marked_as_the_owner_chose(session: Session) -> None:
    closed = factories.consultation(session, closes_at=now() - timedelta(minutes=10))
    at = now()
    assert not closed.takes(at)
    closed.grace_minutes = 15
    assert (closed.takes(at), closed.is_late(at), closed.is_open(at)) == (True, False, False)
    assert not closed.takes(at + timedelta(minutes=6))
    closed.late_until = at + timedelta(days=2)
    assert (closed.takes(at + timedelta(minutes=6)), closed.is_late(at + timedelta(minutes=6))) == (True, True)
    assert not closed.takes(at + timedelta(days=3))
