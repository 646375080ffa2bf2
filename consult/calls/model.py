"""Calls of organisations, and the submissions made through them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, BigInt, Id

MAX_PLACES, MAX_PROMPTS = 5, 3
MAX_PROMPT_LENGTH, MAX_WHY_LENGTH = 140, 400
LEAST_TOLD = 5
"""The minimum number of submissions through a call before numbers and words are shown to anyone."""


class CommentCall(Base):
    """A page on which an organisation asks for comments, with prompts and an empty box for each place.

    Prompts have a limited length, so that they are not a text to copy. `revision` detects concurrent edits.
    """

    __tablename__ = "call"
    __table_args__ = (
        Index("ix_call_organisation", "organisation_id", "id"),
        Index("ix_call_consultation", "consultation_id", "id"),
        Index("ix_call_campaign", "campaign_id"),
        Index("ix_call_running", "ends_at", postgresql_where="opened_at IS NOT NULL AND closed_at IS NULL"),
    )

    id: Mapped[Id]
    slug: Mapped[str] = mapped_column(unique=True)
    organisation_id: Mapped[BigInt] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"))
    consultation_id: Mapped[BigInt] = mapped_column(ForeignKey("consultation.id", ondelete="CASCADE"))
    places: Mapped[list[Any]]  # permanent IDs of provisions, in order
    texts: Mapped[dict[str, Any]]  # by language: {"why": text, "prompts": {permanent ID: [questions]}}
    language: Mapped[str]  # language shown if there is no text in the reader's language
    ends_at: Mapped[datetime]
    created_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    # Closed by the scheduler rather than a member.
    closed_by_clock: Mapped[bool] = mapped_column(default=False, server_default="false")
    revision: Mapped[int] = mapped_column()
    campaign_id: Mapped[BigInt | None] = mapped_column(ForeignKey("campaign.id"))  # the linked campaign

    __mapper_args__ = {"version_id_col": revision}

    def is_running(self, at: datetime) -> bool:
        """Return True if the call is open: opened, not closed and not ended."""
        return self.opened_at is not None and self.closed_at is None and at < self.ends_at


class CallVoice(Base):
    """A submission that was started on the page of a call.

    Pages show counts and published words, without naming the submissions.
    """

    __tablename__ = "call_voice"

    submission_id: Mapped[BigInt] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"), primary_key=True)
    call_id: Mapped[BigInt] = mapped_column(ForeignKey("call.id", ondelete="CASCADE"), index=True)
