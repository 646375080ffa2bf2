"""Objections of authors to the argument that contains their words."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, BigInt, Id


class ObjectionOutcome(StrEnum):
    MOVED = "moved"  # to another argument
    TAKEN_OUT = "taken_out"  # removed from all arguments
    LEFT = "left"  # kept in place, for a reason sent to the author
    LAPSED = "lapsed"  # its author erased the submission first


class ArgumentObjection(Base):
    """An author's objection that a statement does not make the point of its argument. One may be open per author.

    The words are encrypted with the submission's salt, so erasing the submission destroys them and the answer.
    """

    __tablename__ = "argument_objection"
    __table_args__ = (
        Index(
            "uq_argument_objection_open",
            "claim_id",
            "submission_id",
            unique=True,
            postgresql_where=text("outcome IS NULL"),
        ),
        Index("ix_argument_objection_consultation", "consultation_id", "id"),
        Index("ix_argument_objection_submission", "submission_id", "id"),
        Index("ix_argument_objection_claim_id", "claim_id"),
    )

    id: Mapped[Id]
    consultation_id: Mapped[BigInt]
    argument_id: Mapped[BigInt] = mapped_column(ForeignKey("argument.id"))
    # Null once the statement is deleted.
    claim_id: Mapped[BigInt | None] = mapped_column(ForeignKey("claim.id", ondelete="SET NULL"))
    submission_id: Mapped[BigInt] = mapped_column(ForeignKey("submission.id"))
    sealed: Mapped[bytes | None]  # the author's words, if any
    made_at: Mapped[datetime]
    outcome: Mapped[ObjectionOutcome | None]
    answered_at: Mapped[datetime | None]
    account_id: Mapped[BigInt | None] = mapped_column(ForeignKey("account.id"))
    answer: Mapped[str] = mapped_column(server_default="")  # the reason sent to the author
    moved_to_id: Mapped[BigInt | None] = mapped_column(ForeignKey("argument.id"))
