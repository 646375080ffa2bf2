"""Operations on webhooks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import request

from consult.accounts.model import Account
from consult.accounts.tokens.model import Scope
from consult.api import authorisation
from consult.api.contract import operation, prepare
from consult.api.reading.queries import to_iso
from consult.api.webhooks import service
from consult.api.webhooks.model import Webhook, WebhookDelivery
from consult.api.webhooks.records import DeliveryRecord, WebhookInput, WebhookReceipt, WebhookRecord
from consult.core.db import db
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.core.web.access import Allow
from consult.core.web.requests import Blueprint

blueprint = prepare(Blueprint("api_webhooks", __name__))
_ONE = "/webhooks/<int(max=9007199254740991):number>"
_NEEDS: dict[str, Any] = {"allow": Allow.PROGRAM, "scope": Scope.WEBHOOKS}


@operation(blueprint, "GET", "/webhooks", list[WebhookRecord], **_NEEDS)
def list_webhooks() -> list[WebhookRecord]:
    """List the webhooks of the token's account or organisation."""
    token = authorisation.get_token(Scope.WEBHOOKS)
    rows = service.list_webhooks(db.session(), token.account_id)
    return [_to_record(each.row, each.waiting) for each in rows if each.row.organisation_id == token.organisation_id]


@operation(blueprint, "POST", "/webhooks", WebhookReceipt, body=WebhookInput, status=201, **_NEEDS)
def add_webhook(body: WebhookInput) -> WebhookReceipt:
    """Add a webhook. It gets events from now on."""
    token = authorisation.get_token(Scope.WEBHOOKS)
    row, secret = service.add(
        db.session(),
        db.session().get_one(Account, token.account_id),
        address=body.address,
        topics=body.topics,
        organisation_id=token.organisation_id,
    )
    return _to_receipt(row, secret)


@operation(blueprint, "DELETE", _ONE, WebhookRecord, **_NEEDS)
def delete_webhook(number: int) -> WebhookRecord:
    """Delete a webhook."""
    hook = _find(number)
    answer = _to_record(hook, 0)
    service.remove(db.session(), hook)
    return answer


@operation(blueprint, "GET", f"{_ONE}/deliveries", list[DeliveryRecord], **_NEEDS)
def list_deliveries(number: int) -> list[DeliveryRecord]:
    """List the newest requests of a webhook, newest first."""
    return _list_deliveries(service.list_deliveries(db.session(), _find(number)))


@operation(blueprint, "POST", f"{_ONE}/deliveries/<int(max=9007199254740991):delivery>/again", WebhookRecord, **_NEEDS)
def send_delivery_again(number: int, delivery: int) -> WebhookRecord:
    """Send a request again, with the same id and body."""
    hook = _find(number)
    service.send_again(db.session(), hook, delivery)
    return _to_record(hook, _count_waiting(hook))


@operation(blueprint, "POST", f"{_ONE}/resume", WebhookRecord, **_NEEDS)
def resume_webhook(number: int) -> WebhookRecord:
    """Send everything that waits now, also after the last retry failed."""
    hook = _find(number)
    service.resume(db.session(), hook)
    return _to_record(hook, _count_waiting(hook))


@operation(blueprint, "POST", f"{_ONE}/test", WebhookRecord, **_NEEDS)
def test_webhook(number: int) -> WebhookRecord:
    """Send a message without events."""
    hook = _find(number)
    service.send_test(db.session(), hook)
    return _to_record(hook, _count_waiting(hook))


@operation(blueprint, "POST", f"{_ONE}/secret", WebhookReceipt, **_NEEDS)
def replace_secret(number: int) -> WebhookReceipt:
    """Replace the secret. The former one signs as well for a day."""
    hook = _find(number)
    return _to_receipt(hook, service.replace_secret(db.session(), hook))


def _find(number: int) -> Webhook:
    token = authorisation.get_token(Scope.WEBHOOKS)
    hook = service.get_webhook(db.session(), token.account_id, number, lock=request.method != "GET")
    if hook.organisation_id != token.organisation_id:
        raise NotFound(_("We cannot find this webhook. It may have been deleted."))
    return hook


def _count_waiting(hook: Webhook) -> int:
    return sum(row.sent_at is None for row in service.list_deliveries(db.session(), hook))


def _to_record(row: Webhook, waiting: int) -> WebhookRecord:
    return WebhookRecord(row.id, row.address, row.topics, waiting, row.off_at is not None, to_iso(row.made_at))


def _to_receipt(row: Webhook, secret: str) -> WebhookReceipt:
    return WebhookReceipt(
        row.id, row.address, row.topics, 0, row.off_at is not None, to_iso(row.made_at), secret=secret
    )


def _list_deliveries(rows: Sequence[WebhookDelivery]) -> list[DeliveryRecord]:
    return [
        DeliveryRecord(
            number=row.id,
            message=row.message_id,
            events=row.events,
            made=to_iso(row.made_at),
            attempts=row.attempts,
            status=row.status,
            accepted=to_iso(row.sent_at) if row.sent_at else None,
        )
        for row in rows
    ]
