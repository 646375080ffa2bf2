"""Providers of single sign-on and the identities linked to accounts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, BigInt, Id
from consult.core.web.access import Role


class SignOnProvider(Base):
    """An OpenID provider added by an administrator."""

    __tablename__ = "sign_on_provider"

    id: Mapped[Id]
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    issuer: Mapped[str] = mapped_column(unique=True)
    client_id: Mapped[str]
    secret_sealed: Mapped[bytes | None]  # null: a public client
    domains: Mapped[list[Any]]  # e-mail domains of the provider, in lower case
    claim: Mapped[str]  # the claim from which roles are read; empty: none
    roles: Mapped[dict[str, Any]]  # value of the claim → role; never administrator
    own_factor: Mapped[bool]  # whether it asks for a second factor itself
    added_at: Mapped[datetime]


class SignOnIdentity(Base):
    """An identity at a provider, by its permanent subject, and the account it signs in to."""

    __tablename__ = "sign_on_identity"
    __table_args__ = (UniqueConstraint("provider_id", "subject"),)

    id: Mapped[Id]
    provider_id: Mapped[BigInt] = mapped_column(ForeignKey("sign_on_provider.id", ondelete="CASCADE"))
    subject: Mapped[str]
    account_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    role: Mapped[Role | None]  # granted by the provider and removed with its claim
    linked_at: Mapped[datetime]


class SignOnAttempt(Base):
    """A browser that was redirected to a provider. The row is deleted on return or after some minutes."""

    __tablename__ = "sign_on_attempt"

    id: Mapped[Id]
    hash: Mapped[bytes] = mapped_column(unique=True)  # hash of `state`
    browser: Mapped[bytes]  # hash of a value in the browser's cookie
    provider_id: Mapped[BigInt] = mapped_column(ForeignKey("sign_on_provider.id", ondelete="CASCADE"), index=True)
    nonce_sealed: Mapped[bytes]
    verifier_sealed: Mapped[bytes]
    next: Mapped[str]
    begun_at: Mapped[datetime]
