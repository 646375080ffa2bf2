"""An account goes over to another e-mail address, and comes back."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts import links, passwords, service
from consult.accounts.email_address import service as email_change
from consult.accounts.email_address.service import AddressTaken
from consult.accounts.links import LinkSpent
from consult.accounts.model import Account
from consult.consultations.followers import service as followers
from consult.core.clock import now
from consult.core.crypto import unseal
from consult.core.db import db
from consult.core.errors import Refusal
from tests import factories, signing
from tests.accounts.letters import Letter, letters
from tests.counting import statements
from tests.forms import pressed

SignIn = Callable[[Account], FlaskClient]
PASSWORD = "correct horse battery"
OLD, NEW = "ana@example.org", "ana@new.example"


@pytest.fixture
def ana(session: Session) -> Account:
    account = factories.account(session, email=OLD, password_hash=passwords.hash_password(PASSWORD))
    session.commit()
    return account


def to(session: Session, address: str) -> Letter:
    """The newest letter to an address."""
    return [letter for letter in letters(session) if letter.to == address][-1]


def moved(session: Session, account: Account, email: str = NEW) -> str:
    """Gives the account the address; gives the token that undoes it."""
    before = unseal(account.email_sealed)
    email_change.request_change(session, account, email=email, current=PASSWORD)
    email_change.confirm(session, account, token=to(session, email).token)
    return to(session, before).token


def test_nothing_changes_until_the_new_address_is_confirmed(session: Session, ana: Account) -> None:
    email_change.request_change(session, ana, email=NEW, current=PASSWORD)
    assert service.find_by_email(session, OLD) is ana
    assert service.find_by_email(session, NEW) is None
    email_change.confirm(session, ana, token=to(session, NEW).token)
    assert service.find_by_email(session, NEW) is ana
    assert service.find_by_email(session, OLD) is None
    assert unseal(ana.email_sealed) == NEW


def test_a_wrong_password_moves_nothing_and_writes_to_nobody(session: Session, ana: Account) -> None:
    with pytest.raises(Refusal, match="current password"):
        email_change.request_change(session, ana, email=NEW, current="wrong")
    assert letters(session) == []


@pytest.mark.parametrize("same", [OLD, " ANA@Example.org "])
def test_the_present_address_is_no_new_one(session: Session, ana: Account, same: str) -> None:
    with pytest.raises(Refusal, match="already"):
        email_change.request_change(session, ana, email=same, current=PASSWORD)


def test_other_sessions_and_links_end_with_the_old_address(session: Session, ana: Account) -> None:
    here = signing.session_token(session, ana)
    service.send_sign_in_link(session, email=OLD, language="en")
    token = to(session, OLD).token
    moved(session, ana)
    assert not signing.is_signed_in(session, here)
    with pytest.raises(LinkSpent):
        service.use_link(session, token=token)
    assert service.sign_in(session, email=NEW, password=PASSWORD) is ana


def test_the_letter_to_the_old_address_does_not_tell_the_new_one(session: Session, ana: Account) -> None:
    email_change.request_change(session, ana, email=NEW, current=PASSWORD)
    assert NEW not in to(session, OLD).text + to(session, OLD).html


def test_an_account_without_a_password_says_yes_at_its_present_address_first(session: Session) -> None:
    luz = factories.account(session, email="luz@example.org")
    email_change.request_change(session, luz, email=NEW, current="")
    assert [letter.to for letter in letters(session)] == ["luz@example.org"]
    email_change.approve(session, token=to(session, "luz@example.org").token)
    email_change.confirm(session, luz, token=to(session, NEW).token)
    assert service.find_by_email(session, NEW) is luz


def test_a_link_gives_the_address_to_its_own_account_only(session: Session, ana: Account) -> None:
    email_change.request_change(session, ana, email=NEW, current=PASSWORD)
    token = to(session, NEW).token
    with pytest.raises(Refusal, match="another account"):
        email_change.confirm(session, factories.account(session), token=token)
    email_change.confirm(session, ana, token=token)
    with pytest.raises(LinkSpent):
        email_change.confirm(session, ana, token=token)


def test_a_link_to_confirm_runs_out_after_a_day(session: Session, ana: Account) -> None:
    email_change.request_change(session, ana, email=NEW, current=PASSWORD)
    with pytest.raises(LinkSpent):
        email_change.confirm(session, ana, token=to(session, NEW).token, at=now() + timedelta(days=1))


def test_a_new_password_takes_back_a_wish_for_another_address(session: Session, ana: Account) -> None:
    email_change.request_change(session, ana, email=NEW, current=PASSWORD)
    service.set_password(session, ana, password="another green harbour")
    with pytest.raises(LinkSpent):
        email_change.confirm(session, ana, token=to(session, NEW).token)


def test_who_has_the_new_address_is_told_and_no_account_loses_it(session: Session, ana: Account) -> None:
    luz = factories.account(session, email=NEW)
    email_change.request_change(session, ana, email=NEW, current=PASSWORD)
    assert to(session, NEW).subject == "This e-mail address has its own account"
    assert service.use_link(session, token=to(session, NEW).token) is luz
    assert service.find_by_email(session, OLD) is ana


def test_of_two_accounts_that_confirm_one_address_at_once_one_gets_it(
    app: Flask, session: Session, ana: Account
) -> None:
    luz = factories.account(session, password_hash=ana.password_hash)
    tokens = {}
    for account in (ana, luz):
        email_change.request_change(session, account, email=NEW, current=PASSWORD)
        tokens[account.id] = to(session, NEW).token
    session.commit()
    barrier, outcomes = threading.Barrier(2), []

    def confirm(number: int, token: str) -> None:
        with app.app_context():
            barrier.wait()
            try:
                email_change.confirm(db.session(), db.session.get_one(Account, number), token=token)
                db.session.commit()
                outcomes.append("has it")
            except AddressTaken:
                outcomes.append("taken")
            finally:
                db.session.remove()

    threads = [threading.Thread(target=confirm, args=each) for each in tokens.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    session.expire_all()
    assert sorted(outcomes) == ["has it", "taken"]
    assert len([one for one in session.scalars(select(Account)) if unseal(one.email_sealed) == NEW]) == 1


def test_the_old_address_brings_the_account_back_and_ends_the_password(session: Session, ana: Account) -> None:
    token = moved(session, ana)
    here = signing.session_token(session, ana)
    email_change.undo(session, token=token, at=now() + timedelta(days=6))
    assert (service.find_by_email(session, OLD), service.find_by_email(session, NEW)) == (ana, None)
    assert ana.password_hash is None
    assert not signing.is_signed_in(session, here)
    service.reset_password(session, token=to(session, OLD).token, password="another green harbour")
    assert service.sign_in(session, email=OLD, password="another green harbour") is ana


def test_the_old_address_stops_a_change_before_it_happens(session: Session, ana: Account) -> None:
    email_change.request_change(session, ana, email=NEW, current=PASSWORD)
    email_change.undo(session, token=to(session, OLD).token)
    with pytest.raises(LinkSpent):
        email_change.confirm(session, ana, token=to(session, NEW).token)


def test_a_thief_cannot_take_the_way_back_away(session: Session, ana: Account) -> None:
    way_back = moved(session, ana)
    service.set_password(session, ana, password="stolen copper kettle")
    ana.password_hash = passwords.hash_password(PASSWORD)
    theirs = moved(session, ana, "thief@example.net")
    email_change.undo(session, token=theirs)  # back to the first new address, which is the thief's
    email_change.undo(session, token=way_back)
    assert service.find_by_email(session, OLD) is ana


def test_who_was_brought_back_is_not_moved_again_by_a_later_letter(session: Session, ana: Account) -> None:
    way_back = moved(session, ana)
    theirs = moved(session, ana, "thief@example.net")
    email_change.undo(session, token=way_back)
    with pytest.raises(LinkSpent):
        email_change.undo(session, token=theirs)


def test_an_address_that_was_joined_with_anew_is_not_taken_from_its_account(session: Session, ana: Account) -> None:
    token = moved(session, ana)
    service.create(session, email=OLD, name="Another Ana")
    session.commit()
    with pytest.raises(AddressTaken):
        email_change.undo(session, token=token)


def test_letters_to_followers_go_where_the_account_is(session: Session, ana: Account) -> None:
    it = factories.consultation(session)
    followers.follow(session, consultation=it, account=ana)
    moved(session, ana)
    followers.notify_followers(session, it, about="reminder", key="test")
    assert letters(session)[-1].to == NEW


def test_an_address_is_changed_in_the_browser(app: Flask, session: Session, sign_in: SignIn, ana: Account) -> None:
    here, elsewhere = sign_in(ana), sign_in(ana)
    page = here.get("/account/address")
    assert OLD in page.text
    sent = here.post("/account/address", data=pressed(page.text, email=NEW, current=PASSWORD))
    assert "where you are signed in" in here.get(sent.location).text
    path = to(session, NEW).path
    assert app.test_client().get(path).location.startswith("/sign-in?next=")
    opened = here.get(path)
    assert NEW in opened.text
    assert (opened.headers["Referrer-Policy"], opened.headers["Cache-Control"]) == ("no-referrer", "no-store")
    done = here.post(path, data=pressed(opened.text), follow_redirects=True)
    assert "E-mail address changed." in done.text
    assert NEW in done.text
    assert elsewhere.get("/account").status_code == 303
    undo = to(session, OLD).path
    stranger = app.test_client()
    done = stranger.post(undo, data=pressed(stranger.get(undo).text), follow_redirects=True)
    assert "all devices are signed out" in done.text
    assert here.get("/account").status_code == 303


def test_without_a_password_the_page_asks_for_none(app: Flask, session: Session, sign_in: SignIn) -> None:
    luz = factories.account(session, email="luz@example.org")
    here = sign_in(luz)
    page = here.get("/account/address").text
    assert 'name="current"' not in page
    here.post("/account/address", data=pressed(page, email=NEW))
    path = to(session, "luz@example.org").path
    phone = app.test_client()
    assert phone.post(path, data=pressed(phone.get(path).text)).location == "/sent?what=address"
    assert to(session, NEW).subject == "Confirm your new e-mail address"


def test_a_known_and_an_unknown_new_address_get_the_same_answer_for_the_same_statements(
    session: Session, sign_in: SignIn, ana: Account
) -> None:
    factories.account(session, email=NEW)
    client, seen = sign_in(ana), []
    for email in (NEW, "nobody@example.net", NEW, "else@example.net"):
        with statements() as made:
            answer = client.post("/account/address", data={"email": email, "current": PASSWORD})
        seen.append((answer.status_code, answer.location, answer.text.replace(email, ""), len(made)))
    assert len(set(seen)) == 1


@pytest.mark.parametrize("email", ["", "x", f"{NEW}\r\nBcc: x@example.org", "x" * 300_000])
def test_what_is_no_address_is_asked_for_again(session: Session, sign_in: SignIn, ana: Account, email: str) -> None:
    answer = sign_in(ana).post("/account/address", data={"email": email, "current": PASSWORD})
    assert answer.status_code == 422
    assert letters(session) == []


@pytest.mark.usefixtures("limits")
def test_a_password_cannot_be_guessed_here(sign_in: SignIn, ana: Account) -> None:
    client = sign_in(ana)
    tries = [{"email": f"a{n}@example.net", "current": "wrong password"} for n in range(11)]
    assert [client.post("/account/address", data=each).status_code for each in tries] == [422] * 10 + [429]


@pytest.mark.usefixtures("limits")
def test_an_address_is_written_to_five_times_a_day(sign_in: SignIn, ana: Account) -> None:
    client = sign_in(ana)
    tries = [{"email": email, "current": PASSWORD} for email in (NEW, f" {NEW.upper()}") * 3]
    assert [client.post("/account/address", data=each).status_code for each in tries] == [303] * 5 + [429]


def test_a_link_of_one_kind_opens_no_other(session: Session, ana: Account) -> None:
    email_change.request_change(session, ana, email=NEW, current=PASSWORD)
    new, old = to(session, NEW).token, to(session, OLD).token
    for attempt in (
        lambda: email_change.undo(session, token=new),
        lambda: email_change.confirm(session, ana, token=old),
    ):
        with pytest.raises(LinkSpent):
            attempt()
    links.revoke(session, ana)
    email_change.undo(session, token=old)
