"""Digests, subscriptions and deliveries."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, Big, Id


class Cadence(StrEnum):
    DAILY = "daily"
    WEEKLY = "weekly"
    CLOSING = "closing"
    IMMEDIATE = "immediate"  # of an early warning: what is published is told at once
    DEMAND = "demand"  # when somebody asks; nobody subscribes to it


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
    paused_until: Mapped[datetime | None]


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
    """One digest to one subscriber. Several may share a letter: that of a reader who wishes one for all."""

    __tablename__ = "delivery"
    __table_args__ = (Index("ix_delivery_subscription", "subscription_id", "digest_id"),)

    digest_id: Mapped[Big] = mapped_column(ForeignKey("digest.id"), primary_key=True)
    subscription_id: Mapped[Big] = mapped_column(ForeignKey("subscription.id"), primary_key=True)
    letter_id: Mapped[Big] = mapped_column(ForeignKey("letter.id"), index=True)


class Waiting(Base):
    """A digest for a reader who wishes one letter for all: it waits for the others of its day."""

    __tablename__ = "digest_waiting"

    digest_id: Mapped[Big] = mapped_column(ForeignKey("digest.id"), primary_key=True)
    subscription_id: Mapped[Big] = mapped_column(ForeignKey("subscription.id", ondelete="CASCADE"), primary_key=True)
    account_id: Mapped[Big] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)


class DigestQuote(Base):
    """A comment that a digest quotes: what happens to it later is an erratum of that digest."""

    __tablename__ = "digest_quote"
    __table_args__ = (Index("ix_digest_quote_submission", "submission_id", "digest_id"),)

    digest_id: Mapped[Big] = mapped_column(ForeignKey("digest.id"), primary_key=True)
    comment_id: Mapped[Big] = mapped_column(primary_key=True)
    submission_id: Mapped[Big]
    sha256: Mapped[bytes]  # of the whole comment as the public could read it then


class Refused(Base):
    """A digest that was not sent because its numbers contradict each other; gone once one of its series is."""

    __tablename__ = "digest_refused"

    consultation_id: Mapped[Big] = mapped_column(ForeignKey("consultation.id", ondelete="CASCADE"), primary_key=True)
    cadence: Mapped[Cadence] = mapped_column(primary_key=True)
    slot_at: Mapped[datetime]
    reason: Mapped[str]  # numbers only, for whoever operates this
    at: Mapped[datetime]


class EarlyWarning(Base):
    """A consultation whose news cannot wait: each publication is told at once to who wishes so."""

    __tablename__ = "early_warning"

    consultation_id: Mapped[Big] = mapped_column(ForeignKey("consultation.id", ondelete="CASCADE"), primary_key=True)
    at: Mapped[datetime]


class Reader(Base):
    """How somebody wishes to be sent digests."""

    __tablename__ = "digest_reader"

    account_id: Mapped[Big] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    joined: Mapped[bool] = mapped_column(default=False)  # one letter for all consultations of a cadence


class HeardSummary(Base):
    """What the page "What we heard" says, and how far the ledger was followed for it."""

    __tablename__ = "heard_summary"

    consultation_id: Mapped[Big] = mapped_column(ForeignKey("consultation.id", ondelete="CASCADE"), primary_key=True)
    upto: Mapped[Big]  # counted: every entry below
    told: Mapped[Big] = mapped_column(default=0)  # the number the data was made at
    data: Mapped[dict[str, Any]]
    at: Mapped[datetime]


class HeardCounted(Base):
    """How one submission is counted in `HeardCount` just now, so that counting it anew first takes back that."""

    __tablename__ = "heard_counted"
    __table_args__ = (
        Index("ix_heard_counted_unplaced", "consultation_id", "submission_id", postgresql_where="unplaced"),
    )

    submission_id: Mapped[Big] = mapped_column(ForeignKey("submission.id"), primary_key=True)
    consultation_id: Mapped[Big]
    text_hash: Mapped[bytes]
    unplaced: Mapped[bool]  # published, and about no paragraph and no question
    spots: Mapped[list[Any]] = mapped_column(ARRAY(Text))  # places it speaks to
    facts: Mapped[list[Any]] = mapped_column(ARRAY(Text))  # "dimension key", a fact as often as it counts


class HeardCount(Base):
    """A number of "What we heard": of published submissions by kind, country, language, place; of comments by day."""

    __tablename__ = "heard_count"

    consultation_id: Mapped[Big] = mapped_column(primary_key=True)
    dimension: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    n: Mapped[int]


class HeardText(Base):
    """How many published submissions say the same words at a place: a letter sent by many is one text."""

    __tablename__ = "heard_text"

    consultation_id: Mapped[Big] = mapped_column(primary_key=True)
    place: Mapped[str] = mapped_column(primary_key=True)
    text_hash: Mapped[bytes] = mapped_column(primary_key=True)
    n: Mapped[int]
