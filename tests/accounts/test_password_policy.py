"""New passwords that attackers try first are refused with what to do; old ones go on working."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from consult.accounts import passwords
from consult.accounts.model import Account
from consult.accounts.organisations import service as organisations
from consult.accounts.password_policy import is_strong
from consult.cli.sample import files
from tests import factories
from tests.accounts.letters import letters

SignIn = Callable[[Account], FlaskClient]
OLD = "1234567890"
GOOD = "another green harbour"
COMMON = ["\u0301" * 20, 
    "123456789012345", "passwordpassword", "password12password12", "qwertyuiopasdfgh", "aaaaaaaaaaaaaaaaaaaa",
    "iloveyou iloveyou", "Summer2026!Summer2026!", "abcabcabcabcabcabc",
]  # fmt: skip
OWN = [
    "ana.quispe@example.org", "ANA.QUISPE@EXAMPLE.ORG", "anaquispe.anaquispe", "Ana Quispe 1984!", "ana.quispe.example",
    "consultconsult1", "Red Andina de Salud", "redandinadesalud2026",
]  # fmt: skip


@pytest.fixture
def ana(session: Session) -> Account:
    made = factories.account(
        session, email="ana.quispe@example.org", display_name="Ana Quispe", password_hash=passwords.hash_password(OLD)
    )
    ngo = factories.organisation(session, name="Red Andina de Salud")
    organisations.add_member(session, organisation_id=ngo.id, account_id=made.id)
    session.commit()
    return made


def enter(client: FlaskClient, password: str) -> int:
    return client.post("/sign-in", data={"email": "ana.quispe@example.org", "password": password}).status_code


@pytest.mark.parametrize("password", [*COMMON, *OWN])
def test_a_password_that_is_common_or_ones_own_words_is_refused(
    app: Flask, session: Session, sign_in: SignIn, ana: Account, password: str
) -> None:
    browser = sign_in(ana)
    answer = browser.post("/account/password", data={"current": OLD, "password": password})
    assert answer.status_code == 422
    assert "easy to guess" in answer.text
    assert "four or more words" in answer.text
    typed = re.findall(r'<input[^>]*type="password"[^>]*>', answer.text)
    assert len(typed) == 2
    assert not any(re.search('value="[^"]', one) for one in typed), "what was typed is not given back"
    assert browser.get("/account").status_code == 200
    app.test_client().post("/reset", data={"email": "ana.quispe@example.org"})
    path = letters(session)[-1].path
    assert app.test_client().post(path, data={"password": password}).status_code == 422
    assert enter(app.test_client(), OLD) == 303
    assert app.test_client().post(path, data={"password": GOOD}).status_code == 303, "the link was not used up"


@pytest.mark.parametrize(
    "password", ["ana.quispe@example.org", "quispequispequispe", "passwordpassword", "Rosa Flores 2026"]
)
def test_who_joins_chooses_no_such_password_either(app: Flask, session: Session, password: str) -> None:
    app.test_client().post("/join", data={"email": "ana.quispe@example.org"})
    path, browser = letters(session)[-1].path, app.test_client()
    refused = browser.post(path, data={"name": "Rosa Flores", "password": password})
    assert (refused.status_code, "easy to guess" in refused.text) == (422, True)
    assert browser.post(path, data={"name": "Rosa Flores", "password": GOOD}).status_code == 303


@pytest.mark.parametrize(
    ("password", "status"),
    [("k7#Vq!m2Lw9$xR", 422), ("k7#Vq!m2Lw9$xRt", 303), (GOOD, 303), ("كلمة مرور طويلة جدا", 303), ("x" * 129, 422)],
)
def test_fifteen_characters_of_any_script_will_do(sign_in: SignIn, ana: Account, password: str, status: int) -> None:
    answer = sign_in(ana).post("/account/password", data={"current": OLD, "password": password})
    assert answer.status_code == status
    assert ("Use a password of 15 to 128 characters" in answer.text) == (status == 422)


def test_a_short_password_from_before_still_signs_in(client: FlaskClient, ana: Account) -> None:
    assert enter(client, OLD) == 303


def test_the_password_of_the_demo_is_one_that_the_site_would_take() -> None:
    sample = files.read_sample()
    for login in sample.logins:
        assert is_strong(sample.password, words=[login.email, login.name, "consult", "localhost"])
    assert len(sample.password) >= 15
