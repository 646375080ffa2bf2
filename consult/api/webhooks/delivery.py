"""Sending: one request at a time for each webhook, in order, with retries at growing pauses.

A request is stored before it is sent, and marked after it was accepted, each in a transaction of its own. If a worker
is killed in between, another sends the request again with the same id. No transaction is open while a request is sent.
"""

from __future__ import annotations

import http.client
import socket
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Timer
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Select, delete, exists, literal_column, select
from sqlalchemy.orm import Session

from consult.accounts.model import Account, Membership
from consult.api.webhooks import service, signatures
from consult.api.webhooks.events import MOST, find_events
from consult.api.webhooks.model import Webhook, WebhookDelivery
from consult.core.clock import now
from consult.core.crypto import unseal, unseal_address
from consult.core.db import transaction
from consult.core.logs import log
from consult.core.web import remote_hosts
from consult.ledger import service as ledger
from consult.mail import service as mail

RETRIES = tuple(timedelta(seconds=pause) for pause in (5, 300, 1800, 7200, 18_000, 36_000))
"""Pauses before each repeated attempt. Source: the schedule of Standard Webhooks, shortened. Then it is off."""
PAUSE = timedelta(seconds=5)
"""Between two requests, unless a full batch waits."""
KEPT = timedelta(days=30)
_WHOLE_SECONDS = 10.0
_LEASE = timedelta(seconds=3 * _WHOLE_SECONDS)
_MOST_ANSWER = 64 * 1024
_GONE = 410
"""A receiver that answers this wants nothing more."""


@dataclass(frozen=True)
class Claimed:
    """A request to send, with the open secrets."""

    hook_id: int
    delivery_id: int
    message_id: str
    address: str
    body: bytes
    held: tuple[str, ...]
    is_full: bool


def list_due(session: Session) -> Sequence[int]:
    """Return the ids of up to 500 webhooks with something to send or look up, longest waiting first."""
    return session.scalars(_select_due().with_only_columns(Webhook.id).order_by(Webhook.next_at).limit(500)).all()


def _select_due() -> Select[Any]:
    """Select the webhooks in use: their account is not suspended and may still submit for the organisation."""
    signs = exists().where(
        Membership.account_id == Webhook.account_id,
        Membership.organisation_id == Webhook.organisation_id,
        Membership.signatory,
    )
    waits = exists().where(WebhookDelivery.webhook_id == Webhook.id, WebhookDelivery.sent_at.is_(None))
    return (
        select(Webhook)
        .join(Account, Account.id == Webhook.account_id)
        .where(
            Webhook.off_at.is_(None),
            Webhook.next_at <= now(),
            Account.suspended_at.is_(None),
            Webhook.organisation_id.is_(None) | signs,
            waits | (Webhook.position < literal_column(ledger.HEAD_SQL)),
        )
    )


def work(hook_id: int, *, budget: float) -> int:
    """Send a webhook's requests until nothing is due or `budget` seconds are over. Return the number of attempts."""
    until, requests = time.monotonic() + budget, 0
    while time.monotonic() < until:
        with transaction() as session:
            claimed = claim(session, hook_id)
        if claimed is None:
            break
        status = send(claimed)
        with transaction() as session:
            note_result(session, claimed, status)
        requests += 1
    return requests


def claim(session: Session, hook_id: int) -> Claimed | None:
    """Return the next request of a webhook and lease the webhook, or None if nothing is due."""
    due = _select_due().where(Webhook.id == hook_id)
    hook: Webhook | None = session.scalar(due.with_for_update(skip_locked=True, of=Webhook))
    if hook is None:
        return None
    waiting = select(WebhookDelivery).where(WebhookDelivery.webhook_id == hook.id, WebhookDelivery.sent_at.is_(None))
    row = session.scalar(waiting.order_by(WebhookDelivery.id).limit(1))
    if row is None:
        events, hook.position = find_events(session, hook)
        if not events:
            return None
        row = service.add_delivery(session, hook, events)
    hook.next_at = now() + _LEASE
    row.attempts += 1
    return Claimed(
        hook.id, row.id, row.message_id, hook.address, row.body.encode(), _open(hook), row.events >= MOST - 1
    )


def _open(hook: Webhook) -> tuple[str, ...]:
    both = hook.former_secret is not None and (hook.former_until or hook.made_at) > now()
    return tuple(unseal(sealed) for sealed in (hook.secret, *([hook.former_secret] if both else [])) if sealed)


def send(claimed: Claimed) -> int:
    """Send a request. Return the HTTP status, or 0 if there was no response."""
    parts, until = urlsplit(claimed.address), time.monotonic() + _WHOLE_SECONDS
    head = signatures.write_headers(claimed.message_id, int(now().timestamp()), claimed.body, claimed.held)
    head |= {"Content-Type": "application/json", "User-Agent": "Consult"}
    try:
        connection = remote_hosts.connect(parts)
        limit = Timer(_WHOLE_SECONDS, _shut, [connection.sock])  # a receiver may send its header byte by byte
        limit.start()
        try:
            connection.request("POST", remote_hosts.write_target(parts), body=claimed.body, headers=head)
            answer = connection.getresponse()
            remote_hosts.read_answer(answer, until, _MOST_ANSWER)
        finally:
            limit.cancel()
            connection.close()
    except (OSError, http.client.HTTPException, ValueError) as error:
        log.info("webhooks.no_answer", webhook=claimed.hook_id, error=type(error).__name__)
        return 0
    return int(answer.status)


def _shut(connected: socket.socket) -> None:
    with suppress(OSError):
        connected.shutdown(socket.SHUT_RDWR)


def note_result(session: Session, claimed: Claimed, status: int) -> None:
    """Store the result of an attempt, and when the next one is due."""
    hook = session.get(Webhook, claimed.hook_id, with_for_update=True)
    row = session.get(WebhookDelivery, claimed.delivery_id)
    if hook is None or row is None:  # deleted meanwhile
        return
    at, row.status = now(), status
    if 200 <= status < 300:
        row.sent_at, hook.failures = at, 0
        hook.next_at = at if claimed.is_full else at + PAUSE
        return
    hook.failures += 1
    if status != _GONE and hook.failures <= len(RETRIES):
        hook.next_at = at + RETRIES[hook.failures - 1]
    else:
        _switch_off(session, hook, at)


def _switch_off(session: Session, hook: Webhook, at: datetime) -> None:
    """Stop sending and e-mail the owner. Stored requests and the position stay, so that sending can resume."""
    hook.off_at = at
    account = session.get_one(Account, hook.account_id)
    mail.post(
        session,
        key=f"webhook:off:{hook.id}:{int(at.timestamp())}",
        to=unseal_address(account.email_sealed),
        template="api/mail/webhook_off",
        language=account.language,
        address=hook.address,
        number=hook.id,
    )


def forget_old(session: Session) -> None:
    """Delete deliveries that were accepted more than `KEPT` ago."""
    session.execute(delete(WebhookDelivery).where(WebhookDelivery.sent_at < now() - KEPT))
