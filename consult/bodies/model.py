"""Tables of bodies, of who works for them, and of invitations to do so."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
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
    """What somebody does for a body, in all its consultations; what each may do: consultations/rights.py."""

    LEAD = "lead"
    DRAFTER = "drafter"
    READER = "reader"


class PublicBody(Base):
    """Who asks, promises an answer and is measured by it: a ministry, a secretariat. `revision` guards two editors."""

    __tablename__ = "body"
    __table_args__ = (
        CheckConstraint("length(logo) <= 65536", name="small_logo"),
        CheckConstraint("promise_days BETWEEN 1 AND 730", name="promise_in_two_years"),
    )

    id: Mapped[Id]
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(unique=True)
    names: Mapped[dict[str, Any]] = mapped_column(default=dict)  # by language, where it has another name there
    code: Mapped[str | None] = mapped_column(unique=True)  # its acronym, such as UNODC
    kind: Mapped[BodyKind]
    country: Mapped[str | None]  # ISO 3166-1 alpha-2
    about: Mapped[str] = mapped_column(default="")  # Markdown: what it says of itself
    address: Mapped[str] = mapped_column(default="")  # where people write to it
    logo: Mapped[bytes | None] = mapped_column(deferred=True)  # PNG, made anew from what was uploaded
    has_logo: Mapped[bool] = column_property(logo.is_not(None))
    colour: Mapped[str | None]  # such as #a3721e; seen on light and on dark paper
    promise_days: Mapped[int | None]  # within how many days after closing it answers, unless a consultation says else
    domain: Mapped[str | None]  # of its own web address, as a lead typed it
    domain_proved_at: Mapped[datetime | None]  # when a line in the DNS of the domain showed that it is the body's
    created_at: Mapped[datetime]
    revision: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": revision}

    def name_in(self, language: str) -> str:
        """What it is called in a language."""
        return str(self.names.get(language) or self.name)


class BodyAlias(Base):
    """A former address of a body: it was merged into the one that is here now."""

    __tablename__ = "body_alias"

    slug: Mapped[str] = mapped_column(primary_key=True)
    body_id: Mapped[BigInt] = mapped_column(ForeignKey("body.id", ondelete="CASCADE"))


class BodyMember(Base):
    """Somebody who works for a body. A trigger keeps a lead where there is anybody."""

    __tablename__ = "body_member"
    __table_args__ = (UniqueConstraint("body_id", "account_id"),)

    id: Mapped[Id]
    body_id: Mapped[BigInt] = mapped_column(ForeignKey("body.id", ondelete="CASCADE"))
    account_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    role: Mapped[BodyRole]
    since: Mapped[datetime]


class BodyInvitation(Base):
    """What an invitation by letter offers besides an account: a role in a body."""

    __tablename__ = "body_invitation"

    link_id: Mapped[BigInt] = mapped_column(
        ForeignKey("link_token.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    body_id: Mapped[BigInt] = mapped_column(ForeignKey("body.id", ondelete="CASCADE"), index=True)
    role: Mapped[BodyRole]


class SignOnBody(Base):
    """A body whose people sign in at one provider of single sign-on only."""

    __tablename__ = "sign_on_body"

    body_id: Mapped[BigInt] = mapped_column(ForeignKey("body.id", ondelete="CASCADE"), primary_key=True)
    provider_id: Mapped[BigInt] = mapped_column(ForeignKey("sign_on_provider.id", ondelete="CASCADE"), index=True)
