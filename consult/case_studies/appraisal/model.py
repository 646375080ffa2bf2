"""Who was asked to appraise what; and the names and memberships of before, by which conflicts are found."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, BigInt, Id


class AppraisalRequest(Base):
    """That somebody was asked to appraise a case study: once, with one reminder at most. An appraisal answers it."""

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


class FormerTie(Base):
    """That somebody was a member of an organisation, or worked for a body, until then. Triggers write it."""

    __tablename__ = "former_tie"
    __table_args__ = (
        CheckConstraint("(organisation_id IS NULL) <> (body_id IS NULL)", name="one_of_two"),
        Index("ix_former_tie_account", "account_id"),
        Index("ix_former_tie_ended", "ended_at"),
    )

    id: Mapped[Id]
    account_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    organisation_id: Mapped[BigInt | None] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"))
    body_id: Mapped[BigInt | None] = mapped_column(ForeignKey("body.id", ondelete="CASCADE"))
    ended_at: Mapped[datetime]


class FormerName(Base):
    """What an organisation or a body was called before; also that of a body merged into it. Triggers write it."""

    __tablename__ = "former_name"
    __table_args__ = (
        CheckConstraint("(organisation_id IS NULL) <> (body_id IS NULL)", name="one_of_two"),
        Index("ix_former_name_organisation", "organisation_id"),
        Index("ix_former_name_body", "body_id"),
    )

    id: Mapped[Id]
    organisation_id: Mapped[BigInt | None] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"))
    body_id: Mapped[BigInt | None] = mapped_column(ForeignKey("body.id", ondelete="CASCADE"))
    name: Mapped[str]
    until: Mapped[datetime]
