"""Tables of offices and of early-warning assessors."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, BigInt, Id


class OfficeKind(StrEnum):
    """The role of an office in a country."""

    FOCAL_POINT = "focal_point"
    LABORATORY_NETWORK = "laboratory_network"
    REGIONAL_CENTRE = "regional_centre"


class SignalOffice(Base):
    """A body that issues warnings for a country. A closed one keeps its row, because editions name it."""

    __tablename__ = "signal_office"
    __table_args__ = (UniqueConstraint("body_id", "country"),)

    id: Mapped[Id]
    body_id: Mapped[BigInt] = mapped_column(ForeignKey("body.id"))
    country: Mapped[str]  # ISO 3166-1 alpha-2
    kind: Mapped[OfficeKind]
    since: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class SignalSeat(Base):
    """An early-warning assessor. Only assessors open the pages of triage, and some are on call for emergencies.

    One with an office decides in its country, one without in all countries.
    """

    __tablename__ = "signal_seat"

    account_id: Mapped[BigInt] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    on_call: Mapped[bool] = mapped_column(default=False, server_default="false")
    since: Mapped[datetime]
    office_id: Mapped[BigInt | None] = mapped_column(ForeignKey("signal_office.id"), index=True)
