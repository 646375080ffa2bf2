"""The table of counted records."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, BigInt


class BodyRecord(Base):
    """The record of a body when it was last counted: see `service.Record`. Made from the answers, never the reverse."""

    __tablename__ = "body_record"

    body_id: Mapped[BigInt] = mapped_column(ForeignKey("body.id", ondelete="CASCADE"), primary_key=True)
    counted_at: Mapped[datetime]
    kept: Mapped[int]
    late: Mapped[int]
    overdue: Mapped[int]
    days: Mapped[int | None]
    changed: Mapped[int]
    deferred: Mapped[int]
    oldest: Mapped[date | None]
    owing: Mapped[int]
    owed: Mapped[list[Any]]  # the first it owes: [argument's number, "YYYY-MM-DD"]
