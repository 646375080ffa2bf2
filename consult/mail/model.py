"""Tables of the outbox: letters, their shared contents, and delivery states."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, BigInt, Id


class State(StrEnum):
    """The state of a letter. Every letter that is not sent has a `reason`."""

    PENDING = "pending"
    SENDING = "sending"  # leased by a worker until `next_at`
    UNCERTAIN = "uncertain"  # cut after the end of DATA: sent again with the same Message-ID, for days
    SENT = "sent"
    FAILED = "failed"  # the server said never (5xx)
    DEAD = "dead"  # too many attempts: kept with its address and words, so that it can be sent again
    SUPPRESSED = "suppressed"  # must not be sent: bounced before, unsubscribed, erased


WAITING_STATES = (State.PENDING, State.SENDING, State.UNCERTAIN)
CUT_AFTER_END = "cut after the end"
"""The reason of a letter whose end the server has read and not accepted: it may have arrived, or not."""


class LetterContent(Base):
    """The encrypted content of letters: one row may serve many letters, each with its own `fields` spliced in."""

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
        Index("ix_letter_dead", "id", postgresql_where="state = 'dead' AND to_sealed IS NOT NULL"),
        Index("ix_letter_suppressed", "to_index", postgresql_where="state = 'suppressed'"),
    )

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(unique=True)
    content_id: Mapped[BigInt | None] = mapped_column(ForeignKey("letter_content.id"), index=True)
    to_sealed: Mapped[bytes | None]  # gone once the letter is in a final state, unless it is dead
    to_index: Mapped[bytes]
    fields_sealed: Mapped[bytes | None]  # JSON {name: value} for the places {{name}} in the content
    headers: Mapped[dict[str, Any]]
    message_id: Mapped[str] = mapped_column(unique=True)
    state: Mapped[State] = mapped_column(default=State.PENDING)
    reason: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(default=0)
    cuts: Mapped[int] = mapped_column(default=0, server_default="0")  # attempts after which it may have arrived
    asked: Mapped[bool] = mapped_column(default=False, server_default="false")  # by who is at this address, just now
    next_at: Mapped[datetime]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


class Suppression(Base):
    """An address that must not be written to, known by its blind index only.

    Unless it is `lasting`, a letter that somebody there asks for goes out once a day all the same.
    """

    __tablename__ = "mail_suppression"

    index: Mapped[bytes] = mapped_column(primary_key=True)
    reason: Mapped[str]
    at: Mapped[datetime]
    lasting: Mapped[bool] = mapped_column(default=False, server_default="false")
    tried_at: Mapped[datetime | None]  # the last letter that was asked for and went out all the same


class AddressFailure(Base):
    """A mail server said once that an address is none. A second time, a day later or more, closes the address."""

    __tablename__ = "mail_address_failure"

    index: Mapped[bytes] = mapped_column(primary_key=True)
    reason: Mapped[str]
    at: Mapped[datetime]  # the first time


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
