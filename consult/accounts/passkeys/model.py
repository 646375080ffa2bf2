"""Passkeys: WebAuthn credentials of an account."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, BigInt, Id


class Passkey(Base):
    """A public-key credential whose private key stays on a device. Source: W3C Web Authentication, Level 3."""

    __tablename__ = "passkey"

    id: Mapped[Id]
    account_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    credential: Mapped[bytes] = mapped_column(unique=True)
    public_key: Mapped[bytes]
    sign_count: Mapped[BigInt]
    name: Mapped[str]
    transports: Mapped[list[Any]]
    added_at: Mapped[datetime]
    used_at: Mapped[datetime | None]  # rounded down to the hour
