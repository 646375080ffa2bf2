"""Tables of countries: dated facts with their source, and memberships of regional bodies."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, BigInt, Id

MAX_TITLE, MAX_WORDS, MAX_SOURCE = 300, 4_000, 500


class FactKind(StrEnum):
    """The kind of a fact. Source of the treaty actions: United Nations Treaty Collection, Glossary."""

    SIGNATURE = "signature"
    RATIFICATION = "ratification"
    ACCESSION = "accession"
    SUCCESSION = "succession"
    ACCEPTANCE = "acceptance"
    APPROVAL = "approval"
    CONFIRMATION = "confirmation"
    RESERVATION = "reservation"
    DECLARATION = "declaration"
    WITHDRAWAL = "withdrawal"
    LAW = "law"
    SCHEDULE = "schedule"
    JUDGMENT = "judgment"


BINDING = (
    FactKind.RATIFICATION,
    FactKind.ACCESSION,
    FactKind.SUCCESSION,
    FactKind.ACCEPTANCE,
    FactKind.APPROVAL,
    FactKind.CONFIRMATION,
)
"""Kinds by which a country becomes a party to a treaty."""
NATIONAL = (FactKind.LAW, FactKind.SCHEDULE, FactKind.JUDGMENT)
"""Kinds that are not about a treaty, and so have a title of their own."""


class Precision(StrEnum):
    """The part of a date that is known. The rest of the stored date is the first of the month or year."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"


class CountryFact(Base):
    """A dated fact about a country with its source. A correction is another row that replaces it."""

    __tablename__ = "country_fact"
    __table_args__ = (
        CheckConstraint("source <> ''", name="sourced"),
        CheckConstraint("country ~ '^[A-Z]{2}$'", name="of_a_country"),
        CheckConstraint("kind IN ('law', 'schedule', 'judgment') OR term_id IS NOT NULL", name="of_a_treaty"),
        CheckConstraint("kind NOT IN ('law', 'schedule', 'judgment') OR title <> ''", name="titled"),
        Index("ix_country_fact_country", "country"),
        Index("ix_country_fact_term", "term_id"),
        Index(
            "uq_country_fact_current",
            "country",
            "kind",
            text("coalesce(term_id, 0)"),
            "day",
            "title",
            unique=True,
            postgresql_where="replaced_by IS NULL",
        ),
        Index(
            "ix_country_fact_words", text("words_in_languages((title || ' '::text) || words)"), postgresql_using="gin"
        ),
    )

    id: Mapped[Id]
    country: Mapped[str]  # ISO 3166-1 alpha-2
    kind: Mapped[FactKind]
    term_id: Mapped[BigInt | None] = mapped_column(ForeignKey("term.id"))  # the treaty, or a topic of a law
    title: Mapped[str] = mapped_column(default="")  # of a law, schedule or judgment
    words: Mapped[str] = mapped_column(default="")  # the text of a reservation, or a summary
    language: Mapped[str]
    day: Mapped[date]
    precision: Mapped[Precision]
    source: Mapped[str]  # web address or citation
    looked_on: Mapped[date | None]  # when a person compared it with the source
    kept_at: Mapped[datetime]
    kept_by: Mapped[BigInt | None] = mapped_column(ForeignKey("account.id"))
    replaced_by: Mapped[BigInt | None] = mapped_column(ForeignKey("country_fact.id"))


class BodyMembership(Base):
    """A membership of a body for a time, by a country or another body. A commission is a member of its organisation."""

    __tablename__ = "body_membership"
    __table_args__ = (
        CheckConstraint("(country IS NULL) <> (member_id IS NULL)", name="of_one_member"),
        CheckConstraint("member_id <> body_id", name="of_another"),
        CheckConstraint("since <= until", name="in_order"),
        CheckConstraint("source <> ''", name="sourced"),
        Index("ix_body_membership_country", "country"),
        Index("ix_body_membership_member", "member_id"),
        Index(
            "uq_body_membership_since",
            "body_id",
            text("coalesce(country, '')"),
            text("coalesce(member_id, 0)"),
            "since",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
    )

    id: Mapped[Id]
    body_id: Mapped[BigInt] = mapped_column(ForeignKey("body.id"))
    country: Mapped[str | None]
    member_id: Mapped[BigInt | None] = mapped_column(ForeignKey("body.id"))
    since: Mapped[date | None]
    until: Mapped[date | None]
    source: Mapped[str]
    looked_on: Mapped[date | None]
