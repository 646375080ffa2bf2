"""Tables of feedback on consultations, and of e-mails that ask for it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, BigInt

QUESTIONS = ("clear", "said", "seen", "time", "again")
"""The five questions in order: columns of `evaluation`."""
CANNOT_SAY = 0
SCALE = (1, 2, 3, 4, 5)
"""From “not at all” to “fully”."""


class EvaluationOpening(Base):
    """The time at which participants of a consultation were asked for feedback.

    The feedback form is not closed again.
    """

    __tablename__ = "evaluation_opening"

    consultation_id: Mapped[BigInt] = mapped_column(ForeignKey("consultation.id", ondelete="CASCADE"), primary_key=True)
    opened_at: Mapped[datetime]


class EvaluationNotice(Base):
    """A pending e-mail to the blind index of an address. The row is deleted when the e-mail is created."""

    __tablename__ = "evaluation_notice"
    __table_args__ = (Index("ix_evaluation_notice_submission", "submission_id"),)

    consultation_id: Mapped[BigInt] = mapped_column(ForeignKey("consultation.id", ondelete="CASCADE"), primary_key=True)
    recipient: Mapped[bytes] = mapped_column(primary_key=True)
    submission_id: Mapped[BigInt] = mapped_column(ForeignKey("submission.id"))  # their latest submission


class Evaluation(Base):
    """The answers of one participant, without identity or time: 0 cannot say, 1 to 5 the scale, null no answer.

    `author` is a keyed hash with the submission's salt. With it the author can change the answers, but the row does not
    identify the submission.
    """

    __tablename__ = "evaluation"
    __table_args__ = (
        *(CheckConstraint(f'"{name}" BETWEEN 0 AND 5', name=f"{name}_on_scale") for name in QUESTIONS),
        Index("ix_evaluation_consultation", "consultation_id"),
    )

    author: Mapped[bytes] = mapped_column(primary_key=True)
    consultation_id: Mapped[BigInt] = mapped_column(ForeignKey("consultation.id", ondelete="CASCADE"))
    clear: Mapped[int | None]
    said: Mapped[int | None]
    seen: Mapped[int | None]
    time: Mapped[int | None]
    again: Mapped[int | None]
    remark_sealed: Mapped[bytes | None]  # for the consultation's owner, never published
