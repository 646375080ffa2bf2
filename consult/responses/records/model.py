"""Table of counted records."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, BigInt


class BodyRecord(Base):
    """The last counted record of a body: see `service.Record`. Derived from the answers."""

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
    owed: Mapped[list[Any]]  # first overdue or due answers: [argument id, "YYYY-MM-DD"]
