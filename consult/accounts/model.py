"""Accounts, organisations, memberships, and the links that verify an address."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, BigInt, Id
from consult.core.languages import DEFAULT_LANGUAGE
from consult.core.web.access import Role


class OrganisationKind(StrEnum):
    NGO = "ngo"
    COMMUNITY = "community"
    NETWORK = "network"
    ACADEMIC = "academic"
    HEALTH_SERVICE = "health_service"
    GROWERS = "growers"
    FAITH = "faith"
    PROFESSIONAL = "professional"
    LAW_ENFORCEMENT = "law_enforcement"
    YOUTH = "youth"


class Account(Base):
    """A person who can sign in. The address is sealed; `email_index` finds it without showing it."""

    __tablename__ = "account"

    id: Mapped[Id]
    email_index: Mapped[bytes] = mapped_column(unique=True)
    email_sealed: Mapped[bytes]
    display_name: Mapped[str]
    password_hash: Mapped[str | None]
    role: Mapped[Role] = mapped_column(default=Role.CONTRIBUTOR)
    language: Mapped[str] = mapped_column(default=DEFAULT_LANGUAGE)
    verified_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    session_epoch: Mapped[int] = mapped_column(default=0)  # raised when sessions end: known devices are none any more
    factor_since: Mapped[datetime | None]  # since when it has a second factor; null: none
    factor_asked_at: Mapped[datetime | None]  # when somebody who must have one was first asked to set one up
    suspended_at: Mapped[datetime | None]

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        """What flask_login asks for; the cookie has the session's token instead."""
        return str(self.id)


class Organisation(Base):
    __tablename__ = "organisation"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[OrganisationKind]
    country: Mapped[str]  # ISO 3166-1 alpha-2
    website: Mapped[str | None]
    registry_number: Mapped[str | None]  # in the register of its country, as it says
    proven_domain: Mapped[str | None]  # that a member has shown to control
    proven_at: Mapped[datetime | None]
    outcomes_address: Mapped[str | None] = mapped_column(unique=True)  # of its public page of outcomes; null: none
    two_people: Mapped[bool] = mapped_column(default=False, server_default="false")
    """Whether nobody sends in its name what no second member has agreed to."""
    created_at: Mapped[datetime]


class Membership(Base):
    """An account that may file in the name of an organisation."""

    __tablename__ = "membership"
    __table_args__ = (UniqueConstraint("organisation_id", "account_id"),)

    id: Mapped[Id]
    organisation_id: Mapped[BigInt] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"))
    account_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    owner: Mapped[bool] = mapped_column(default=False)
    signatory: Mapped[bool] = mapped_column(default=True, server_default="true")  # may send; else only prepares
    since: Mapped[datetime]


class LinkPurpose(StrEnum):
    VERIFY = "verify"
    SIGN_IN = "sign_in"
    RESET = "reset"
    INVITE = "invite"
    APPROVE = "approve"  # at the present address of an account without a password: its owner wants another one
    MOVE = "move"  # at the new address
    UNDO = "undo"  # at the old address
    DELETE = "delete"  # of an account without a password
    ARRIVES = "arrives"  # shows that letters to the account's address arrive again


class LinkToken(Base):
    """A link sent by e-mail, good once and for a time; only its hash is stored."""

    __tablename__ = "link_token"

    id: Mapped[Id]
    hash: Mapped[bytes] = mapped_column(unique=True)
    purpose: Mapped[LinkPurpose]
    account_id: Mapped[BigInt | None] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    email_sealed: Mapped[bytes | None]  # of who has no account yet; or the address that the account is to have
    role: Mapped[Role | None]
    organisation_id: Mapped[BigInt | None] = mapped_column(
        ForeignKey("organisation.id", ondelete="CASCADE"), index=True
    )
    invited_by_id: Mapped[BigInt | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"), index=True)
    language: Mapped[str | None]  # of the letter; None: sent before this was kept
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
