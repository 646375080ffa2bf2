"""Providers and a lost second step on the command line."""

from __future__ import annotations

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.accounts.single_sign_on.model import SignOnProvider
from consult.cli import people, sso
from consult.core.clock import now
from consult.core.crypto import unseal
from tests import factories
from tests.accounts.single_sign_on.provider import Provider


@pytest.fixture(autouse=True)
def here(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands run in the application of the test."""
    for module in (sso, people):
        monkeypatch.setattr(module, "application", lambda **_options: app)


def run(command: str, *words: str, typed: str = "") -> tuple[int, str]:
    done = CliRunner().invoke(sso.sso, [command, *words], input=typed)
    return done.exit_code, done.output


def test_a_provider_is_added_listed_and_removed(session: Session, provider: Provider) -> None:
    given = ("ministry", provider.issuer, "consult")
    assert run("add", *given)[0] == 1, "without a secret, and not said to be public"
    assert run("add", *given, "--public", "--role", "heads=admin")[0] == 2
    code, said = run("add", *given, "--domain", "ministry.example", "--role", "mods=moderator", typed="a secret\n")
    assert (code, "http://localhost/sign-in/with/ministry/back" in said) == (0, True)
    row = session.scalars(select(SignOnProvider)).one()
    assert (unseal(row.secret_sealed or b""), row.roles) == ("a secret", {"mods": "moderator"})
    assert run("list") == (0, f"ministry\t{provider.issuer}\t0\n")
    assert run("remove", "else")[0] == 1
    assert run("remove", "ministry") == (0, "Removed.\n")


def test_the_second_step_of_the_only_administrator_is_taken_away(session: Session) -> None:
    factories.account(session, email="boss@example.org", factor_since=now())
    session.commit()
    asked = CliRunner().invoke(people.reset_second_step, ["boss@example.org"])
    assert asked.output == "Two-step verification is off.\n"
    session.expire_all()
    assert session.scalars(select(Account.factor_since)).one() is None
    assert CliRunner().invoke(people.reset_second_step, ["nobody@example.org"]).exit_code == 1
