"""Tables of bodies, members and invitations."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, column_property, mapped_column

from consult.core.db import Base, BigInt, Id


class BodyKind(StrEnum):
    UN = "un"
    REGIONAL = "regional"
    MINISTRY = "ministry"
    PARLIAMENT = "parliament"
    AGENCY = "agency"
    CITY = "city"


class BodyRole(StrEnum):
    """A role at a body, valid in all its consultations. For the rights of each role, see consultations/rights.py."""

    LEAD = "lead"
    DRAFTER = "drafter"
    READER = "reader"


_NAMES = "(((name || ' '::text) || COALESCE(code, ''::text)) || ' '::text) || names::text"
"""The expression of names that search for bodies uses."""


class PublicBody(Base):
    """A public body that runs consultations and must answer them, such as a ministry or a secretariat.

    `revision` detects concurrent edits.
    """

    __tablename__ = "body"
    __table_args__ = (
        CheckConstraint("length(logo) <= 65536", name="small_logo"),
        CheckConstraint("promise_days BETWEEN 1 AND 730", name="promise_in_two_years"),
        Index("ix_body_words", text(f"words_in_languages({_NAMES})"), postgresql_using="gin"),
    )

    id: Mapped[Id]
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(unique=True)
    names: Mapped[dict[str, Any]] = mapped_column(default=dict)  # names by language, where they differ
    code: Mapped[str | None] = mapped_column(unique=True)  # its acronym, such as UNODC
    kind: Mapped[BodyKind]
    country: Mapped[str | None]  # ISO 3166-1 alpha-2
    about: Mapped[str] = mapped_column(default="")  # description in Markdown
    address: Mapped[str] = mapped_column(default="")  # postal address
    logo: Mapped[bytes | None] = mapped_column(deferred=True)  # PNG, re-encoded from the upload
    has_logo: Mapped[bool] = column_property(logo.is_not(None))
    colour: Mapped[str | None]  # such as #a3721e; visible on light and dark pages
    promise_days: Mapped[int | None]  # default number of days after closing within which it answers
    domain: Mapped[str | None]  # domain of its website, entered by a lead
    domain_proved_at: Mapped[datetime | None]  # when the domain was verified by DNS
    created_at: Mapped[datetime]
    revision: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": revision}

    def name_in(self, language: str) -> str:
        """Return the name of the body in a language."""
        return str(self.names.get(language) or self.name)


class BodyAlias(Base):
    """A former slug of a body, from another body that was merged into it."""

    __tablename__ = "body_alias"

    slug: Mapped[str] = mapped_column(primary_key=True)
    body_id: Mapped[BigInt] = mapped_column(ForeignKey("body.id", ondelete="CASCADE"))


class BodyMember(Base):
    """A member of a body. A trigger ensures that a body with members has a lead."""

    __tablename__ = "body_member"
    __table_args__ = (UniqueConstraint("body_id", "account_id"),)

    id: Mapped[Id]
    body_id: Mapped[BigInt] = mapped_column(ForeignKey("body.id", ondelete="CASCADE"))
    account_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    role: Mapped[BodyRole]
    since: Mapped[datetime]


class BodyInvitation(Base):
    """The role at a body that an invitation offers in addition to an account."""

    __tablename__ = "body_invitation"

    link_id: Mapped[BigInt] = mapped_column(
        ForeignKey("link_token.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    body_id: Mapped[BigInt] = mapped_column(ForeignKey("body.id", ondelete="CASCADE"), index=True)
    role: Mapped[BodyRole]


class SignOnBody(Base):
    """A body whose members must sign in at one single sign-on provider."""

    __tablename__ = "sign_on_body"

    body_id: Mapped[BigInt] = mapped_column(ForeignKey("body.id", ondelete="CASCADE"), primary_key=True)
    provider_id: Mapped[BigInt] = mapped_column(ForeignKey("sign_on_provider.id", ondelete="CASCADE"), index=True)
