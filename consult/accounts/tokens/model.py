"""Access tokens of accounts."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, BigInt, Id


class Scope(StrEnum):
    """A permission of a token."""

    FILE = "submissions:file"
    FILE_OTHERS = "submissions:file:others"
    READ_OWN = "read:own"
    SAMPLES = "samples:write"
    TABLES = "tables:import"
    WEBHOOKS = "webhooks"


class AccessToken(Base):
    """A token. Only its hash is stored. It acts for `organisation_id` if set, else for its account."""

    __tablename__ = "access_token"

    id: Mapped[Id]
    account_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    organisation_id: Mapped[BigInt | None] = mapped_column(
        ForeignKey("organisation.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str]
    hash: Mapped[bytes] = mapped_column(unique=True)
    scopes: Mapped[list[Any]]
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_on: Mapped[date | None]
