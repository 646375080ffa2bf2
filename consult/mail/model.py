"""The outbox: what is written, to whom, and how far it got."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, Big, Id


class State(StrEnum):
    """Where a letter is. Every letter that is not sent says why in `reason`."""

    PENDING = "pending"
    SENDING = "sending"  # leased by a worker until `next_at`
    UNCERTAIN = "uncertain"  # cut after the end of DATA: sent once more with the same Message-ID
    SENT = "sent"
    FAILED = "failed"  # the server said never (5xx)
    DEAD = "dead"  # too many attempts
    SUPPRESSED = "suppressed"  # must not be sent: bounced before, unsubscribed, erased


WAITING = (State.PENDING, State.SENDING, State.UNCERTAIN)
CUT_AFTER_END = "cut after the end"
"""The reason of a letter that may have arrived: it is sent once more, with the same Message-ID, and never again."""


class Content(Base):
    """What a letter says, sealed: one row may serve many letters, each with its own `fields` spliced in."""

    __tablename__ = "letter_content"

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(unique=True)
    language: Mapped[str]
    sealed: Mapped[bytes]  # JSON {subject, text, html}
    attached: Mapped[bytes | None]  # a file that goes with it, sealed: JSON {name, type, base64}
    shared: Mapped[bool]  # kept after sending: an edition, not somebody's link
    built: Mapped[int]  # letters written with it so far: what the reconciler holds the states against
    created_at: Mapped[datetime]


class Letter(Base):
    """One letter to one address. `key` names its reason: the same reason is the same letter."""

    __tablename__ = "letter"
    __table_args__ = (
        Index("ix_letter_due", "next_at", "id", postgresql_where="state IN ('pending','sending','uncertain')"),
    )

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(unique=True)
    content_id: Mapped[Big | None] = mapped_column(ForeignKey("letter_content.id"), index=True)
    to_sealed: Mapped[bytes | None]  # gone once the letter is in a final state
    to_index: Mapped[bytes]
    fields_sealed: Mapped[bytes | None]  # JSON {name: value} for the places {{name}} in the content
    headers: Mapped[dict[str, Any]]
    message_id: Mapped[str] = mapped_column(unique=True)
    state: Mapped[State] = mapped_column(default=State.PENDING)
    reason: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


class Suppression(Base):
    """An address that must not be written to, known by its blind index only."""

    __tablename__ = "mail_suppression"

    index: Mapped[bytes] = mapped_column(primary_key=True)
    reason: Mapped[str]
    at: Mapped[datetime]


class Reconciliation(Base):
    """One check of the outbox: `built = sent + failed + dead + suppressed + waiting`, or something was lost."""

    __tablename__ = "mail_reconciliation"

    id: Mapped[Id]
    at: Mapped[datetime]
    built: Mapped[int]
    sent: Mapped[int]
    failed: Mapped[int]
    dead: Mapped[int]
    suppressed: Mapped[int]
    waiting: Mapped[int]
    unreachable: Mapped[int]  # waiting without an address or words: they could never be sent

    @property
    def balanced(self) -> bool:
        """Whether every letter written is accounted for."""
        ended = self.sent + self.failed + self.dead + self.suppressed
        return self.built == ended + self.waiting and not self.unreachable
