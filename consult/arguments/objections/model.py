"""Objections of authors to where their words were put."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, BigInt, Id


class ObjectionOutcome(StrEnum):
    MOVED = "moved"  # to another argument
    TAKEN_OUT = "taken_out"  # of any argument
    LEFT = "left"  # where it was, for a reason that is told
    LAPSED = "lapsed"  # its author erased the submission first


class ArgumentObjection(Base):
    """An author's word that a statement of theirs does not make the point of its argument: each has one open at most.

    The words are sealed under the submission's salt, so erasing the submission destroys them; the answer goes with it.
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
    claim_id: Mapped[BigInt | None] = mapped_column(ForeignKey("claim.id", ondelete="SET NULL"))  # while it is said
    submission_id: Mapped[BigInt] = mapped_column(ForeignKey("submission.id"))
    sealed: Mapped[bytes | None]  # what the author said; nothing where they pressed the button alone
    made_at: Mapped[datetime]
    outcome: Mapped[ObjectionOutcome | None]
    answered_at: Mapped[datetime | None]
    account_id: Mapped[BigInt | None] = mapped_column(ForeignKey("account.id"))
    answer: Mapped[str] = mapped_column(server_default="")  # the reason, to the author
    moved_to_id: Mapped[BigInt | None] = mapped_column(ForeignKey("argument.id"))
