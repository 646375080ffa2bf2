"""Table of renewed addresses for reports by e-mail."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, BigInt


class InboundAddress(Base):
    """The time at which a member's address was last renewed. Its token is derived from that."""

    __tablename__ = "inbound_address"

    organisation_id: Mapped[BigInt] = mapped_column(
        ForeignKey("organisation.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    account_id: Mapped[BigInt] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), primary_key=True, autoincrement=False, index=True
    )
    renewed_at: Mapped[datetime]
