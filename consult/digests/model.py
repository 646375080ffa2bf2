"""Digests, subscriptions and deliveries."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Dialect, ForeignKey, Index, Text, TypeDecorator, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, BigInt, Id
from consult.digests.content.body import Body
from consult.digests.content.body_json import Json, from_json, to_json, write_record
from consult.digests.figures.summary import Summary, read_summary


class Cadence(StrEnum):
    DAILY = "daily"
    WEEKLY = "weekly"
    CLOSING = "closing"
    IMMEDIATE = "immediate"  # of an early warning: publications are e-mailed immediately
    DEMAND = "demand"  # on request; cannot be subscribed to


class BodyColumn(TypeDecorator[Body]):
    """The body of an edition as JSON. An empty edition has an empty object, read as None."""

    impl = JSONB
    cache_ok = True

    def process_bind_param(self, value: Body | None, dialect: Dialect) -> Json:
        return to_json(value) if value else {}

    def process_result_value(self, value: Json | None, dialect: Dialect) -> Body | None:
        return from_json(value) if value else None


class SummaryColumn(TypeDecorator[Summary]):
    """The summary as JSON. It is an empty object, read as None, until it is first computed."""

    impl = JSONB
    cache_ok = True

    def process_bind_param(self, value: Summary | None, dialect: Dialect) -> Json:
        return write_record(value) if value else {}

    def process_result_value(self, value: Json | None, dialect: Dialect) -> Summary | None:
        return read_summary(value) if value else None


class Subscription(Base):
    """A policymaker's subscription to the digests of a consultation."""

    __tablename__ = "subscription"
    __table_args__ = (
        UniqueConstraint("account_id", "consultation_id"),
        Index("ix_subscription_live", "consultation_id", "cadence", postgresql_where="ended_at IS NULL"),
    )

    id: Mapped[Id]
    account_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    consultation_id: Mapped[BigInt] = mapped_column(ForeignKey("consultation.id", ondelete="CASCADE"))
    cadence: Mapped[Cadence]
    next_cadence: Mapped[Cadence | None]  # requested; starts where both series have reached the same entry
    language: Mapped[str]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    paused_until: Mapped[datetime | None]


class Digest(Base):
    """One edition for one consultation over the ledger entries `[since, until)`. Its body is written once.

    `slot_at` is its due time: a slot has one digest, even if the scheduler runs several times. The windows of one
    cadence follow each other without gap or overlap. Empty, and not e-mailed, if nothing was new. After a fault of the
    clock, `slot_repair` may change the slot and the window.
    """

    __tablename__ = "digest"
    __table_args__ = (
        UniqueConstraint("consultation_id", "cadence", "slot_at"),
        CheckConstraint("since <= until", name="window"),
        Index("uq_digest_window", "consultation_id", "cadence", "since", unique=True, postgresql_where="since < until"),
    )

    id: Mapped[Id]  # the ID in /desk/digests/<n>
    consultation_id: Mapped[BigInt] = mapped_column(ForeignKey("consultation.id"))
    cadence: Mapped[Cadence]
    edition: Mapped[int]  # 1, 2, 3 … within consultation and cadence, not counting empty ones
    slot_at: Mapped[datetime]
    since: Mapped[BigInt]
    until: Mapped[BigInt]
    empty: Mapped[bool]
    body: Mapped[Body | None] = mapped_column(BodyColumn, nullable=False)  # the same window gives the same bytes
    compiled_at: Mapped[datetime]


class Delivery(Base):
    """A digest to one subscriber. Several can share a combined e-mail."""

    __tablename__ = "delivery"
    __table_args__ = (Index("ix_delivery_subscription", "subscription_id", "digest_id"),)

    digest_id: Mapped[BigInt] = mapped_column(ForeignKey("digest.id"), primary_key=True)
    subscription_id: Mapped[BigInt] = mapped_column(ForeignKey("subscription.id"), primary_key=True)
    letter_id: Mapped[BigInt] = mapped_column(ForeignKey("letter.id"), index=True)


class WaitingDigest(Base):
    """A digest that waits for others of the day, for a reader with combined e-mails."""

    __tablename__ = "digest_waiting"

    digest_id: Mapped[BigInt] = mapped_column(ForeignKey("digest.id"), primary_key=True)
    subscription_id: Mapped[BigInt] = mapped_column(ForeignKey("subscription.id", ondelete="CASCADE"), primary_key=True)
    account_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)


class DigestQuote(Base):
    """A comment quoted in a digest. Later changes to it become an erratum of the digest."""

    __tablename__ = "digest_quote"
    __table_args__ = (Index("ix_digest_quote_submission", "submission_id", "digest_id"),)

    digest_id: Mapped[BigInt] = mapped_column(ForeignKey("digest.id"), primary_key=True)
    comment_id: Mapped[BigInt] = mapped_column(primary_key=True)
    submission_id: Mapped[BigInt]
    sha256: Mapped[bytes]  # keyed hash of the whole comment as it was public: quote_hashes.py


class RefusedDigest(Base):
    """A digest that was not sent because its numbers contradict each other. Deleted once one of its series is sent."""

    __tablename__ = "digest_refused"

    consultation_id: Mapped[BigInt] = mapped_column(ForeignKey("consultation.id", ondelete="CASCADE"), primary_key=True)
    cadence: Mapped[Cadence] = mapped_column(primary_key=True)
    slot_at: Mapped[datetime]
    reason: Mapped[str]  # numbers only, for operators
    at: Mapped[datetime]


class UnprintedDigest(Base):
    """A digest whose sheet could not be made in a language, so that it was not attached. Deleted once it can be."""

    __tablename__ = "digest_unprinted"

    digest_id: Mapped[BigInt] = mapped_column(ForeignKey("digest.id"), primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


class EarlyWarning(Base):
    """A consultation with urgent news: publications are e-mailed immediately to subscribers who want that."""

    __tablename__ = "early_warning"

    consultation_id: Mapped[BigInt] = mapped_column(ForeignKey("consultation.id", ondelete="CASCADE"), primary_key=True)
    at: Mapped[datetime]  # start, or time of news that ends the pause after the last e-mail


class DigestPreferences(Base):
    """A reader's delivery settings for digests."""

    __tablename__ = "digest_reader"

    account_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    joined: Mapped[bool] = mapped_column(default=False)  # one e-mail for all consultations of a cadence


class HeardSummary(Base):
    """The cached page “What we heard”, with the ledger entry it is as of."""

    __tablename__ = "heard_summary"

    consultation_id: Mapped[BigInt] = mapped_column(ForeignKey("consultation.id", ondelete="CASCADE"), primary_key=True)
    told: Mapped[BigInt] = mapped_column(default=0)  # ledger number of the data
    data: Mapped[Summary | None] = mapped_column(SummaryColumn, nullable=False)
    at: Mapped[datetime]


class HeardSubmission(Base):
    """The current counts of one submission in `HeardCount`, so that a recount first subtracts them."""

    __tablename__ = "heard_counted"
    __table_args__ = (
        Index("ix_heard_counted_unplaced", "consultation_id", "submission_id", postgresql_where="unplaced"),
    )

    submission_id: Mapped[BigInt] = mapped_column(ForeignKey("submission.id"), primary_key=True)
    consultation_id: Mapped[BigInt]
    text_hash: Mapped[bytes]
    unplaced: Mapped[bool]  # published, on no paragraph and no question
    spots: Mapped[list[str]] = mapped_column(ARRAY(Text))  # places of its comments
    facts: Mapped[list[str]] = mapped_column(ARRAY(Text))  # "dimension key", repeated as often as it counts


class HeardCount(Base):
    """A number of “What we heard”: published submissions by kind, country, language or place, or comments by day."""

    __tablename__ = "heard_count"

    consultation_id: Mapped[BigInt] = mapped_column(primary_key=True)
    dimension: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    n: Mapped[int]


class HeardText(Base):
    """The number of published submissions with the same words on a part of the draft. A campaign letter is one text."""

    __tablename__ = "heard_text"

    consultation_id: Mapped[BigInt] = mapped_column(primary_key=True)
    place: Mapped[str] = mapped_column(primary_key=True)
    text_hash: Mapped[bytes] = mapped_column(primary_key=True)
    n: Mapped[int]
