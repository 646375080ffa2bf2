"""Tables of the health page: heartbeats."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base


class Heartbeat(Base):
    """When a part of the system was last seen doing its work: the clock, and who takes from each queue."""

    __tablename__ = "heartbeat"

    name: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    detail: Mapped[dict[str, Any]]
