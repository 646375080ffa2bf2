"""Webhooks of an account or organisation: add, test, send again, replace the secret, delete."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

import msgspec
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from consult.accounts.model import Account, Organisation
from consult.accounts.tokens import service as tokens
from consult.api.webhooks import signatures
from consult.api.webhooks.model import Webhook, WebhookDelivery
from consult.core.clock import now
from consult.core.crypto import seal
from consult.core.errors import Conflict, Forbidden, NotFound, Refusal
from consult.core.i18n import _
from consult.core.web import remote_hosts
from consult.core.web.requests import settings
from consult.ledger import service as ledger

MOST = 10
"""The maximum number of webhooks per account."""
LISTED = 50
"""Deliveries on a page, the newest ones."""
BOTH_SECRETS = timedelta(days=1)
"""The time for which a replaced secret still signs."""
MAX_ADDRESS = 500
_LEAST_PORT = 1024


@dataclass(frozen=True)
class ListedWebhook:
    """A webhook with the name of its organisation, and the number of deliveries that wait."""

    row: Webhook
    organisation: str | None
    waiting: int


def check_address(address: str) -> str:
    """Return the address. Raises a Refusal unless it is https, on port 443 or a high one, of a public host."""
    address = address.strip()
    message = _("Enter a web address that starts with https and uses port 443 or a port from 1024 upwards.")
    if len(address) > MAX_ADDRESS or not remote_hosts.is_safe_address(address):
        raise Refusal(message, field="address")
    parts = urlsplit(address)
    is_plain = parts.scheme != "https" and not settings().demo
    if is_plain or parts.fragment or not (parts.port in (None, 443) or (parts.port or 0) >= _LEAST_PORT):
        raise Refusal(message, field="address")
    if remote_hosts.names_private_host(address):
        raise Refusal(_("This web address is on a private network. Enter a public one."), field="address")
    return address


def add(
    session: Session, account: Account, *, address: str, topics: Collection[str], organisation_id: int | None
) -> tuple[Webhook, str]:
    """Add a webhook for events from now on. Return it with its secret, which is shown once.

    Raises Conflict at the maximum number, and a Refusal for an address that is not accepted. Raises Forbidden for an
    organisation that the account may not submit for.
    """
    held = select(func.count()).where(Webhook.account_id == account.id)
    if (session.scalar(held) or 0) >= MOST:
        raise Conflict(_("You have %(most)s webhooks. Delete one first.", most=MOST))
    if organisation_id is not None and organisation_id not in dict(tokens.list_organisations(session, account)):
        raise Forbidden(_("You do not have permission to submit for this organisation."))
    at, secret = now(), signatures.new_secret()
    row = Webhook(
        account_id=account.id,
        organisation_id=organisation_id,
        address=check_address(address),
        topics=sorted(set(topics)),
        secret=seal(secret),
        made_at=at,
        position=ledger.head(session),
        next_at=at,
    )
    session.add(row)
    session.flush()
    return row, secret


def list_webhooks(session: Session, account_id: int) -> Sequence[ListedWebhook]:
    """Return the account's webhooks, oldest first."""
    waiting = (
        select(func.count())
        .where(WebhookDelivery.webhook_id == Webhook.id, WebhookDelivery.sent_at.is_(None))
        .scalar_subquery()
    )
    rows = session.execute(
        select(Webhook, Organisation.name, waiting)
        .outerjoin(Organisation, Organisation.id == Webhook.organisation_id)
        .where(Webhook.account_id == account_id)
        .order_by(Webhook.id)
    )
    return [ListedWebhook(*row) for row in rows]


def get_webhook(session: Session, account_id: int, number: int, *, lock: bool) -> Webhook:
    """Return a webhook of the account, locked if it is to be changed. Raises NotFound."""
    row = session.get(Webhook, number, with_for_update=lock)
    if row is None or row.account_id != account_id:
        raise NotFound(_("We cannot find this webhook. It may have been deleted."))
    return row


def list_deliveries(session: Session, hook: Webhook) -> Sequence[WebhookDelivery]:
    """Return up to `LISTED` deliveries, newest first."""
    wanted = select(WebhookDelivery).where(WebhookDelivery.webhook_id == hook.id)
    return session.scalars(wanted.order_by(WebhookDelivery.id.desc()).limit(LISTED)).all()


def send_test(session: Session, hook: Webhook) -> None:
    """Add a message without events. A webhook that is off does not send it until it is resumed."""
    add_delivery(session, hook, [])
    hook.next_at = now()


def add_delivery(session: Session, hook: Webhook, events: Sequence[msgspec.Struct]) -> WebhookDelivery:
    """Store the request with these events. It is sent after those before it."""
    at = now()
    body = {
        "type": "events" if events else "test",
        "timestamp": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "data": {"events": events},
    }
    row = WebhookDelivery(webhook_id=hook.id, body=msgspec.json.encode(body).decode(), events=len(events), made_at=at)
    session.add(row)
    session.flush()
    return row


def send_again(session: Session, hook: Webhook, number: int) -> None:
    """Resume sending, this delivery included, with the same id and body. Raises NotFound."""
    row = session.get(WebhookDelivery, number)
    if row is None or row.webhook_id != hook.id:
        raise NotFound(_("We cannot find this delivery. It may have been deleted."))
    row.sent_at, row.attempts = None, 0
    resume(session, hook)


def resume(session: Session, hook: Webhook) -> None:
    """Make all waiting requests due now, and switch the webhook on."""
    hook.off_at, hook.failures, hook.next_at = None, 0, now()
    session.flush()


def replace_secret(session: Session, hook: Webhook) -> str:
    """Set and return a new secret. The previous one also signs for `BOTH_SECRETS`."""
    secret = signatures.new_secret()
    hook.former_secret, hook.former_until, hook.secret = hook.secret, now() + BOTH_SECRETS, seal(secret)
    session.flush()
    return secret


def remove(session: Session, hook: Webhook) -> None:
    """Delete a webhook with its deliveries."""
    session.delete(hook)
    session.flush()


def forget_account(session: Session, account: Account) -> None:
    """Delete the webhooks of an account that is erased."""
    session.execute(delete(Webhook).where(Webhook.account_id == account.id))
