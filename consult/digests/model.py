"""Digests, subscriptions and deliveries."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, Big, Id


class Cadence(StrEnum):
    DAILY = "daily"
    WEEKLY = "weekly"
    CLOSING = "closing"


class Subscription(Base):
    """A policymaker's wish to be sent a consultation's digests."""

    __tablename__ = "subscription"
    __table_args__ = (
        UniqueConstraint("account_id", "consultation_id"),
        Index("ix_subscription_live", "consultation_id", "cadence", postgresql_where="ended_at IS NULL"),
    )

    id: Mapped[Id]
    account_id: Mapped[Big] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    consultation_id: Mapped[Big] = mapped_column(ForeignKey("consultation.id", ondelete="CASCADE"))
    cadence: Mapped[Cadence]
    next_cadence: Mapped[Cadence | None]  # wished for; it begins where both series stand at the same number
    language: Mapped[str]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Digest(Base):
    """One edition for one consultation over the ledger entries `[since, until)`. Written once, never changed.

    `slot_at` is the due instant it answers to: however often the clock ticks, a slot has one digest, and the
    windows of one cadence follow each other without gap or overlap. Empty where nothing was new: then no mail.
    """

    __tablename__ = "digest"
    __table_args__ = (
        UniqueConstraint("consultation_id", "cadence", "slot_at"),
        CheckConstraint("since <= until", name="window"),
        Index("uq_digest_window", "consultation_id", "cadence", "since", unique=True, postgresql_where="since < until"),
    )

    id: Mapped[Id]  # the number in /desk/digests/<n>
    consultation_id: Mapped[Big] = mapped_column(ForeignKey("consultation.id"))
    cadence: Mapped[Cadence]
    edition: Mapped[int]  # 1, 2, 3 … within consultation and cadence, not counting empty ones
    slot_at: Mapped[datetime]
    since: Mapped[Big]
    until: Mapped[Big]
    empty: Mapped[bool]
    body: Mapped[dict[str, Any]]  # digests/body.py; the same window gives the same bytes
    compiled_at: Mapped[datetime]


class Delivery(Base):
    """One digest to one subscriber, written in the transaction that compiled it."""

    __tablename__ = "delivery"
    __table_args__ = (Index("ix_delivery_subscription", "subscription_id", "digest_id"),)

    digest_id: Mapped[Big] = mapped_column(ForeignKey("digest.id"), primary_key=True)
    subscription_id: Mapped[Big] = mapped_column(ForeignKey("subscription.id"), primary_key=True)
    letter_id: Mapped[Big] = mapped_column(ForeignKey("letter.id"), unique=True)
