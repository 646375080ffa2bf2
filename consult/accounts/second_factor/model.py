"""Authenticator apps and recovery codes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, BigInt, Id


class Authenticator(Base):
    """An authenticator app. It is active once one of its codes has been entered.

    Source: RFC 6238 (TOTP), with SHA-1, six digits and 30 seconds, which common apps support.
    """

    __tablename__ = "authenticator"

    id: Mapped[Id]
    account_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), unique=True)
    secret_sealed: Mapped[bytes]
    last_step: Mapped[BigInt]  # time step of the last code used; earlier codes are rejected
    made_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]


class RecoveryCode(Base):
    """A one-time replacement for the second factor. Only a keyed hash is stored."""

    __tablename__ = "recovery_code"
    __table_args__ = (UniqueConstraint("account_id", "hash"),)

    id: Mapped[Id]
    account_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    hash: Mapped[bytes]
    used_at: Mapped[datetime | None]
