"""Items whose sender waits for the answer, and the administrators' page of incoming messages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.core.clock import now
from consult.core.errors import Refusal, TooMany
from consult.core.settings import Secret
from consult.core.web.access import Role
from consult.gateway import health, service
from consult.gateway.guard import PutAside, receive
from consult.gateway.model import InboundChannel, InboundItem, InboundState
from consult.gateway.service import Envelope
from consult.ledger.model import Kind, LedgerEntry
from consult.signals.inbound import messages
from consult.signals.model import SignalReport
from consult.signals.samples import sample_views
from consult.signals.samples.table import read_table
from tests import factories
from tests.signals.test_inbound import NUMBER, TEXT, open_to_messages, sms
from tests.signals.test_sample_pages import join, look

__all__ = ["open_to_messages"]  # a fixture
SignIn = Callable[[Any], FlaskClient]


def fail(*_given: object, **_named: object) -> Any:
    raise LookupError("secret words")


def items(session: Session) -> list[InboundItem]:
    session.rollback()
    return list(session.scalars(select(InboundItem).order_by(InboundItem.id)))


@pytest.mark.parametrize(
    ("error", "state", "outcome"),
    [(None, "read", "read"), (Refusal("no"), "refused", "refused"), (TooMany("no"), "refused", "refused by limit")],
)
def test_each_item_is_noted_once_with_its_outcome(
    session: Session, error: Refusal | None, state: str, outcome: str
) -> None:
    for _twice in range(2):
        try:
            with receive(session, Envelope(InboundChannel.TABLE, b"a,b", 3)):
                if error:
                    raise error
        except Refusal:
            pass
        session.commit()
    [item] = items(session)
    assert (str(item.state), item.outcome, item.sealed) == (state, outcome, None)


def _add_and_fail(session: Session) -> None:
    with receive(session, Envelope(InboundChannel.TABLE, b"a,b", 3)):
        factories.account(session, email="inside@example.org")
        fail()


def test_what_cannot_be_read_is_put_aside_and_nothing_else_of_the_request_is_lost(session: Session) -> None:
    factories.account(session, email="before@example.org")
    with pytest.raises(PutAside):
        _add_and_fail(session)
    session.commit()
    addresses = select(func.count()).select_from(Account)
    assert session.scalar(addresses) == 1
    [item] = items(session)
    assert (item.state, item.reason[:32]) == (InboundState.ASIDE, "Reading it failed: LookupError i")
    assert "secret" not in item.reason
    with receive(session, Envelope(InboundChannel.TABLE, b"a,b", 3)):
        pass
    session.commit()
    assert [(item.state, item.sealed) for item in items(session)] == [(InboundState.READ, None)]


@pytest.mark.usefixtures("open_to_messages")
def test_a_text_message_that_cannot_be_read_is_kept_and_filed_when_read_again(
    session: Session, client: FlaskClient, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(messages, "file_message", fail)
        answer = sms(client)
    assert (answer.status_code, answer.mimetype) == (422, "text/plain")
    assert "We kept the message" in answer.text
    [item] = items(session)
    assert (item.channel, item.state) == (InboundChannel.MESSAGE, InboundState.ASIDE)
    admin = factories.account(session, Role.ADMIN)
    session.commit()
    browser = sign_in(admin)
    page = browser.get("/operator/inbound").text
    assert "Text messages" in page
    assert "LookupError" in page
    shown = browser.post(f"/operator/inbound/{item.id}")
    assert TEXT in shown.text
    assert NUMBER not in shown.text
    assert shown.headers["Cache-Control"] == "no-store"
    opened = select(LedgerEntry.subject_id).where(LedgerEntry.kind == Kind.INBOUND_OPENED)
    assert session.scalars(opened).all() == [item.id]
    assert "1 message read." in browser.post("/operator/inbound", data={"again": "all"}, follow_redirects=True).text
    session.rollback()
    assert session.scalars(select(SignalReport)).one().product == "M30 tablets"
    assert "No messages in quarantine" in browser.get("/operator/inbound").text
    assert browser.post(f"/operator/inbound/{item.id}").status_code == 404


def test_a_table_that_cannot_be_read_is_kept_and_the_member_is_told(
    session: Session, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, client = join(session, sign_in)
    with monkeypatch.context() as broken:
        broken.setattr(sample_views, "read_table", fail)
        page = look(client, number)
    assert page.status_code == 422
    assert "We kept the message for the people who run the site." in page.text
    assert look(client, number).status_code == 200
    [item] = items(session)
    assert (item.channel, item.state, item.sealed) == (InboundChannel.TABLE, InboundState.READ, None)


def test_a_table_put_aside_is_read_again_without_keeping_its_samples(session: Session, app: Flask) -> None:
    with pytest.raises(PutAside), receive(session, Envelope(InboundChannel.TABLE, b"Date,FTIR\n2026-11-01,MDMA\n", 9)):
        fail()
    session.commit()
    [item] = items(session)
    session.rollback()
    assert service.read_again(item.id) == "readable"
    assert read_table(b"Date,FTIR\n2026-11-01,MDMA\n", "")


def test_several_gateways_have_a_secret_each_and_their_own_numbers_of_messages(
    session: Session, client: FlaskClient, app: Flask
) -> None:
    before = app.config["SETTINGS"]
    app.config["SETTINGS"] = replace(before, sms_secret=Secret("first-gateway, second-gateway"), sms_country="EC")
    try:
        assert sms(client, secret="third-gateway").status_code == 403
        assert sms(client, secret="first-gateway, second-gateway").status_code == 403
        for secret in ("first-gateway", "second-gateway"):
            assert sms(client, secret=secret).status_code == 200
        head = {"Authorization": "Bearer first-gateway"}
        for number in ("A", "A", "B"):
            given = {"sender": NUMBER, "text": f"{TEXT}!", "id": number}
            assert client.post("/in/sms", data=given, headers=head).status_code == 200
    finally:
        app.config["SETTINGS"] = before
    session.rollback()
    assert len(session.scalars(select(SignalReport)).all()) == 3, "one by its text, and two by their numbers"


def test_the_page_shows_each_channel_and_deletes(session: Session, sign_in: SignIn) -> None:
    for n, state in enumerate((InboundState.READ, InboundState.REFUSED, InboundState.ASIDE)):
        service.accept(Envelope(InboundChannel.LETTER, bytes([n]), 1), fail)
        [*_, item] = items(session)
        reason = item.reason if state is InboundState.ASIDE else ""
        session.execute(update(InboundItem).where(InboundItem.id == item.id).values(state=state, reason=reason))
        session.commit()
    late = now() - timedelta(minutes=61)
    service.record_reading(session, InboundChannel.LETTER, polled=True, at=late)
    session.commit()
    days = health.list_days(session, InboundChannel.LETTER, at=now())
    assert [(it.read, it.refused, it.aside) for it in days] == [(0, 0, 0)] * 13 + [(1, 1, 1)]
    admin = factories.account(session, Role.ADMIN)
    session.commit()
    browser = sign_in(admin)
    page = browser.get("/operator/inbound").text
    assert "Incoming e-mail has not been read for more than an hour." in page
    assert (
        "Message deleted." in browser.post("/operator/inbound", data={"drop": str(item.id)}, follow_redirects=True).text
    )
    assert [str(it.state) for it in items(session)] == ["read", "refused", "dropped"]
    for role in (Role.MODERATOR, Role.POLICYMAKER):
        account = factories.account(session, role)
        session.commit()
        assert sign_in(account).get("/operator/inbound").status_code == 403
