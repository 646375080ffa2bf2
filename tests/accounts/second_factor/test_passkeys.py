"""Passkeys without a browser: who may ask, what is refused, and what an answer that is none gets."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts import passwords
from consult.accounts.model import Account
from consult.accounts.passkeys import service
from consult.accounts.passkeys.model import Passkey
from consult.core.clock import now
from tests import factories

SignIn = Callable[[Account], FlaskClient]
PASSWORD = "correct horse battery"


def key(session: Session, account: Account) -> Passkey:
    row = Passkey(
        account_id=account.id, credential=b"credential-1", public_key=b"no key", sign_count=0, name="Key",
        transports=[], added_at=now(), used_at=None,
    )  # fmt: skip
    session.add(row)
    session.commit()
    return row


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "{",
        "[]",
        "null",
        '{"id": 1}',
        '{"id": "Y3JlZGVudGlhbC0x"}',
        json.dumps({"id": "Y3JlZGVudGlhbC0x", "response": {}}),
    ],
)
def test_an_answer_that_is_none_leads_back_with_a_sentence(client: FlaskClient, session: Session, answer: str) -> None:
    key(session, factories.account(session))
    options = client.post("/sign-in/passkey/options").json
    assert options is not None
    assert (options["rpId"], options["userVerification"]) == ("localhost", "required")
    assert client.post("/sign-in/passkey", data={"credential": answer}).location == "/sign-in"
    assert "No account here uses this passkey." in client.get("/sign-in").text
    assert client.get("/account").status_code == 303


def test_a_question_is_asked_once(client: FlaskClient, session: Session) -> None:
    client.post("/sign-in/passkey/options")
    for _time in range(2):
        client.post("/sign-in/passkey", data={"credential": "{}"})
    assert "This took too long. Try again." in client.get("/sign-in").text


def test_another_accounts_passkey_is_not_there(session: Session, sign_in: SignIn) -> None:
    row = key(session, factories.account(session))
    other = sign_in(factories.account(session))
    for path in (f"/account/security/passkeys/{row.id}", f"/account/security/passkeys/{row.id}/remove"):
        assert other.get(path).status_code == other.post(path, data={"name": "Mine"}).status_code == 404
    assert session.scalars(select(Passkey.name)).one() == "Key"


def test_a_device_is_not_offered_a_second_passkey_for_the_account(session: Session, sign_in: SignIn) -> None:
    account = factories.account(session)
    row = key(session, account)
    options = sign_in(account).post("/account/security/passkeys/options", data={"name": "Key"}).json
    assert options is not None
    assert [one["id"] for one in options["excludeCredentials"]] == ["Y3JlZGVudGlhbC0x"]
    assert row.name == "Key"


def test_without_a_script_the_pages_say_what_else_there_is(
    client: FlaskClient, session: Session, sign_in: SignIn
) -> None:
    assert "Passkeys need JavaScript" in client.get("/sign-in").text
    page = sign_in(factories.account(session)).get("/account/security/passkeys/add").text
    assert "Without them, use an authenticator app." in page


@pytest.mark.parametrize("refused", [{"name": "Key", "current": "wrong"}, {"name": "", "current": PASSWORD}])
def test_a_device_is_asked_to_make_nothing_for_a_form_that_would_be_refused(
    session: Session, sign_in: SignIn, refused: dict[str, str]
) -> None:
    """It would keep what it made, and offer at sign-in a passkey that opens nothing."""
    browser = sign_in(factories.account(session, password_hash=passwords.hash_password(PASSWORD)))
    at = "/account/security/passkeys/options"
    assert browser.post(at, data=refused).status_code == 422
    assert browser.post(at, data={"name": "Key", "current": PASSWORD}).status_code == 200


def test_a_device_is_asked_to_make_no_passkey_more_than_an_account_has_room_for(
    session: Session, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = factories.account(session)
    key(session, account)
    monkeypatch.setattr(service, "MOST", 1)
    answer = sign_in(account).post("/account/security/passkeys/options", data={"name": "Key"})
    assert "up to 10 passkeys" in answer.text
    assert answer.status_code == 422
