"""Calls of organisations, and which submissions came by them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, BigInt, Id

MAX_PLACES, MAX_PROMPTS = 5, 3
MAX_PROMPT_LENGTH, MAX_WHY_LENGTH = 140, 400
LEAST_TOLD = 5
"""How many must have come by a call for its numbers, and their words, to be told to anybody."""


class CommentCall(Base):
    """A page on which an organisation asks for comments: prompts and an empty box for each place, never a text.

    `revision` guards against two members changing it at once.
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
    places: Mapped[list[Any]]  # permanent ids of provisions, in order
    texts: Mapped[dict[str, Any]]  # by language: {"why": words, "prompts": {permanent id: [questions]}}
    language: Mapped[str]  # of the text that is shown where there is none in the reader's language
    ends_at: Mapped[datetime]
    created_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closed_by_clock: Mapped[bool] = mapped_column(default=False, server_default="false")  # else by a member
    revision: Mapped[int] = mapped_column()
    campaign_id: Mapped[BigInt | None] = mapped_column(ForeignKey("campaign.id"))  # the declared letter beside it

    __mapper_args__ = {"version_id_col": revision}

    def is_running(self, at: datetime) -> bool:
        """Whether it asks now: opened, and neither closed nor over."""
        return self.opened_at is not None and self.closed_at is None and at < self.ends_at


class CallVoice(Base):
    """That a submission was begun on the page of a call. Nobody is shown which: numbers and published words only."""

    __tablename__ = "call_voice"

    submission_id: Mapped[BigInt] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"), primary_key=True)
    call_id: Mapped[BigInt] = mapped_column(ForeignKey("call.id", ondelete="CASCADE"), index=True)
