"""Joining, signing in, links and passwords, as the services give them."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import time_machine
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from consult.accounts import links, passwords, service
from consult.accounts.links import LinkSpent
from consult.accounts.model import Account, LinkPurpose, LinkToken
from consult.accounts.service import WrongCredentials
from consult.core.clock import now
from consult.core.crypto import blind_index
from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.web.access import Role
from tests import factories, signing
from tests.accounts.letters import Letter, letters

PASSWORD = "correct horse battery"


def newest(session: Session) -> Letter:
    return letters(session)[-1]


def joined(session: Session, email: str = "ana@example.org") -> Account:
    service.register(session, email=email, language="en")
    token = newest(session).token
    return service.join(session, token=token, name="Ana", password=PASSWORD, language="en")


def test_an_account_is_made_only_when_the_link_in_the_letter_is_used(session: Session) -> None:
    service.register(session, email="ana@example.org", language="en")
    assert session.scalar(select(func.count(Account.id))) == 0
    account = service.join(session, token=newest(session).token, name=" Ana\n Paz ", password=PASSWORD, language="ar")
    assert (account.display_name, account.role, account.language) == ("Ana Paz", Role.CONTRIBUTOR, "ar")
    assert account.verified_at is not None
    assert b"ana@" not in account.email_sealed


def test_nobody_can_choose_a_password_for_an_address_before_its_owner_does(session: Session) -> None:
    service.register(session, email="victim@example.org", language="en")
    with pytest.raises(WrongCredentials):
        service.sign_in(session, email="victim@example.org", password=PASSWORD)


def test_who_joins_twice_is_sent_a_link_to_sign_in(session: Session) -> None:
    account = joined(session)
    service.register(session, email="ANA@example.org ", language="en")
    assert newest(session).subject == "You already have an account"
    assert service.use_link(session, token=newest(session).token) is account


def test_an_account_signs_in_with_its_password_in_any_spelling_of_its_address(session: Session) -> None:
    account = joined(session)
    assert service.sign_in(session, email=" Ana@Example.org", password=PASSWORD) is account


@pytest.mark.parametrize("password", ["", "wrong", "x" * 5_000_000, "\x00", "كلمة", PASSWORD + " "])
def test_a_wrong_password_is_refused_like_an_unknown_address(session: Session, password: str) -> None:
    joined(session)
    with pytest.raises(WrongCredentials) as wrong:
        service.sign_in(session, email="ana@example.org", password=password)
    with pytest.raises(WrongCredentials) as unknown:
        service.sign_in(session, email="nobody@example.org", password=password)
    assert wrong.value.message == unknown.value.message


def test_an_account_without_a_password_signs_in_by_link_only(session: Session) -> None:
    factories.account(session, email="ana@example.org")
    with pytest.raises(WrongCredentials):
        service.sign_in(session, email="ana@example.org", password="")
    service.send_sign_in_link(session, email="ana@example.org", language="en")
    assert service.use_link(session, token=newest(session).token)


def test_a_password_is_the_same_however_the_keyboard_composes_it() -> None:
    assert passwords.verify_password(passwords.hash_password("contraseña"), "contraseña")


def test_a_hash_made_with_older_settings_is_made_again_at_sign_in(session: Session) -> None:
    older = PasswordHasher(time_cost=1, memory_cost=64).hash(PASSWORD)
    account = factories.account(session, email="ana@example.org", password_hash=older)
    service.sign_in(session, email="ana@example.org", password=PASSWORD)
    assert account.password_hash != older
    assert not passwords.is_outdated(account.password_hash or "")


def test_a_broken_hash_refuses_instead_of_failing() -> None:
    assert not passwords.verify_password("not a hash", PASSWORD)


def test_a_link_signs_in_once(session: Session) -> None:
    joined(session)
    service.send_sign_in_link(session, email="ana@example.org", language="en")
    token = newest(session).token
    service.use_link(session, token=token)
    with pytest.raises(LinkSpent):
        service.use_link(session, token=token)


@pytest.mark.parametrize(
    ("ask", "minutes"), [(service.send_sign_in_link, 30), (service.send_reset_link, 60), (service.register, 24 * 60)]
)
def test_a_link_runs_out_at_its_minute(session: Session, ask: object, minutes: int) -> None:
    if ask is not service.register:
        joined(session)
    ask(session, email="ana@example.org", language="en")  # type: ignore[operator]
    token, moment = newest(session).token, now()
    links.get_link(session, token=token, purposes=list(LinkPurpose), at=moment + timedelta(minutes=minutes, seconds=-9))
    with pytest.raises(LinkSpent):
        links.get_link(session, token=token, purposes=list(LinkPurpose), at=moment + timedelta(minutes=minutes))


def test_a_link_runs_out_at_the_very_second(session: Session) -> None:
    joined(session)
    service.send_sign_in_link(session, email="ana@example.org", language="en")
    token, expires_at = newest(session).token, session.scalars(select(func.max(LinkToken.expires_at))).one()
    session.execute(update(LinkToken).values(expires_at=expires_at))
    with pytest.raises(LinkSpent):
        service.use_link(session, token=token, at=expires_at)
    assert service.use_link(session, token=token, at=expires_at - timedelta(microseconds=1))


def test_a_password_of_exactly_as_many_characters_as_there_may_be_signs_in(session: Session) -> None:
    stored = passwords.hash_password("x" * passwords.LONGEST)
    assert passwords.verify_password(stored, "x" * passwords.LONGEST)
    assert not passwords.verify_password(stored, "x" * passwords.LONGEST + "x")


@pytest.mark.parametrize(
    "token", ["", "x", "é\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"), "a" * 99]
)
def test_a_forged_token_opens_nothing(session: Session, token: str) -> None:
    for attempt in (service.use_link, service.get_offer):
        with pytest.raises(LinkSpent):
            attempt(session, token=token)
    with pytest.raises(LinkSpent):
        service.reset_password(session, token=token, password=PASSWORD)


def test_a_link_of_one_purpose_does_not_serve_another(session: Session) -> None:
    joined(session)
    service.send_sign_in_link(session, email="ana@example.org", language="en")
    with pytest.raises(LinkSpent):
        service.reset_password(session, token=newest(session).token, password="something else entirely")


def test_a_reset_ends_every_session_and_takes_back_other_links(session: Session) -> None:
    account = joined(session)
    token = signing.session_token(session, account)
    service.send_sign_in_link(session, email="ana@example.org", language="en")
    other = newest(session).token
    service.send_reset_link(session, email="ana@example.org", language="en")
    service.reset_password(session, token=newest(session).token, password="another green harbour")
    assert not signing.is_signed_in(session, token)
    assert service.sign_in(session, email="ana@example.org", password="another green harbour") is account
    with pytest.raises(LinkSpent):
        service.use_link(session, token=other)


def test_an_address_without_an_account_is_written_to_as_well(session: Session) -> None:
    service.send_sign_in_link(session, email="nobody@example.org", language="ar")
    service.send_reset_link(session, email="nobody@example.org", language="en")
    first, second = letters(session)
    assert first.to == second.to == "nobody@example.org"
    assert second.subject == "This e-mail address has no account"


@pytest.mark.parametrize("token", ["", "1", "1.0", "x" * 10_000, "\x00", "٣.0"])
def test_a_forged_token_is_nobody(session: Session, token: str) -> None:
    assert not signing.is_signed_in(session, token)


def test_an_invitation_makes_an_account_with_its_role(session: Session) -> None:
    token = service.invite(session, email="m@example.org", role=Role.MODERATOR)
    account = service.join(session, token=token, name="Mod", password=None, language="en")
    assert account.role is Role.MODERATOR


def test_an_invitation_changes_the_role_of_who_has_an_account_and_nothing_else(session: Session) -> None:
    account = joined(session)
    hashed = account.password_hash
    token = service.invite(session, email="ana@example.org", role=Role.POLICYMAKER)
    service.join(session, token=token, name="Somebody else", password="another green harbour", language="ar")
    assert (account.role, account.display_name, account.password_hash) == (Role.POLICYMAKER, "Ana", hashed)


def test_an_invitation_never_makes_an_administrator_less(session: Session) -> None:
    admin = factories.account(session, Role.ADMIN, email="root@example.org")
    token = service.invite(session, email="root@example.org", role=Role.MODERATOR)
    service.join(session, token=token, name="", password=None, language="en")
    assert admin.role is Role.ADMIN


def test_two_clicks_at_once_use_a_link_once(app: Flask, session: Session) -> None:
    token = service.invite(session, email="two@example.org", role=Role.MODERATOR)
    session.commit()
    barrier, outcomes = threading.Barrier(2), []

    def click() -> None:
        with app.app_context():
            barrier.wait()
            try:
                service.join(db.session(), token=token, name="Two", password=None, language="en")
                db.session.commit()
                outcomes.append("in")
            except LinkSpent:
                outcomes.append("spent")
            finally:
                db.session.remove()

    threads = [threading.Thread(target=click) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["in", "spent"]


def test_links_that_ran_out_are_forgotten_with_their_addresses(session: Session) -> None:
    service.register(session, email="ana@example.org", language="en")
    session.execute(update(LinkToken).values(expires_at=now() - timedelta(days=2)))
    links.forget_expired(session, before=now() - timedelta(days=1))
    assert session.scalar(select(func.count(LinkToken.id))) == 0


@pytest.mark.parametrize("name", ["", "  ", "\x00\u202e"])
def test_a_name_of_nothing_is_refused(session: Session, name: str) -> None:
    account = factories.account(session)
    with pytest.raises(Refusal, match="name"):
        service.change_name(session, account, name=name, language="en")


def test_a_password_is_changed_by_who_knows_the_present_one(session: Session) -> None:
    account = joined(session)
    with pytest.raises(Refusal, match="current password"):
        service.change_password(session, account, current="wrong", password="another green harbour")
    service.change_password(session, account, current=PASSWORD, password="another green harbour")
    assert service.sign_in(session, email="ana@example.org", password="another green harbour") is account


def test_the_link_is_dated_from_the_clock(session: Session) -> None:
    with time_machine.travel("2027-03-28T00:30:00+00:00", tick=False):  # the night the clocks change
        service.register(session, email="ana@example.org", language="en")
    link = session.scalars(select(LinkToken)).one()
    assert link.expires_at.isoformat() == "2027-03-29T00:30:00+00:00"
    assert session.scalar(select(Account.id).where(Account.email_index == blind_index("ana@example.org"))) is None
