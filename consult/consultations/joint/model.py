"""The other bodies of a consultation, besides its main body."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, BigInt


class PartInConsultation(StrEnum):
    """The role of another body in a consultation."""

    ASKS = "asks"  # consults too: agrees before publication, and may answer
    HEARS = "hears"  # its members can read in the workspace


class ConsultationBody(Base):
    """Another body of a consultation. A trigger forbids publication before every consulting body has agreed."""

    __tablename__ = "consultation_body"

    consultation_id: Mapped[BigInt] = mapped_column(
        ForeignKey("consultation.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    body_id: Mapped[BigInt] = mapped_column(ForeignKey("body.id"), primary_key=True, autoincrement=False, index=True)
    part: Mapped[PartInConsultation]
    agreed_at: Mapped[datetime | None]
    agreed_by_id: Mapped[BigInt | None] = mapped_column(ForeignKey("account.id"))
