"""Roles that change: on the administrators' page, and on the command line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts import links, service, staff
from consult.accounts.model import Account
from consult.cli import people
from consult.core.web.access import Role
from consult.ledger.model import Kind, LedgerEntry
from tests import factories
from tests.accounts.letters import letters

SignIn = Callable[[Any], FlaskClient]


@pytest.fixture
def admin(session: Session) -> Account:
    return factories.account(session, Role.ADMIN)


def test_a_moderator_who_left_loses_the_desk_at_once_and_is_told(
    session: Session, admin: Account, sign_in: SignIn
) -> None:
    moderator = factories.account(session, Role.MODERATOR, email="mod@example.org")
    theirs, desk = sign_in(moderator), sign_in(admin)
    assert theirs.get("/review").status_code == 200
    answer = desk.post(f"/people/{moderator.id}", data={"role": "contributor"}, follow_redirects=True)
    assert "Role saved." in answer.text
    assert theirs.get("/review").location == "/sign-in?next=/review"
    assert service.find_by_email(session, "mod@example.org").role is Role.CONTRIBUTOR  # type: ignore[union-attr]
    (letter,) = letters(session)
    assert letter.to == "mod@example.org"
    assert "you no longer work on this site" in letter.text
    entry = session.scalars(select(LedgerEntry).where(LedgerEntry.kind == Kind.ROLE_CHANGED)).one()
    assert (entry.subject_id, entry.detail) == (moderator.id, {"from": "moderator", "to": "contributor"})


def test_an_invitation_that_still_waits_does_not_bring_the_role_back(session: Session, admin: Account) -> None:
    moderator = factories.account(session, Role.MODERATOR, email="mod@example.org")
    again = service.invite(session, email="Mod@example.org", role=Role.MODERATOR)
    another = service.invite(session, email="other@example.org", role=Role.MODERATOR)
    session.flush()
    staff.change_role(session, moderator, role=Role.CONTRIBUTOR, by=admin)
    with pytest.raises(links.LinkSpent):
        service.join(session, token=again, name="", password=None, language="en")
    assert service.join(session, token=another, name="Other", password=None, language="en").role is Role.MODERATOR


def test_another_role_is_given_once_and_told_once(session: Session, admin: Account, sign_in: SignIn) -> None:
    person = factories.account(session, Role.MODERATOR)
    desk = sign_in(admin)
    for _press in range(2):
        assert desk.post(f"/people/{person.id}", data={"role": "policymaker"}).status_code == 303
    (letter,) = letters(session)
    assert "UTC: Policymaker" in letter.text
    assert len(session.scalars(select(LedgerEntry)).all()) == 1


def test_the_last_administrator_stays_one(session: Session, admin: Account, sign_in: SignIn) -> None:
    desk = sign_in(admin)
    answer = desk.post(f"/people/{admin.id}", data={"role": "moderator"})
    assert answer.status_code == 422
    assert "This is the last administrator. Make someone else an administrator first." in answer.text
    assert desk.get("/people").status_code == 200
    factories.account(session, Role.ADMIN)
    assert desk.post(f"/people/{admin.id}", data={"role": "moderator"}).status_code == 303
    assert desk.get("/people").location == "/sign-in?next=/people"


def test_the_list_shows_who_works_here_page_by_page_and_finds_others_by_their_address(
    session: Session, admin: Account, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("Ada 50%", "Ada", "Bo"):
        factories.account(session, Role.MODERATOR, display_name=name)
    factories.account(session, display_name="Quiet Contributor", email="quiet@example.org")
    admin.display_name = "Ines"
    session.commit()
    monkeypatch.setattr(staff, "PAGE", 3)
    first = staff.list_people(session)
    second = staff.list_people(session, after=first.next_cursor or "")
    assert [[row.display_name for row in page.items] for page in (first, second)] == [
        ["Ada", "Ada 50%", "Bo"],
        ["Ines"],
    ]
    desk = sign_in(admin)
    assert "Quiet" not in desk.get("/people").text
    assert "Quiet" not in desk.get("/people?q=quiet").text
    assert "Quiet Contributor" in desk.get("/people?q=Quiet@example.org").text
    assert [row.display_name for row in staff.list_people(session, words="0%").items] == ["Ada 50%"]
    assert "No people found" in desk.get("/people?q=nobody").text
    assert desk.get("/people?after=WzFd").status_code == 404


def test_a_deleted_account_gets_no_role(session: Session, admin: Account, sign_in: SignIn) -> None:
    gone = factories.account(session)
    gone.verified_at = None
    assert sign_in(admin).post(f"/people/{gone.id}", data={"role": "admin"}).status_code == 404


def test_an_operator_takes_a_role_away(app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "application", lambda seals: app)
    factories.account(session, Role.ADMIN, email="admin@example.org")
    factories.account(session, Role.MODERATOR, email="mod@example.org")
    session.commit()

    def said(*words: str) -> tuple[int, str]:
        answer = CliRunner().invoke(people.role_command, list(words))
        return answer.exit_code, answer.output.strip().splitlines()[-1]  # a queue that is busy logs a line before

    assert said("Mod@example.org", "contributor") == (0, "Role changed from moderator to contributor.")
    assert said("mod@example.org", "contributor") == (0, "The role is already contributor.")
    last = "Error: This is the last administrator. Make someone else an administrator first."
    assert said("admin@example.org", "contributor") == (1, last)
    unknown = "Error: No account has this e-mail address. Use `consult invite` first."
    assert said("nobody@example.org", "admin") == (1, unknown)
    assert [letter.to for letter in letters(session)] == ["mod@example.org"]
