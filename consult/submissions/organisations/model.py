"""Who of an organisation was asked to agree to what is sent in its name."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, BigInt, Id


class SignOff(Base):
    """A member who was asked to agree, in the order of the ids. Kept with the submission once it is sent: a record."""

    __tablename__ = "sign_off"
    __table_args__ = (
        Index(
            "uq_sign_off_open",
            "organisation_id",
            "consultation_id",
            "account_id",
            unique=True,
            postgresql_where="submission_id IS NULL",
        ),
    )

    id: Mapped[Id]
    organisation_id: Mapped[BigInt] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"))
    consultation_id: Mapped[BigInt] = mapped_column(ForeignKey("consultation.id", ondelete="CASCADE"), index=True)
    submission_id: Mapped[BigInt | None] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"), index=True)
    account_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    asked_by: Mapped[BigInt | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"), index=True)
    asked_at: Mapped[datetime]
    agreed_at: Mapped[datetime | None]
    mark: Mapped[str]  # of the draft that was agreed to: another text needs another agreement; empty until then
