"""Tables of coalitions: readers of a shared draft, their notes, and notes open when it was sent."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, BigInt, Id


class CoalitionReader(Base):
    """An organisation whose members may read another's draft and add notes with conditions for signing."""

    __tablename__ = "coalition_reader"

    draft_id: Mapped[BigInt] = mapped_column(ForeignKey("draft.id", ondelete="CASCADE"), primary_key=True)
    organisation_id: Mapped[BigInt] = mapped_column(
        ForeignKey("organisation.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    asked_at: Mapped[datetime]


class CoalitionNote(Base):
    """A note on a shared draft before signing, sealed with the draft's token and deleted with the draft."""

    __tablename__ = "coalition_note"
    __table_args__ = (Index("ix_coalition_note_draft", "draft_id", "id"),)

    id: Mapped[Id]
    draft_id: Mapped[BigInt] = mapped_column(ForeignKey("draft.id", ondelete="CASCADE"))
    organisation_id: Mapped[BigInt] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"))
    account_id: Mapped[BigInt | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    place: Mapped[str]  # name of the place. Empty for the whole draft
    words: Mapped[bytes]
    made_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]


class OpenNote(Base):
    """An organisation with an open note when the draft was sent. The submission names it."""

    __tablename__ = "open_note"

    submission_id: Mapped[BigInt] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"), primary_key=True)
    organisation_id: Mapped[BigInt] = mapped_column(
        ForeignKey("organisation.id", ondelete="CASCADE"), primary_key=True, index=True
    )
