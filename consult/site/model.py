"""Table of heartbeats for the health page."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base


class Heartbeat(Base):
    """The last activity of a part of the system: the scheduler, or the workers of a queue."""

    __tablename__ = "heartbeat"

    name: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    detail: Mapped[dict[str, Any]]
