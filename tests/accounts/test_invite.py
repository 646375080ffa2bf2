"""`consult invite`, as an operator types it."""

from __future__ import annotations

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy.orm import Session

from consult.accounts import service
from consult.cli import people
from consult.core.web.access import Role
from tests import factories
from tests.accounts.letters import letters


@pytest.fixture
def console(app: Flask, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setattr(people, "application", lambda seals: app)
    return CliRunner()


def test_an_operator_invites_a_moderator_who_then_has_the_role(console: CliRunner, session: Session) -> None:
    said = console.invoke(people.invite, ["Mod@example.org", "--role", "moderator", "--language", "ar"])
    assert said.exit_code == 0
    (letter,) = letters(session)
    assert (letter.to, said.output.strip()) == ("Mod@example.org", f"http://localhost{letter.path}")
    assert 'dir="rtl"' in letter.html
    token = said.output.strip().rsplit("/", 1)[1]
    assert service.join(session, token=token, name="Mod", password=None, language="en").role is Role.MODERATOR


def test_an_address_that_has_an_account_is_told_beside_the_link(console: CliRunner, session: Session) -> None:
    factories.account(session, email="mod@example.org", role=Role.MODERATOR)
    session.commit()
    said = console.invoke(people.invite, ["Mod@example.org", "--role", "admin"])
    assert said.exit_code == 0
    assert "has an account (moderator)" in said.stderr
    assert said.stdout.startswith("http://localhost/")


def test_who_has_the_role_already_gets_no_letter(console: CliRunner, session: Session) -> None:
    factories.account(session, email="mod@example.org", role=Role.MODERATOR)
    session.commit()
    said = console.invoke(people.invite, ["Mod@example.org", "--role", "moderator"])
    assert said.exit_code == 0
    assert "with the role moderator. No e-mail was sent." in said.output
    assert letters(session) == []


@pytest.mark.parametrize(
    "wrong", [["nobody"], ["a@example.org\nBcc: b@example.org"], ["a@example.org", "--role", "king"], []]
)
def test_what_cannot_be_invited_is_said_in_a_sentence(console: CliRunner, session: Session, wrong: list[str]) -> None:
    said = console.invoke(people.invite, wrong)
    assert said.exit_code != 0
    assert "Error" in said.output
    assert "Traceback" not in said.output
    assert letters(session) == []
