"""A lawful start: nothing is published before the operator has said what the law asks for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.cli.sample import operator as sample
from consult.consultations import service as consultations
from consult.consultations.model import Consultation, Phase
from consult.consultations.service import ConsultationTerms
from consult.core.clock import now
from consult.core.errors import Refusal
from consult.core.languages import LANGUAGES
from consult.core.web.access import Role
from consult.ledger.model import Kind, LedgerEntry
from consult.mail.render import render_letter
from consult.operator import fields, queries, service, start
from consult.operator.model import LawfulStart
from consult.operator.start import StartMissing
from tests import factories

SignIn = Callable[[Any], FlaskClient]


@pytest.fixture
def admin(session: Session) -> Account:
    """Of a site that has not said anything yet."""
    session.execute(delete(LawfulStart))
    return factories.account(session, Role.ADMIN)


def draft(session: Session) -> Consultation:
    owner, at = factories.account(session, Role.POLICYMAKER), now()
    terms = ConsultationTerms(
        title="Plan", body="Secretariat", summary="Tell us.", purpose="Why.", language="en", tags=[],
        opens_at=at, closes_at=at + timedelta(days=20), timezone="Europe/Vienna",
    )  # fmt: skip
    row = consultations.create(session, owner=owner, terms=terms)
    consultations.write_draft(
        session, number=row.id, by=owner, text="# Plan\n\n## 1. Care\n\n1.1 Each State shall care."
    )
    return row


def say_all(session: Session) -> None:
    sample.say_all(session, now())


def test_nothing_is_published_before_everything_is_said(session: Session, sign_in: SignIn, admin: Account) -> None:
    row = draft(session)
    owner = session.get_one(Account, row.owner_id)
    with pytest.raises(StartMissing, match="must first enter the data controller"):
        consultations.publish(session, number=row.id, by=owner)
    desk = sign_in(admin)
    page = desk.get(f"/desk/consultations/{row.id}/publish").text
    assert 'href="/desk/site/start"' in page
    assert ">Publish</button>" not in page
    sent = desk.post(f"/desk/consultations/{row.id}/publish")
    assert (sent.status_code, row.phase) == (422, Phase.DRAFT)
    say_all(session)
    desk.post(f"/desk/consultations/{row.id}/publish")
    session.refresh(row)
    assert row.phase is not Phase.DRAFT


def test_an_administrators_desk_leads_to_the_checklist_until_then(
    session: Session, sign_in: SignIn, admin: Account
) -> None:
    assert "/desk/site/start" in sign_in(admin).get("/desk").text
    assert "/desk/site/start" not in sign_in(factories.account(session, Role.POLICYMAKER)).get("/desk").text
    say_all(session)
    start.declare(session, by=admin)
    session.commit()
    assert "/desk/site/start" not in sign_in(admin).get("/desk").text


def test_each_field_that_is_needed_keeps_the_site_shut(session: Session, admin: Account) -> None:
    say_all(session)
    values = dict(queries.list_values(session))
    session.execute(delete(LawfulStart))
    assert [item for item in start.check_items(values) if not item.is_given] == []
    for field in fields.NEEDED:
        without = {place: text for place, text in values.items() if place[0] != field.key}
        missing = [one.key for item in start.check_items(without) for one in item.missing]
        assert missing == [field.key]


def test_the_checklist_is_filled_on_pages_and_declared_once(session: Session, sign_in: SignIn, admin: Account) -> None:
    desk = sign_in(admin)
    assert "Open the site for publication" not in desk.get("/desk/site/start").text
    refused = desk.post("/desk/site/start")
    assert refused.status_code == 422
    assert "Missing: Data controller" in refused.text
    for item in fields.START:
        typed: dict[str, Any] = {}
        for field in item.fields:
            name = f"{field.key}_ar" if field.spoken else field.key
            kinds = {"choice": field.choices[0][0] if field.choices else "", "email": "a@example.org"}
            typed[name] = kinds.get(field.kind, "Words.") if field.kind != "day" else ["1", "2", "2026"]
        assert desk.post(f"/desk/site/start/{item.key}", data=typed).status_code == 303, item.key
    page = desk.get("/desk/site/start").text
    assert "Languages without a text: English, Français, Español" in page
    assert desk.post("/desk/site/start").status_code == 303
    assert session.scalars(select(LedgerEntry.kind).where(LedgerEntry.kind == Kind.SITE_STARTED)).all() == [
        Kind.SITE_STARTED
    ]
    assert "Site opened for publication" in desk.get("/people/acts").text


def test_what_is_said_is_printed_where_people_look_for_it(
    session: Session, client: FlaskClient, admin: Account
) -> None:
    say_all(session)
    session.commit()
    privacy = client.get("/privacy").text
    for said in (
        "Secretariat for Open Consultations (sample)", "privacy@consult.example", "of official authority (6(1)(e))",
        "Substantial public interest, under law (9(2)(g))", "The state computer centre", "Data Protection Commission",
        "It answers within a month", "730 days",
    ):  # fmt: skip
        assert said in privacy, said
    accessibility = client.get("/accessibility").text
    for said in ("EN 301 549", "Partially compliant", "access@consult.example", "Ombudsperson for Equal Access"):
        assert said in accessibility, said
    assert "Dispute Settlement Body" in client.get("/terms").text
    assert "1 Sample Street" in client.get("/imprint").text


def test_once_open_what_the_law_asks_for_can_be_changed_and_not_taken_away(session: Session, admin: Account) -> None:
    say_all(session)
    with pytest.raises(Refusal, match="You cannot empty"):
        service.save(session, by=admin, values={("controller", ""): " "})
    with pytest.raises(Refusal, match="You cannot empty"):
        service.save(session, by=admin, values={("redress", language): "" for language in LANGUAGES})
    assert service.save(session, by=admin, values={("redress", "fr"): ""}) == ["redress"]
    assert service.save(session, by=admin, values={("controller", ""): "Another"}) == ["controller"]


def test_a_day_that_has_not_come_is_refused(session: Session, sign_in: SignIn, admin: Account) -> None:
    answer = sign_in(admin).post("/desk/site/start/accessibility", data={"a11y_day": ["1", "1", "2999"]})
    assert (answer.status_code, "The date cannot be in the future." in answer.text) == (422, True)


def test_a_statement_of_reasons_names_every_way_to_contest_it_and_the_part_of_software(
    session: Session, admin: Account
) -> None:
    say_all(session)
    session.commit()

    class Reasons:
        def name(self, _code: str) -> str:
            return "Hate"

        meaning = name

    told = {"reference": "DP27-1", "title": "Plan", "slug": "plan", "page": "trace.public", "reason": "hate",
            "page_values": {"reference": "DP27-1"}, "reasons": Reasons(), "note": "", "policy": 1,
            "appeal_until": now(), "zone": "UTC", "as_letter": False}  # fmt: skip
    for outcome in ("withhold", "return", "publish"):
        letter = render_letter("moderation/mail/decided", "fr", told | {"outcome": outcome})
        for words in (letter.text, letter.html):
            assert "organe de règlement des litiges" in words, outcome
            assert "aucun autre logiciel" in words, outcome
    copied = render_letter("moderation/mail/decided", "en", told | {"outcome": "withhold", "as_letter": True})
    assert "Software found its copies and gave them the same decision." in copied.text
