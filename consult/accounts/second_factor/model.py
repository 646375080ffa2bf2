"""Authenticator apps and recovery codes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, BigInt, Id


class Authenticator(Base):
    """An app that shows a code of six digits every 30 seconds; it counts once a code of it was entered.

    Source: RFC 6238 (TOTP), SHA-1 and 30 seconds, which every app knows.
    """

    __tablename__ = "authenticator"

    id: Mapped[Id]
    account_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), unique=True)
    secret_sealed: Mapped[bytes]
    last_step: Mapped[BigInt]  # number of the 30 seconds of the last code that was used: none of before is taken again
    made_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]


class RecoveryCode(Base):
    """A code that replaces the second factor once. Only a keyed hash is stored."""

    __tablename__ = "recovery_code"
    __table_args__ = (UniqueConstraint("account_id", "hash"),)

    id: Mapped[Id]
    account_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    hash: Mapped[bytes]
    used_at: Mapped[datetime | None]
