"""Webhooks send each event once by id, in order, in batches, again after failures, and to public hosts only."""

from __future__ import annotations

import base64
import dataclasses
import hmac
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask, current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts import deletion
from consult.accounts.model import Account, Membership
from consult.api.webhooks import delivery, events, service
from consult.api.webhooks.model import Webhook, WebhookDelivery
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.settings import Settings
from consult.core.web import remote_hosts
from consult.ledger import service as ledger
from consult.ledger.model import Kind
from consult.mail.model import Letter
from consult.submissions.model import State, Submission
from tests import factories, filing
from tests.api.webhooks.receiver import Receiver, listening
from tests.responses.answering import answer, argued


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listening() as found:
        yield found


@pytest.fixture
def account(session: Session) -> Account:
    return factories.account(session)


@pytest.fixture
def row(session: Session) -> Consultation:
    return factories.consultation(session)


def add(session: Session, account: Account, receiver: Receiver, *topics: str, organisation: int | None = None) -> int:
    hook, _secret = service.add(session, account, address=receiver.address, topics=topics or ["submission"],
                                organisation_id=organisation)  # fmt: skip
    return hook.id


def publish(session: Session, row: Consultation, count: int, **values: Any) -> list[str]:
    """Publishes so many submissions and numbers their entries."""
    sent = [filing.file(session, row, f"Words {n}", published=True, **values).reference for n in range(count)]
    filing.numbered(session)
    return sent


def work(session: Session, hook_id: int) -> int:
    """Sends what is due, as a worker does: in transactions of its own."""
    session.commit()
    with application().app_context():
        requests = delivery.work(hook_id, budget=30)
    session.expire_all()
    return requests


def application() -> Flask:
    return current_app._get_current_object()  # type: ignore[attr-defined, no-any-return]


def advance(session: Session, hook_id: int, by: timedelta) -> None:
    """As if so much time had passed."""
    hook = session.get_one(Webhook, hook_id)
    hook.next_at -= by
    session.commit()


def test_events_come_in_order_with_a_signature_of_the_secret(
    session: Session, account: Account, row: Consultation, receiver: Receiver
) -> None:
    hook, secret = service.add(session, account, address=receiver.address, topics=["submission"], organisation_id=None)
    references = publish(session, row, 3)
    assert work(session, hook.id) == 1
    [request] = receiver.requests
    assert [(one["kind"], one["reference"]) for one in request.events] == [
        ("submission.published", reference) for reference in references
    ]
    assert all(one["page"].endswith(one["reference"]) for one in request.events)
    signed = f"{request.message_id}.{request.headers['webhook-timestamp']}.".encode() + request.body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
    assert request.headers["webhook-signature"] == f"v1,{expected}"
    assert abs(int(request.headers["webhook-timestamp"]) - now().timestamp()) < 120
    assert work(session, hook.id) == 0


def test_what_happened_before_it_was_added_or_belongs_to_no_topic_is_not_sent(
    session: Session, account: Account, row: Consultation, receiver: Receiver
) -> None:
    publish(session, row, 1)
    number = add(session, account, receiver, "consultation")
    publish(session, row, 1)
    hidden = factories.consultation(session, phase="draft")
    ledger.record(session, Kind.CONSULTATION_CHANGED, subject_id=hidden.id, consultation_id=hidden.id)
    ledger.record(session, Kind.ROLE_CHANGED, subject_id=account.id)
    filing.numbered(session)
    assert (work(session, number), receiver.requests) == (0, [])
    assert session.get_one(Webhook, number).position == ledger.head(session)


def test_many_events_are_sent_in_full_batches_without_a_pause(
    session: Session, account: Account, row: Consultation, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "MOST", 4)
    monkeypatch.setattr(delivery, "MOST", 4)
    number = add(session, account, receiver)
    references = publish(session, row, 10)
    assert work(session, number) == 3
    assert [len(request.events) for request in receiver.requests] == [4, 4, 2]
    assert [one["reference"] for request in receiver.requests for one in request.events] == references


def test_own_events_are_those_of_the_account_or_of_the_organisation(
    session: Session, account: Account, row: Consultation, receiver: Receiver
) -> None:
    organisation = factories.organisation(session)
    session.add(Membership(organisation_id=organisation.id, account_id=account.id, since=now()))
    session.flush()
    mine = add(session, account, receiver, "own", "submission")
    theirs = add(session, account, receiver, "own", organisation=organisation.id)
    own, joint, other = (filing.file(session, row, "Words") for _n in range(3))
    own.account_id, joint.account_id, joint.organisation_id = account.id, account.id, organisation.id
    session.flush()
    for each in (own, joint, other):
        filing.decide(session, each, State.RETURNED, reason="unclear")
    filing.decide(session, own, State.PUBLISHED)
    filing.numbered(session)
    kinds = ["own.submission.received", "own.submission.returned"]
    assert work(session, mine) == 1
    assert [(one["kind"], one["reference"]) for one in receiver.requests[0].events] == [
        *((kind, own.reference) for kind in kinds),
        ("submission.published", own.reference), ("own.submission.published", own.reference),
    ]  # fmt: skip
    assert work(session, theirs) == 1
    assert [(one["kind"], one["reference"]) for one in receiver.requests[1].events] == [
        (kind, joint.reference) for kind in kinds
    ]


def test_an_answer_to_an_own_argument_is_an_own_event(session: Session, account: Account, receiver: Receiver) -> None:
    row, argument = argued(session)
    mine = session.scalars(select(Submission).where(Submission.consultation_id == row.id).order_by(Submission.id)).all()
    mine[0].account_id = account.id
    session.flush()
    number = add(session, account, receiver, "own")
    answer(session, argument)
    filing.numbered(session)
    assert work(session, number) == 1
    [request] = receiver.requests
    assert [(one["kind"], one["reference"]) for one in request.events] == [("own.response.given", mine[0].reference)]


def test_every_topic_sends_kinds_of_events() -> None:
    assert set(events.list_kinds()) == set(events.TOPICS)
    assert all(events.list_kinds().values())
    assert "action.dropped" in events.list_kinds()["action"]


def test_a_refused_request_is_repeated_with_its_id_at_growing_pauses_and_then_it_is_off(
    session: Session, account: Account, row: Consultation, receiver: Receiver
) -> None:
    receiver.decide = lambda _request: 500
    number = add(session, account, receiver)
    publish(session, row, 1)
    for pause in (*delivery.RETRIES, None):
        assert work(session, number) == 1
        assert work(session, number) == 0, "not before its time"
        if pause is not None:
            advance(session, number, pause)
    assert len({(request.message_id, request.body) for request in receiver.requests}) == 1
    assert len(receiver.requests) == 7
    hook = session.get_one(Webhook, number)
    assert hook.off_at is not None
    assert len(session.scalars(select(Letter).where(Letter.key.startswith("webhook:off:"))).all()) == 1
    advance(session, number, timedelta(days=1))
    later = publish(session, row, 1)
    assert work(session, number) == 0
    receiver.decide = lambda _request: 200
    service.resume(session, session.get_one(Webhook, number))
    assert work(session, number) == 1
    advance(session, number, delivery.PAUSE)
    assert work(session, number) == 1
    assert [one["reference"] for one in receiver.requests[-1].events] == later


def test_a_worker_killed_after_sending_sends_the_same_again(
    session: Session, account: Account, row: Consultation, receiver: Receiver
) -> None:
    number = add(session, account, receiver)
    publish(session, row, 2)
    claimed = delivery.claim(session, number)
    session.commit()
    assert claimed is not None
    assert delivery.send(claimed) == 204  # and now it is killed
    assert work(session, number) == 0, "its lease holds"
    advance(session, number, timedelta(minutes=1))
    assert work(session, number) == 1
    first, second = receiver.requests
    assert (first.message_id, first.body) == (second.message_id, second.body)


@pytest.mark.parametrize("status", [0, 301, 302, 404])
def test_no_answer_and_a_redirect_are_failures(
    session: Session, account: Account, row: Consultation, receiver: Receiver, status: int
) -> None:
    receiver.decide = lambda _request: status
    number = add(session, account, receiver)
    publish(session, row, 1)
    assert work(session, number) == 1
    assert session.scalars(select(WebhookDelivery)).one().sent_at is None
    assert len(receiver.requests) == 1


def test_a_receiver_that_is_gone_for_good_is_asked_once(
    session: Session, account: Account, row: Consultation, receiver: Receiver
) -> None:
    receiver.decide = lambda _request: 410
    number = add(session, account, receiver)
    publish(session, row, 1)
    work(session, number)
    assert session.get_one(Webhook, number).off_at is not None


def test_a_replaced_secret_signs_for_a_day_more(
    session: Session, account: Account, row: Consultation, receiver: Receiver
) -> None:
    number = add(session, account, receiver)
    service.replace_secret(session, session.get_one(Webhook, number))
    publish(session, row, 1)
    work(session, number)
    hook = session.get_one(Webhook, number)
    hook.former_until = now()
    service.send_test(session, hook)
    work(session, number)
    assert [len(request.headers["webhook-signature"].split()) for request in receiver.requests] == [2, 1]
    assert receiver.requests[1].events == []


def test_nothing_is_sent_for_a_suspended_account_or_a_lost_organisation(
    session: Session, account: Account, row: Consultation, receiver: Receiver
) -> None:
    organisation = factories.organisation(session)
    member = Membership(organisation_id=organisation.id, account_id=account.id, since=now())
    session.add(member)
    session.flush()
    own, theirs = add(session, account, receiver), add(session, account, receiver, organisation=organisation.id)
    publish(session, row, 1)
    assert sorted(delivery.list_due(session)) == [own, theirs]
    member.signatory = False
    session.flush()
    assert delivery.list_due(session) == [own]
    account.suspended_at = now()
    session.flush()
    assert delivery.list_due(session) == []
    assert (work(session, own), work(session, theirs)) == (0, 0)


def test_webhooks_of_an_erased_account_are_deleted(session: Session, account: Account, receiver: Receiver) -> None:
    add(session, account, receiver)
    deletion.erase_account(session, account)
    assert session.scalars(select(Webhook)).all() == []


def test_accepted_deliveries_are_forgotten_after_their_time(
    session: Session, account: Account, row: Consultation, receiver: Receiver
) -> None:
    number = add(session, account, receiver)
    publish(session, row, 1)
    work(session, number)
    delivery.forget_old(session)
    sent = session.scalars(select(WebhookDelivery)).one()
    sent.sent_at = now() - delivery.KEPT - timedelta(hours=1)
    session.flush()
    delivery.forget_old(session)
    assert session.scalars(select(WebhookDelivery)).all() == []


@pytest.fixture
def production(app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same site without the demo switch."""
    strict = object.__new__(Settings)
    vars(strict).update({one.name: getattr(settings, one.name) for one in dataclasses.fields(settings)}, demo=False)
    monkeypatch.setitem(app.config, "SETTINGS", strict)


@pytest.mark.usefixtures("production")
def test_a_host_whose_name_comes_to_lead_inside_is_not_connected_to(
    session: Session, account: Account, row: Consultation, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = add(session, account, dataclasses.replace(receiver, address="https://receiver.example/hook"))
    port = int(receiver.address.split(":")[2].partition("/")[0])
    monkeypatch.setattr(
        remote_hosts.socket, "getaddrinfo", lambda *_given, **_named: [(2, 1, 6, "", ("127.0.0.1", port))]
    )
    publish(session, row, 1)
    assert work(session, number) == 1
    assert (session.scalars(select(WebhookDelivery)).one().status, receiver.requests) == (0, [])
