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
from consult.digests.results.summary import Summary, read_summary


class Cadence(StrEnum):
    DAILY = "daily"
    WEEKLY = "weekly"
    CLOSING = "closing"
    IMMEDIATE = "immediate"  # of an early warning: what is published is told at once
    DEMAND = "demand"  # when somebody asks; nobody subscribes to it


class BodyColumn(TypeDecorator[Body]):
    """The body of an edition as JSON; that of an empty edition is an empty object, and read as None."""

    impl = JSONB
    cache_ok = True

    def process_bind_param(self, value: Body | None, dialect: Dialect) -> Json:
        return to_json(value) if value else {}

    def process_result_value(self, value: Json | None, dialect: Dialect) -> Body | None:
        return from_json(value) if value else None


class SummaryColumn(TypeDecorator[Summary]):
    """What was heard as JSON; an empty object until it is counted for the first time, and read as None."""

    impl = JSONB
    cache_ok = True

    def process_bind_param(self, value: Summary | None, dialect: Dialect) -> Json:
        return write_record(value) if value else {}

    def process_result_value(self, value: Json | None, dialect: Dialect) -> Summary | None:
        return read_summary(value) if value else None


class Subscription(Base):
    """A policymaker's wish to be sent a consultation's digests."""

    __tablename__ = "subscription"
    __table_args__ = (
        UniqueConstraint("account_id", "consultation_id"),
        Index("ix_subscription_live", "consultation_id", "cadence", postgresql_where="ended_at IS NULL"),
    )

    id: Mapped[Id]
    account_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    consultation_id: Mapped[BigInt] = mapped_column(ForeignKey("consultation.id", ondelete="CASCADE"))
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
    """One digest to one subscriber. Several may share a letter: that of a reader who wishes one for all."""

    __tablename__ = "delivery"
    __table_args__ = (Index("ix_delivery_subscription", "subscription_id", "digest_id"),)

    digest_id: Mapped[BigInt] = mapped_column(ForeignKey("digest.id"), primary_key=True)
    subscription_id: Mapped[BigInt] = mapped_column(ForeignKey("subscription.id"), primary_key=True)
    letter_id: Mapped[BigInt] = mapped_column(ForeignKey("letter.id"), index=True)


class WaitingDigest(Base):
    """A digest for a reader who wishes one letter for all: it waits for the others of its day."""

    __tablename__ = "digest_waiting"

    digest_id: Mapped[BigInt] = mapped_column(ForeignKey("digest.id"), primary_key=True)
    subscription_id: Mapped[BigInt] = mapped_column(ForeignKey("subscription.id", ondelete="CASCADE"), primary_key=True)
    account_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)


class DigestQuote(Base):
    """A comment that a digest quotes: what happens to it later is an erratum of that digest."""

    __tablename__ = "digest_quote"
    __table_args__ = (Index("ix_digest_quote_submission", "submission_id", "digest_id"),)

    digest_id: Mapped[BigInt] = mapped_column(ForeignKey("digest.id"), primary_key=True)
    comment_id: Mapped[BigInt] = mapped_column(primary_key=True)
    submission_id: Mapped[BigInt]
    sha256: Mapped[bytes]  # keyed, of the whole comment as the public could read it then: quote_hashes.py


class RefusedDigest(Base):
    """A digest that was not sent because its numbers contradict each other; gone once one of its series is."""

    __tablename__ = "digest_refused"

    consultation_id: Mapped[BigInt] = mapped_column(ForeignKey("consultation.id", ondelete="CASCADE"), primary_key=True)
    cadence: Mapped[Cadence] = mapped_column(primary_key=True)
    slot_at: Mapped[datetime]
    reason: Mapped[str]  # numbers only, for whoever operates this
    at: Mapped[datetime]


class UnprintedDigest(Base):
    """A digest whose sheet could not be made in a language, so that its letters went without; gone once it can be."""

    __tablename__ = "digest_unprinted"

    digest_id: Mapped[BigInt] = mapped_column(ForeignKey("digest.id"), primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


class EarlyWarning(Base):
    """A consultation with urgent news: each publication is sent at once to subscribers who wish so."""

    __tablename__ = "early_warning"

    consultation_id: Mapped[BigInt] = mapped_column(ForeignKey("consultation.id", ondelete="CASCADE"), primary_key=True)
    at: Mapped[datetime]  # since when; or when news came for which the next letter does not wait


class DigestPreferences(Base):
    """How somebody wishes to be sent digests."""

    __tablename__ = "digest_reader"

    account_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    joined: Mapped[bool] = mapped_column(default=False)  # one letter for all consultations of a cadence


class HeardSummary(Base):
    """The cached page "What we heard", with the ledger number it was made at."""

    __tablename__ = "heard_summary"

    consultation_id: Mapped[BigInt] = mapped_column(ForeignKey("consultation.id", ondelete="CASCADE"), primary_key=True)
    told: Mapped[BigInt] = mapped_column(default=0)  # the number the data was made at
    data: Mapped[Summary | None] = mapped_column(SummaryColumn, nullable=False)
    at: Mapped[datetime]


class HeardSubmission(Base):
    """The present counts of one submission in `HeardCount`, so that a recount first subtracts them."""

    __tablename__ = "heard_counted"
    __table_args__ = (
        Index("ix_heard_counted_unplaced", "consultation_id", "submission_id", postgresql_where="unplaced"),
    )

    submission_id: Mapped[BigInt] = mapped_column(ForeignKey("submission.id"), primary_key=True)
    consultation_id: Mapped[BigInt]
    text_hash: Mapped[bytes]
    unplaced: Mapped[bool]  # published, and about no paragraph and no question
    spots: Mapped[list[str]] = mapped_column(ARRAY(Text))  # places it speaks to
    facts: Mapped[list[str]] = mapped_column(ARRAY(Text))  # "dimension key", a fact as often as it counts


class HeardCount(Base):
    """A number of "What we heard": of published submissions by kind, country, language, place; of comments by day."""

    __tablename__ = "heard_count"

    consultation_id: Mapped[BigInt] = mapped_column(primary_key=True)
    dimension: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    n: Mapped[int]


class HeardText(Base):
    """How many published submissions say the same words at a place: a letter sent by many is one text."""

    __tablename__ = "heard_text"

    consultation_id: Mapped[BigInt] = mapped_column(primary_key=True)
    place: Mapped[str] = mapped_column(primary_key=True)
    text_hash: Mapped[bytes] = mapped_column(primary_key=True)
    n: Mapped[int]
