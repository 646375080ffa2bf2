"""Tables of people on call: alarms and the rota."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, BigInt, Id


class AlarmKind(StrEnum):
    """The kind of an alarm."""

    VERIFIED = "verified"  # an emergency by the rule, or by a decision
    UNVERIFIED = "unverified"
    PRACTICE = "practice"


class SignalAlarm(Base):
    """An alarm of a country while something urgent waits. A practice alarm has no country and stays until the next."""

    __tablename__ = "signal_alarm"

    country: Mapped[str] = mapped_column(primary_key=True)  # ISO 3166-1 alpha-2; empty: practice
    kind: Mapped[AlarmKind] = mapped_column(primary_key=True)
    since: Mapped[datetime]
    turn: Mapped[int]  # number of reminders that are due so far
    newest: Mapped[BigInt] = mapped_column(default=0, server_default="0")  # id of the newest report told of
    flood_until: Mapped[datetime | None]  # until then new unverified reports are folded by the hour
    taken_at: Mapped[datetime | None]  # of a practice alarm


class SignalDuty(Base):
    """A turn of an assessor on the rota. Position 1 gets the first e-mail, and 2 is added after 30 minutes."""

    __tablename__ = "signal_duty"
    __table_args__ = (
        CheckConstraint("starts_on <= ends_on", name="in_order"),
        CheckConstraint("position BETWEEN 1 AND 9", name="few_positions"),
        Index("ix_signal_duty_days", "ends_on", "starts_on"),
    )

    id: Mapped[Id]
    account_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
