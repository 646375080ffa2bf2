"""The operator switches systems off: pages, menus, slots, search and reminders leave them out, and data stay."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, current_app
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.core import clock, slots
from consult.core.errors import Forbidden
from consult.core.web import face, systems
from consult.core.web.access import Role
from consult.ledger.model import Kind, LedgerEntry
from consult.moderation.slots import QueueFoot
from consult.operator import labels, service
from tests import factories
from tests.signals import working

SignIn = Callable[[Any], FlaskClient]
ALL = ["signals", "plans", "case_studies", "calls", "practice"]
PAGES = {
    "signals": ("/signals", "This site does not use early warning."),
    "plans": ("/plans", "This site does not use action plans."),
    "case_studies": ("/evidence/case-studies", "This site does not use case studies."),
    "practice": ("/practice", "This site does not use practice mode."),
    "calls": ("/call/one", "This site does not use calls for comments."),
}


@pytest.fixture
def admin(session: Session) -> Account:
    return factories.account(session, Role.ADMIN)


def switch_off(session: Session, admin: Account, *packages: str) -> None:
    service.set_systems(session, systems.list_systems(current_app), by=admin, used=set(ALL) - set(packages))
    session.commit()
    face.refresh()


def test_every_package_that_the_design_names_can_be_switched_off(app: Flask) -> None:
    assert {each.package for each in systems.list_systems(app)} == set(ALL)


@pytest.mark.parametrize("package", ALL)
def test_pages_of_a_system_that_is_off_say_so_and_come_back(
    session: Session, client: FlaskClient, admin: Account, package: str
) -> None:
    url, sentence = PAGES[package]
    before = client.get(url)
    assert sentence not in before.text
    switch_off(session, admin, package)
    answer = client.get(url)
    assert answer.status_code == 404
    assert sentence in answer.text
    switch_off(session, admin)
    assert client.get(url).status_code == before.status_code


def test_the_menu_has_at_most_four_entries_and_leaves_out_what_is_off(
    session: Session, client: FlaskClient, admin: Account
) -> None:
    page = client.get("/how").text
    bar = page.partition('<nav class="for-desk"')[2].partition("</nav>")[0]
    assert bar.count("<summary") == 1
    assert bar.partition("<summary")[0].count("<li>") == 4
    for link in ('href="/signals"', 'href="/plans"', 'href="/evidence/case-studies"'):
        assert link in bar
    switch_off(session, admin, "signals", "plans", "case_studies")
    page = client.get("/how").text
    for link in ('href="/signals"', 'href="/plans"', 'href="/evidence/case-studies"'):
        assert link not in page
    assert "Early warning" not in client.get("/search?q=word").text


def test_a_system_with_duties_is_not_switched_off(
    session: Session, client: FlaskClient, sign_in: SignIn, admin: Account
) -> None:
    working.filed(session)
    session.commit()
    desk = sign_in(admin)
    answer = desk.post("/desk/site/systems", data={"systems": ["plans", "case_studies", "calls", "practice"]})
    assert "“Early warning” cannot be switched off yet: 1 report waiting." in answer.text
    assert systems.is_on("signals")


def test_switching_off_is_in_the_public_record_by_its_name(
    app: Flask, session: Session, sign_in: SignIn, admin: Account
) -> None:
    answer = sign_in(admin).post("/desk/site/systems", data={"systems": ["signals", "plans", "case_studies", "calls"]})
    assert answer.status_code == 303
    entry = session.scalars(select(LedgerEntry).where(LedgerEntry.kind == Kind.SITE_CHANGED)).one()
    assert entry.detail["key"] == "system.practice"
    assert labels.find_label("system.practice", systems.list_systems(app)) == "Practice mode"


def test_only_an_administrator_switches_systems(session: Session) -> None:
    with pytest.raises(Forbidden):
        service.set_systems(session, [], by=factories.account(session, Role.MODERATOR), used=ALL)


def test_reminders_pause_and_deletions_go_on(app: Flask, session: Session, admin: Account) -> None:
    switch_off(session, admin, "signals", "practice")
    due: dict[str, float] = {}
    ran = []
    original = clock.run_chore
    clock.run_chore = lambda chore: ran.append(chore.name) or True  # type: ignore[func-returns-value]
    try:
        clock.tick(due, 1.0, paused=systems.is_paused)
    finally:
        clock.run_chore = original
    assert "signals.tasks.remind_on_call" not in ran
    assert {"signals.tasks.release_reports", "practice.tasks.erase_due", "plans.tasks.record_overdue"} <= set(ran)


def test_a_system_that_is_off_fills_no_slots(app: Flask, session: Session, admin: Account) -> None:
    def list_templates() -> list[str]:
        filled = slots.collect(session, QueueFoot()).filled[QueueFoot.name]
        return [template for template, _found in filled.fillings]

    assert "case_studies/queue_foot.html" in list_templates()
    switch_off(session, admin, "case_studies")
    assert "case_studies/queue_foot.html" not in list_templates()


def test_an_unknown_system_is_refused(session: Session, sign_in: SignIn, admin: Account) -> None:
    answer = sign_in(admin).post("/desk/site/systems", data={"systems": ["money"]})
    assert answer.status_code == 422
    assert "Choose one of the options" in answer.text
    assert session.scalars(select(LedgerEntry).where(LedgerEntry.kind == Kind.SITE_CHANGED)).all() == []
