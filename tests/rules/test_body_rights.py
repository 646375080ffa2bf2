"""Each role of a body with each deed, and with each page of a consultation, of its own body and of another.

`body_rights.csv` is the oracle of deeds: it is written by hand, and no code reads it. Pages are the routes themselves.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.bodies import members
from consult.bodies.model import BodyRole
from consult.consultations import rights
from consult.consultations.joint.model import ConsultationBody, PartInConsultation
from consult.consultations.model import Consultation, Phase
from consult.consultations.rights import Deed
from consult.core.clock import now
from consult.core.web.access import Role
from tests import factories
from tests.bodies.working import make_body, work
from tests.rules.test_owned import World, of_somebody

SignIn = Callable[[Any], FlaskClient]
TABLE = Path(__file__).with_name("body_rights.csv")
READERS_MAY = {  # what who only reads may open of a consultation of their body
    "consultations.overview", "consultations.asking", "consultations.own_paper", "consultations.next_map",
    "statistics.own", "statistics.own_csv", "consultations.periods",
}  # fmt: skip


OF_ANOTHER = {"responses.say_beside", "consultations.agree"}
"""For leads of another body that asks: tests/bodies/test_joint.py."""


def team(session: Session, row: Consultation) -> dict[str, Account]:
    """Somebody of each line of the table."""
    own, asks, hears, other = (make_body(session) for _ in range(4))
    people = {"lead": work(session, own)}
    row.body_id = own.id
    for role in (BodyRole.DRAFTER, BodyRole.READER):
        people[role.value] = work(session, own, role)
    people["lead of another that asks"] = work(session, asks)
    work(session, hears)
    people["reader of another that hears"] = work(session, hears, BodyRole.READER)
    people["lead of another body"] = work(session, other)
    people["person in charge"] = session.get_one(Account, row.owner_id)
    for name, role in (("moderator", Role.MODERATOR), ("contributor", Role.CONTRIBUTOR), ("administrator", Role.ADMIN)):
        people[name] = factories.account(session, role)
    for body, part in ((asks, PartInConsultation.ASKS), (hears, PartInConsultation.HEARS)):
        session.add(ConsultationBody(consultation_id=row.id, body_id=body.id, part=part, agreed_at=now()))
    session.commit()
    return people


def test_each_role_does_with_a_consultation_what_the_table_says(session: Session) -> None:
    row = factories.consultation(session)
    people = team(session, row)
    with TABLE.open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert {line["who"] for line in lines} == set(people)
    columns = [name for name in lines[0] if name != "who"]
    assert {name.split()[0] for name in columns} == set(Deed)
    wrong = []
    for line in lines:
        for column in columns:
            deed, _space, when = column.partition(" ")
            row.phase = Phase.DRAFT if when == "before" else Phase.OPEN
            found = rights.may(session, people[line["who"]], row, Deed(deed))
            if found != (line[column] == "yes"):
                wrong.append((line["who"], column, found))
    assert wrong == []


def test_the_list_of_what_somebody_sees_is_what_the_table_says(session: Session) -> None:
    row = factories.consultation(session)
    factories.consultation(session)
    people = team(session, row)
    with TABLE.open(newline="") as file:
        sees = {line["who"]: line["see"] == "yes" for line in csv.DictReader(file)}
    for who, person in people.items():
        if who in ("moderator", "contributor", "administrator"):
            continue  # they have no list, or see all
        found = session.scalars(rights.select_ids(person, Deed.SEE)).all()
        assert (list(found) == [row.id]) == sees[who], who


@pytest.mark.parametrize("who", ["lead", "drafter", "reader", "lead of another that asks", "lead of another body"])
def test_every_page_of_a_consultation_opens_for_its_body_and_for_no_other(
    app: Flask, session: Session, sign_in: SignIn, who: str
) -> None:
    world = World(session)
    people = team(session, world.row)
    browser, leaks, shut = sign_in(people[who]), [], []
    of_consultation = [
        (method, rule) for method, rule in of_somebody(app)
        if rule.rule.startswith(("/desk/consultations/", "/desk/arguments/"))
        and rule.endpoint not in OF_ANOTHER
    ]  # fmt: skip
    assert len(of_consultation) > 40
    of_consultation.sort(key=lambda case: (case[0] == "POST", case[1].rule.endswith("/next/publish"), case[1].rule))
    for method, rule in of_consultation:
        status = world.ask(browser, method, rule).status_code
        opened = status not in {403, 404}
        if who == "lead" and not opened:
            shut.append((method, rule.rule, status))
        if who == "lead of another body" and opened:
            leaks.append((method, rule.rule, status))
        if who in ("reader", "lead of another that asks") and opened and not _reads(method, rule.endpoint):
            leaks.append((method, rule.rule, status))
        if who == "drafter" and opened and _decides(method, rule.endpoint):
            leaks.append((method, rule.rule, status))
    assert (leaks, shut) == ([], [])


def _reads(method: str, endpoint: str) -> bool:
    return method == "GET" and endpoint in READERS_MAY


def _decides(method: str, endpoint: str) -> bool:
    """Return True for what an editor may not do after publication."""
    return endpoint in {
        "consultations.extend", "consultations.publish", "consultations.about", "consultations.step", "rules.listed",
        "consultations.next_publish", "consultations.facilitators", "responses.owner", "responses.answer",
        "consultations.hand_over", "consultations.questions",
    }  # fmt: skip


def test_what_belongs_to_two_bodies_is_kept_apart_at_the_desk(session: Session, sign_in: SignIn) -> None:
    rows = {}
    for name in ("Ministry of Water", "Ministry of Roads"):
        body = make_body(session, name)
        person = work(session, body)
        rows[name] = (person, factories.consultation(session, owner=person, body=name, body_id=body.id, title=name))
    session.commit()
    for name, (person, _row) in rows.items():
        other = next(one for one in rows if one != name)
        browser = sign_in(person)
        for path in ("/desk/consultations", "/desk/bodies"):
            page = browser.get(path).text
            assert name in page
            assert other not in page
        assert browser.get(f"/desk/consultations/{rows[other][1].id}").status_code == 403
        assert browser.get(f"/desk/bodies/{other.lower().replace(' ', '-')}").status_code == 403


def test_a_reader_of_one_body_leads_another(session: Session, sign_in: SignIn) -> None:
    one, two = make_body(session, "One"), make_body(session, "Two")
    person = work(session, one)
    work(session, two)
    members.add(session, two, account=person, role=BodyRole.READER, by=None)
    browser = sign_in(person)
    assert "Invite a person" in browser.get("/desk/bodies/one").text
    assert "Invite a person" not in browser.get("/desk/bodies/two").text
    asked = {"email": "new@example.org", "role": "reader"}
    assert browser.post("/desk/bodies/two", data=asked).status_code == 403
    assert browser.get("/desk/bodies/two/about").status_code == 403
