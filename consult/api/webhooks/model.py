"""Tables of webhooks and of what was sent to them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, BigInt, Id


class Webhook(Base):
    """An address that gets the events of its `topics`. It belongs to `organisation_id` if set, else to its account.

    `position` is the number of the next entry of the public record. It moves in the transaction that stores the
    delivery with the events before it.
    """

    __tablename__ = "webhook"

    id: Mapped[Id]
    account_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    organisation_id: Mapped[BigInt | None] = mapped_column(
        ForeignKey("organisation.id", ondelete="CASCADE"), index=True
    )
    address: Mapped[str]
    topics: Mapped[list[Any]]
    secret: Mapped[bytes]  # sealed
    former_secret: Mapped[bytes | None]  # sealed. Signs too, until `former_until`
    former_until: Mapped[datetime | None]
    made_at: Mapped[datetime]
    position: Mapped[BigInt]
    next_at: Mapped[datetime] = mapped_column(index=True)  # of the next attempt, or the end of a worker's lease
    failures: Mapped[int] = mapped_column(default=0)  # attempts in a row
    off_at: Mapped[datetime | None]  # when the last retry had failed


class WebhookDelivery(Base):
    """One request: a batch of events. Its body and id are the same at every attempt."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        Index("ix_webhook_delivery_order", "webhook_id", "id"),
        Index("ix_webhook_delivery_waiting", "webhook_id", "id", unique=False, postgresql_where="sent_at IS NULL"),
    )

    id: Mapped[Id]
    webhook_id: Mapped[BigInt] = mapped_column(ForeignKey("webhook.id", ondelete="CASCADE"))
    body: Mapped[str]
    events: Mapped[int]  # 0 in a test message
    made_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    status: Mapped[int | None]  # of the last answer. 0: there was none
    sent_at: Mapped[datetime | None]  # when the receiver accepted it

    @property
    def message_id(self) -> str:
        """Return the id by which a receiver recognises a repeated request."""
        return f"msg_{self.id}"
