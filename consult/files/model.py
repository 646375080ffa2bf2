"""Stored files: the upload, the results of the checks, and what may be shown."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, Id


class State(StrEnum):
    """WAITING for checks; CLEAN: has a copy to show; HELD: could not be checked; REFUSED by the checks."""

    WAITING = "waiting"
    CLEAN = "clean"
    HELD = "held"
    REFUSED = "refused"


class StoredFile(Base):
    """A file. Its bytes are in the store, encrypted with this row's salt and unreadable without it.

    A row without a salt was erased. It is kept until the store has deleted the bytes.
    """

    __tablename__ = "stored_file"
    __table_args__ = (Index("ix_stored_file_due", "due_at", postgresql_where="due_at IS NOT NULL"),)

    id: Mapped[Id]
    folder: Mapped[str] = mapped_column(unique=True)  # random prefix of its keys in the store
    salt: Mapped[bytes | None]
    name: Mapped[str]  # original name, for its author and moderators, never public
    nameless: Mapped[bool] = mapped_column(default=False, server_default="false")
    """True if it was sent anonymously. Then its name is not stored, and the upload is deleted once it has a copy."""
    kind: Mapped[str]  # detected type, a key of kinds.KINDS
    size: Mapped[int]
    sha256: Mapped[bytes | None]  # hash of the upload
    state: Mapped[State] = mapped_column(default=State.WAITING)
    reason: Mapped[str | None]  # a key of reasons.REASONS if held or refused
    created_at: Mapped[datetime] = mapped_column(index=True)
    checked_at: Mapped[datetime | None] = mapped_column(index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime | None]  # when it needs work, or the lease of a worker
    clean_kind: Mapped[str | None]  # type of the cleaned copy
    clean_size: Mapped[int | None]
    removed: Mapped[list[Any]] = mapped_column(default=list)  # keys of reasons.REMOVED
    pages: Mapped[int] = mapped_column(default=0)  # number of page images
    page_starts: Mapped[list[Any] | None]  # where each page of a PDF begins in `text`
    text: Mapped[str] = mapped_column(default="")
    outline: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    """Kind and page of each block of the text: see cleaning/blocks.py."""

    @property
    def original(self) -> str:
        return f"{self.folder}/original"

    @property
    def copy(self) -> str:
        """Return the store's key of the cleaned copy."""
        return f"{self.folder}/clean"

    def page(self, number: int) -> str:
        """Return the store's key of a page image, counted from 1."""
        return f"{self.folder}/page-{number}"

    @property
    def everything(self) -> list[str]:
        """Return all keys in the store that may contain data of the file."""
        return [self.original, self.copy, *(self.page(number) for number in range(1, 4))]
