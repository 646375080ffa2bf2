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
    """A person who can sign in. The e-mail address is encrypted; `email_index` is a keyed hash that finds it."""

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
    # Incremented when sessions end, which also invalidates known devices.
    session_epoch: Mapped[int] = mapped_column(default=0)
    factor_since: Mapped[datetime | None]  # when the first second factor was added; null: none
    # When two-step verification was first requested of a role that requires it.
    factor_asked_at: Mapped[datetime | None]
    suspended_at: Mapped[datetime | None]

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        """Return the account ID for flask_login. The cookie holds the session token instead."""
        return str(self.id)


class Organisation(Base):
    __tablename__ = "organisation"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[OrganisationKind]
    country: Mapped[str]  # ISO 3166-1 alpha-2
    website: Mapped[str | None]
    registry_number: Mapped[str | None]  # number in the country's register, as stated by the organisation
    proven_domain: Mapped[str | None]  # verified by a member
    proven_at: Mapped[datetime | None]
    outcomes_address: Mapped[str | None] = mapped_column(unique=True)  # slug of its public page of outcomes; null: none
    two_people: Mapped[bool] = mapped_column(default=False, server_default="false")
    """True if a second member must approve every submission in the organisation's name."""
    files_for_others: Mapped[bool] = mapped_column(default=False, server_default="false")
    """True if an administrator lets it send submissions of its supporters, each in the supporter's own name."""
    created_at: Mapped[datetime]


class Membership(Base):
    """The right of an account to submit in the name of an organisation."""

    __tablename__ = "membership"
    __table_args__ = (UniqueConstraint("organisation_id", "account_id"),)

    id: Mapped[Id]
    organisation_id: Mapped[BigInt] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"))
    account_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    owner: Mapped[bool] = mapped_column(default=False)
    # May send submissions, not only prepare them.
    signatory: Mapped[bool] = mapped_column(default=True, server_default="true")
    since: Mapped[datetime]


class LinkPurpose(StrEnum):
    VERIFY = "verify"
    SIGN_IN = "sign_in"
    RESET = "reset"
    INVITE = "invite"
    APPROVE = "approve"  # sent to the current address of an account without a password, to confirm a change of address
    MOVE = "move"  # sent to the new address
    UNDO = "undo"  # sent to the old address
    DELETE = "delete"  # deletes an account without a password
    ARRIVES = "arrives"  # confirms that e-mail to the account's address arrives


class LinkToken(Base):
    """A one-time link sent by e-mail, valid for a limited time. Only its hash is stored."""

    __tablename__ = "link_token"

    id: Mapped[Id]
    hash: Mapped[bytes] = mapped_column(unique=True)
    purpose: Mapped[LinkPurpose]
    account_id: Mapped[BigInt | None] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    email_sealed: Mapped[bytes | None]  # address of a person without an account, or the account's new address
    role: Mapped[Role | None]
    organisation_id: Mapped[BigInt | None] = mapped_column(
        ForeignKey("organisation.id", ondelete="CASCADE"), index=True
    )
    invited_by_id: Mapped[BigInt | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"), index=True)
    language: Mapped[str | None]  # language of the e-mail; None: sent before this was stored
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
