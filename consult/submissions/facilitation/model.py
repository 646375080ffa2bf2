"""Tables of groups that submissions speak for, at a meeting or in writing."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, BigInt, Id


class Consent(StrEnum):
    """The way in which a group consented to the submission."""

    SPOKEN = "spoken"
    WRITTEN = "written"


class Facilitation(Base):
    """A meeting recorded by a facilitator. It is open until a submission is linked to it."""

    __tablename__ = "facilitation"
    __table_args__ = (
        CheckConstraint("present > 0", name="somebody_was_there"),
        Index(
            "uq_facilitation_open",
            "consultation_id",
            "account_id",
            unique=True,
            postgresql_where="submission_id IS NULL",
        ),
    )

    id: Mapped[Id]
    consultation_id: Mapped[BigInt] = mapped_column(ForeignKey("consultation.id"))
    account_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id"), index=True)
    submission_id: Mapped[BigInt | None] = mapped_column(ForeignKey("submission.id"), unique=True)
    present: Mapped[int]
    group: Mapped[str]  # one of the consultation's groups, or empty
    consent: Mapped[Consent]
    held_on: Mapped[date]
    created_at: Mapped[datetime]


class WrittenGroup(Base):
    """A group of the consultation that a written submission speaks for, according to its author."""

    __tablename__ = "written_group"

    submission_id: Mapped[BigInt] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"), primary_key=True)
    group: Mapped[str]  # one of the consultation's groups
