"""The state of the analysis of one consultation, as of a ledger number."""

from __future__ import annotations

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, Big


class Cursor(Base):
    """How far the ledger has been followed for a consultation: every entry below `upto` is counted."""

    __tablename__ = "analysis_cursor"

    consultation_id: Mapped[Big] = mapped_column(primary_key=True)
    upto: Mapped[Big]


class TextGroup(Base):
    """Submissions of one consultation whose words are the same under `core.text.normalise`."""

    __tablename__ = "text_group"
    __table_args__ = (Index("ix_text_group_copies", "consultation_id", "received", postgresql_where="received > 1"),)

    consultation_id: Mapped[Big] = mapped_column(primary_key=True)
    text_hash: Mapped[bytes] = mapped_column(primary_key=True)
    first_submission_id: Mapped[Big]
    received: Mapped[int]
    published: Mapped[int]
    withheld: Mapped[int]
    withdrawn: Mapped[int]
    erased: Mapped[int]
