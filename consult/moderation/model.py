"""Moderation decisions."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, Big, Id


class Outcome(StrEnum):
    PUBLISH = "publish"
    RETURN = "return"
    WITHHOLD = "withhold"


class Reason(StrEnum):
    """Why something is not published as it was filed. Shown to the author and counted in public."""

    PERSONAL_DETAILS = "personal_details"
    THIRD_PERSON = "third_person"
    HATE = "hate"
    OFF_TOPIC = "off_topic"
    REPEATED = "repeated"
    ILLEGAL = "illegal"
    UNCLEAR = "unclear"


class Decision(Base):
    """What one moderator decided about one revision of a submission. Written once."""

    __tablename__ = "decision"
    __table_args__ = (
        CheckConstraint("outcome = 'publish' OR reason IS NOT NULL", name="reason_unless_published"),
        Index("ix_decision_submission", "submission_id", "id"),
    )

    id: Mapped[Id]
    submission_id: Mapped[Big] = mapped_column(ForeignKey("submission.id"))
    revision: Mapped[int]  # of the submission that was read
    moderator_id: Mapped[Big] = mapped_column(ForeignKey("account.id"))
    outcome: Mapped[Outcome]
    reason: Mapped[Reason | None]
    note: Mapped[str]  # to the author
    at: Mapped[datetime]
