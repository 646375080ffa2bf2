"""The other bodies of a consultation, besides the one whose promise it is."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, BigInt


class PartInConsultation(StrEnum):
    """What another body does in a consultation."""

    ASKS = "asks"  # with the first: it agrees before publication, and may answer
    HEARS = "hears"  # its people read at the desk


class ConsultationBody(Base):
    """Another body of a consultation. A trigger lets nothing be published that a body which asks did not agree to."""

    __tablename__ = "consultation_body"

    consultation_id: Mapped[BigInt] = mapped_column(
        ForeignKey("consultation.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    body_id: Mapped[BigInt] = mapped_column(ForeignKey("body.id"), primary_key=True, autoincrement=False, index=True)
    part: Mapped[PartInConsultation]
    agreed_at: Mapped[datetime | None]
    agreed_by_id: Mapped[BigInt | None] = mapped_column(ForeignKey("account.id"))
