"""Tables of an organisation's sign-off: members asked to approve, and their answers."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, BigInt, Id


class SignOff(Base):
    """A member asked to approve, in the order of the ids. After sending, it is a record kept with the submission."""

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
    mark: Mapped[str]  # fingerprint of the approved draft. Another text needs another approval. Empty until then


class SignOffAct(StrEnum):
    ASKED = "asked"
    AGREED = "agreed"
    NOT_YET = "not_yet"
    ASKED_AGAIN = "asked_again"
    ENDED = "ended"


class SignOffEvent(Base):
    """An act of a member in a draft's sign-off, in the order of the ids. Deleted with the draft.

    After sending, it is kept with the submission, without `sealed`.
    """

    __tablename__ = "sign_off_event"
    __table_args__ = (Index("ix_sign_off_event_of", "organisation_id", "consultation_id", "id"),)

    id: Mapped[Id]
    organisation_id: Mapped[BigInt] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"))
    consultation_id: Mapped[BigInt] = mapped_column(ForeignKey("consultation.id", ondelete="CASCADE"), index=True)
    draft_id: Mapped[BigInt | None] = mapped_column(ForeignKey("draft.id", ondelete="CASCADE"), index=True)
    submission_id: Mapped[BigInt | None] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"), index=True)
    account_id: Mapped[BigInt | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"), index=True)
    act: Mapped[SignOffAct]
    at: Mapped[datetime]
    salt: Mapped[bytes | None]
    sealed: Mapped[bytes | None]  # for AGREED the draft as JSON, for NOT_YET the reason
