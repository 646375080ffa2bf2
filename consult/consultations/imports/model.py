"""Drafts read by a worker: uploaded files, and texts that take too long for a request."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, BigInt, Id


class ImportState(StrEnum):
    WAITING = "waiting"
    READING = "reading"
    READ = "read"
    REFUSED = "refused"


class ImportForm(StrEnum):
    FILE = "file"
    TEXT = "text"  # pasted text
    OUTLINE = "outline"  # a draft with one corrected provision


class DraftImport(Base):
    """An uploaded file or a pasted text.

    `text` is the result, `problem` the reason for a failure in the user's language. `outline` is the parsed text, found
    again by `text_hash`, so that no request parses it.
    """

    __tablename__ = "draft_import"
    __table_args__ = (
        Index("ix_draft_import_open", "id", postgresql_where="ended_at IS NULL"),
        Index("ix_draft_import_created_at", "created_at"),
    )

    id: Mapped[Id]
    consultation_id: Mapped[BigInt] = mapped_column(ForeignKey("consultation.id", ondelete="CASCADE"), index=True)
    page: Mapped[str]  # the page of the upload: draft or next_draft
    form: Mapped[ImportForm] = mapped_column(server_default="file")
    name: Mapped[str]
    size: Mapped[int]
    data: Mapped[bytes] = mapped_column(deferred=True)
    locale: Mapped[str]
    created_at: Mapped[datetime]
    taken_at: Mapped[datetime | None]
    attempts: Mapped[int]
    ended_at: Mapped[datetime | None]
    text: Mapped[str | None] = mapped_column(deferred=True)
    text_hash: Mapped[bytes | None]
    outline: Mapped[str | None] = mapped_column(deferred=True)
    problem: Mapped[str | None]

    @property
    def state(self) -> ImportState:
        if self.ended_at is not None:
            return ImportState.READ if self.problem is None else ImportState.REFUSED
        return ImportState.WAITING if self.taken_at is None else ImportState.READING
