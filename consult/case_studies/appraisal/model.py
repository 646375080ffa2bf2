"""Requests for reviews."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, BigInt, Id


class AppraisalRequest(Base):
    """A request to review a case study, sent once with at most one reminder. A review completes it."""

    __tablename__ = "appraisal_request"
    __table_args__ = (
        UniqueConstraint("case_study_id", "account_id"),
        Index("ix_appraisal_request_due", "due_at", postgresql_where="declined_at IS NULL AND reminded_at IS NULL"),
    )

    id: Mapped[Id]
    case_study_id: Mapped[BigInt] = mapped_column(ForeignKey("case_study.id", ondelete="CASCADE"))
    account_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id"), index=True)
    asked_by_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id"))
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime]
    reminded_at: Mapped[datetime | None]
    declined_at: Mapped[datetime | None]
