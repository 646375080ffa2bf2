"""Offices: assessors decide in their own country, and a warning names the body that issued it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.bodies.model import PublicBody
from consult.core.errors import Forbidden, Refusal
from consult.core.web.access import Role
from consult.ledger.model import Kind, LedgerEntry
from consult.signals import service, warnings
from consult.signals.model import Signal, SignalLevel, SignalWarning, WarningKind
from consult.signals.offices import service as offices
from consult.signals.offices.model import OfficeKind, SignalOffice, SignalSeat
from consult.signals.triage import seats
from tests import factories
from tests.bodies.working import make_body
from tests.signals.working import TEXTS, filed, opened, seated

SignIn = Callable[[Any], FlaskClient]


def ministry(session: Session) -> PublicBody:
    return make_body(session)


def office(session: Session, country: str = "EC") -> SignalOffice:
    return offices.open_office(
        session, body_id=ministry(session).id, country=country, kind=OfficeKind.FOCAL_POINT,
        by=factories.account(session, Role.ADMIN),
    )  # fmt: skip


def holder(session: Session, row: SignalOffice) -> Account:
    """An assessor of an office."""
    account = seated(session)
    seats.give(session, account_id=account.id, on_call=False, office_id=row.id)
    return account


def publish(session: Session, signal: Signal, author: Account, second: Account) -> SignalWarning:
    draft = warnings.write(session, signal, by=author, kind=WarningKind.WARNING, texts=TEXTS, language="en")
    return warnings.publish(session, signal, by=second, written_at=draft.written_at)


def test_an_assessor_of_an_office_decides_in_its_country_only(session: Session) -> None:
    here, there = holder(session, office(session)), holder(session, office(session, "PT"))
    signal = opened(session, here)
    with pytest.raises(Forbidden), session.begin_nested():
        service.set_level(session, signal, SignalLevel.ALERT, by=there, reason="Two sources.")
    with pytest.raises(Forbidden), session.begin_nested():
        service.decline_report(session, filed(session, body="Another."), by=there, reason="Nothing new.")
    with pytest.raises(Forbidden), session.begin_nested():
        opened(session, there, body="A third.")
    with pytest.raises(Forbidden), session.begin_nested():
        warnings.write(session, signal, by=there, kind=WarningKind.WARNING, texts=TEXTS, language="en")
    assert service.set_level(session, signal, SignalLevel.ALERT, by=seated(session), reason="Two sources.")


def test_a_warning_names_its_office_and_needs_one_person_of_it(session: Session, client: FlaskClient) -> None:
    row = office(session)
    signal = opened(session, seated(session), level=SignalLevel.ALERT)
    with pytest.raises(Forbidden):
        publish(session, signal, seated(session), seated(session))
    edition = publish(session, signal, holder(session, row), seated(session))
    assert edition.office_id == row.id
    session.commit()
    body = session.get_one(PublicBody, row.body_id)
    page = client.get(f"/signals/{signal.slug}?lang=en").text
    assert f"Issued by {body.name}, national focal point, Ecuador." in page
    entry = session.scalars(select(LedgerEntry).where(LedgerEntry.kind == Kind.SIGNAL_WARNED)).one()
    assert entry.commitment == warnings.compute_commitment(edition)
    edition.office_id = None
    assert entry.commitment != warnings.compute_commitment(edition), "the record commits to the issuer"


def test_without_an_office_the_editors_of_the_site_issue_it(session: Session, client: FlaskClient) -> None:
    office(session, "PT")
    signal = opened(session, seated(session), level=SignalLevel.ALERT)
    assert publish(session, signal, seated(session), seated(session)).office_id is None
    session.commit()
    assert "Issued by the editors of this site." in client.get(f"/signals/{signal.slug}?lang=en").text


def test_an_emergency_waits_for_no_office(session: Session) -> None:
    office(session)
    signal = opened(session, seated(session), level=SignalLevel.EMERGENCY)
    assert publish(session, signal, seated(session), seated(session)).office_id is None


def test_a_closed_office_loses_its_assessors_and_stays_named(session: Session) -> None:
    row = office(session)
    account, admin = holder(session, row), factories.account(session, Role.ADMIN)
    edition = publish(session, opened(session, account, level=SignalLevel.ALERT), account, seated(session))
    offices.close_office(session, row.id, by=admin)
    assert session.get(SignalSeat, account.id, populate_existing=True) is None
    assert offices.list_offices(session) == []
    assert offices.find_office(session, edition.office_id) is not None
    with pytest.raises(Refusal):
        seats.give(session, account_id=account.id, on_call=False, office_id=row.id)


def test_an_administrator_opens_an_office_and_gives_a_seat_there(session: Session, sign_in: SignIn) -> None:
    body, account = ministry(session), factories.account(session, Role.MODERATOR)
    client = sign_in(factories.account(session, Role.ADMIN))
    session.commit()
    sent = {"do": "office", "body": str(body.id), "country": "EC", "kind": "focal_point"}
    assert client.post("/review/signals/seats", data=sent | {"country": ""}).status_code == 422
    assert client.post("/review/signals/seats", data=sent).status_code == 303
    [row] = offices.list_offices(session)
    seat = {"account": str(account.id), "office": str(row.row.id)}
    assert client.post("/review/signals/seats", data=seat).status_code == 303
    page = client.get("/review/signals/seats").text
    assert f"{body.name} (Ecuador)" in page
    assert client.post("/review/signals/seats", data=seat | {"do": f"close:{row.row.id}"}).status_code == 303
    assert session.get(SignalSeat, account.id, populate_existing=True) is None
