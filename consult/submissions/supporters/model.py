"""Table of consents of supporters."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, BigInt


class SupporterConsent(Base):
    """The organisation that sent a submission for its author, and the author's consent.

    Erasure deletes the consent, so that only the organisation remains, for its count.
    """

    __tablename__ = "supporter_consent"

    submission_id: Mapped[BigInt] = mapped_column(
        ForeignKey("submission.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    organisation_id: Mapped[BigInt] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"), index=True)
    salt: Mapped[bytes | None]
    sealed: Mapped[bytes | None]  # {"text", "given_at", "confirmed"} as JSON
