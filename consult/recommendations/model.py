"""Tables of recommendations to a country: sets, single ones, the bodies they were given to, and linked actions."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, BigInt, Id

MAX_WORDS, MAX_SYMBOL, MAX_SESSION, MAX_REASON = 6_000, 100, 100, 1_000
DECLINE_DAYS = 30
"""Days within which a body may decline a recommendation that was given to it."""


class RecommendationSource(StrEnum):
    UPR = "upr"
    TREATY_BODY = "treaty_body"
    SPECIAL_PROCEDURE = "special_procedure"
    CICAD = "cicad"
    INCB = "incb"
    OTHER = "other"


class StatePosition(StrEnum):
    """The position of the State on a recommendation. Source: Human Rights Council, Universal Periodic Review."""

    SUPPORTED = "supported"
    NOTED = "noted"
    IN_PART = "in_part"
    PENDING = "pending"
    NONE = "none"


class RecommendationSet(Base):
    """Recommendations to a country in one document. `sha256` is that of the file they were read from."""

    __tablename__ = "recommendation_set"
    __table_args__ = (
        CheckConstraint("country ~ '^[A-Z]{2}$'", name="to_a_country"),
        CheckConstraint("symbol <> ''", name="cited"),
        UniqueConstraint("country", "symbol"),
    )

    id: Mapped[Id]
    country: Mapped[str]
    source: Mapped[RecommendationSource]
    symbol: Mapped[str]  # of the document, such as A/HRC/59/15
    session: Mapped[str] = mapped_column(default="")
    address: Mapped[str] = mapped_column(default="")
    day: Mapped[date]
    reply_by: Mapped[date | None]  # when the country reports again
    language: Mapped[str]
    sha256: Mapped[bytes]
    kept_at: Mapped[datetime]
    kept_by: Mapped[BigInt | None] = mapped_column(ForeignKey("account.id"))


class CountryRecommendation(Base):
    """A recommendation to a country, as the document words it."""

    __tablename__ = "recommendation"
    __table_args__ = (
        UniqueConstraint("set_id", "number"),
        CheckConstraint("words <> ''", name="worded"),
        Index("ix_recommendation_words", text("words_in_languages(words)"), postgresql_using="gin"),
    )

    id: Mapped[Id]
    set_id: Mapped[BigInt] = mapped_column(ForeignKey("recommendation_set.id"))
    place: Mapped[int]  # in the order of the document
    number: Mapped[str]
    words: Mapped[str]
    states: Mapped[list[Any]] = mapped_column(default=list)  # codes of the recommending States
    position: Mapped[StatePosition]
    themes: Mapped[list[Any]] = mapped_column(default=list)  # as the document words them
    people: Mapped[list[Any]] = mapped_column(default=list)  # groups of persons, as the document words them


class GivenRecommendation(Base):
    """A recommendation given to a body of the country, which may decline it with a reason."""

    __tablename__ = "recommendation_given"
    __table_args__ = (
        CheckConstraint("(declined_at IS NULL) = (reason = '')", name="declined_with_reason"),
        Index("ix_recommendation_given_body", "body_id"),
    )

    recommendation_id: Mapped[BigInt] = mapped_column(ForeignKey("recommendation.id"), primary_key=True)
    body_id: Mapped[BigInt] = mapped_column(ForeignKey("body.id"), primary_key=True)
    given_at: Mapped[datetime]
    given_by: Mapped[BigInt] = mapped_column(ForeignKey("account.id"))
    declined_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(default="")


class RecommendationAction(Base):
    """An action that answers a recommendation."""

    __tablename__ = "recommendation_action"
    __table_args__ = (Index("ix_recommendation_action_action", "action_id"),)

    recommendation_id: Mapped[BigInt] = mapped_column(ForeignKey("recommendation.id"), primary_key=True)
    action_id: Mapped[BigInt] = mapped_column(ForeignKey("action.id", ondelete="CASCADE"), primary_key=True)
    linked_at: Mapped[datetime]
    linked_by: Mapped[BigInt] = mapped_column(ForeignKey("account.id"))


class RecommendationTerm(Base):
    """A topic of a recommendation, confirmed by a person."""

    __tablename__ = "recommendation_term"
    __table_args__ = (Index("ix_recommendation_term_term", "term_id"),)

    recommendation_id: Mapped[BigInt] = mapped_column(ForeignKey("recommendation.id"), primary_key=True)
    term_id: Mapped[BigInt] = mapped_column(ForeignKey("term.id"), primary_key=True)
    confirmed_by: Mapped[BigInt] = mapped_column(ForeignKey("account.id"))
    confirmed_at: Mapped[datetime]
