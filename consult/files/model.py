"""Stored files: the upload, the results of the checks, and what may be shown."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, Id


class State(StrEnum):
    """WAITING for its checks; CLEAN: there is a copy to show; HELD: the checks could not be made; REFUSED by them."""

    WAITING = "waiting"
    CLEAN = "clean"
    HELD = "held"
    REFUSED = "refused"


class StoredFile(Base):
    """One file. The bytes are in the store, encrypted with this row's salt: without it nobody can read them.

    A row without a salt was erased; it is kept until the store has let go of the bytes.
    """

    __tablename__ = "stored_file"
    __table_args__ = (Index("ix_stored_file_due", "due_at", postgresql_where="due_at IS NOT NULL"),)

    id: Mapped[Id]
    folder: Mapped[str] = mapped_column(unique=True)  # random: where its bytes lie in the store
    salt: Mapped[bytes | None]
    name: Mapped[str]  # as it was called by whoever sent it: for them and moderators, never public
    nameless: Mapped[bool] = mapped_column(default=False, server_default="false")
    """Sent without identity: what it was called is not kept, and what was sent goes as soon as its copy is made."""
    kind: Mapped[str]  # what it is by its content, a key of kinds.KINDS
    size: Mapped[int]
    sha256: Mapped[bytes | None]  # of what was sent
    state: Mapped[State] = mapped_column(default=State.WAITING)
    reason: Mapped[str | None]  # a key of reasons.REASONS, where it is held or refused
    created_at: Mapped[datetime] = mapped_column(index=True)
    checked_at: Mapped[datetime | None] = mapped_column(index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime | None]  # when there is work to do on it; a lease while somebody does it
    clean_kind: Mapped[str | None]  # of the copy that is shown
    clean_size: Mapped[int | None]
    removed: Mapped[list[Any]] = mapped_column(default=list)  # keys of reasons.REMOVED
    pages: Mapped[int] = mapped_column(default=0)  # how many page images there are
    text: Mapped[str] = mapped_column(default="")

    @property
    def original(self) -> str:
        return f"{self.folder}/original"

    @property
    def copy(self) -> str:
        """The store's key of the cleaned copy."""
        return f"{self.folder}/clean"

    def page(self, number: int) -> str:
        """The store's key of a page image, counted from 1."""
        return f"{self.folder}/page-{number}"

    @property
    def everything(self) -> list[str]:
        """All the places in the store where something of it may lie."""
        return [self.original, self.copy, *(self.page(number) for number in range(1, 4))]
