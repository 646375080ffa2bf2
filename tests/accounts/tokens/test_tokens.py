"""Access tokens: shown once, valid until their day, and never for more than their account may do."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts import deletion
from consult.accounts.model import Membership
from consult.accounts.tokens import service as tokens
from consult.accounts.tokens.model import AccessToken, Scope
from consult.core.clock import now
from tests import canaries, factories

SignIn = Callable[[Any], FlaskClient]


def make(session: Session, account: Any, organisation: int | None = None, days: int = 30) -> str:
    return tokens.create(session, account, name="A program", scopes=[Scope.FILE, Scope.READ_OWN],
                         organisation_id=organisation, days=days)  # fmt: skip


def test_a_token_is_shown_once_and_only_its_hash_is_stored(session: Session, sign_in: SignIn) -> None:
    browser = sign_in(factories.account(session))
    page = browser.post(
        "/account/tokens", data={"name": "Reader", "scopes": ["read:own"], "acts_for": "", "days": "90"}
    )
    [secret] = re.findall(r"cst_[0-9a-f]{8}_[\w-]{43}", page.text)
    found = tokens.find(session, secret)
    assert found is not None
    assert (found.name, found.scopes) == ("Reader", ["read:own"])
    assert secret not in browser.get("/account/tokens").text
    assert not any(canaries.holds(value, secret) for _place, value in canaries.dump(session))


def test_a_deleted_token_and_an_expired_one_are_not_valid(session: Session, sign_in: SignIn) -> None:
    account = factories.account(session)
    secret, other = make(session, account), make(session, account)
    assert tokens.find(session, secret, at=now() + timedelta(days=31)) is None
    number = session.scalars(select(AccessToken.id).order_by(AccessToken.id)).first()
    sign_in(factories.account(session)).post(f"/account/tokens/{number}/delete")
    assert tokens.find(session, secret) is not None
    sign_in(account).post(f"/account/tokens/{number}/delete")
    assert tokens.find(session, secret) is None
    assert tokens.find(session, other) is not None


def test_a_token_ends_with_the_rights_of_its_account(session: Session) -> None:
    account, organisation = factories.account(session), factories.organisation(session)
    member = Membership(organisation_id=organisation.id, account_id=account.id, since=now())
    session.add(member)
    session.flush()
    own, theirs = make(session, account), make(session, account, organisation.id)
    assert tokens.find(session, theirs) is not None
    member.signatory = False
    session.flush()
    assert tokens.find(session, theirs) is None
    account.suspended_at = now()
    session.flush()
    assert tokens.find(session, own) is None
    deletion.erase_account(session, account)
    assert session.scalars(select(AccessToken)).all() == []


def test_a_token_for_an_organisation_is_only_for_those_who_may_submit(session: Session, sign_in: SignIn) -> None:
    organisation = factories.organisation(session)
    browser = sign_in(factories.account(session))
    given = {"name": "Theirs", "scopes": ["read:own"], "acts_for": str(organisation.id), "days": "30"}
    assert browser.post("/account/tokens", data=given).status_code == 422
    assert session.scalars(select(AccessToken)).all() == []
