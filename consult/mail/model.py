"""Tables of the outbox: e-mails, their shared contents and their delivery states."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, BigInt, Id


class State(StrEnum):
    """The state of an e-mail. One that failed or was cancelled has a `reason`."""

    PENDING = "pending"
    SENDING = "sending"  # leased by a worker until `next_at`
    UNCERTAIN = "uncertain"  # cut off after the end of DATA: sent again with the same Message-ID, for days
    SENT = "sent"
    FAILED = "failed"  # permanently refused by the server (5xx)
    DEAD = "dead"  # too many attempts: address and content are kept for sending again
    SUPPRESSED = "suppressed"  # must not be sent: bounced before, unsubscribed or erased


WAITING_STATES = (State.PENDING, State.SENDING, State.UNCERTAIN)
CUT_AFTER_END = "cut after the end"
"""The reason of an e-mail whose end was sent but not confirmed by the server. It may have been delivered."""


class LetterContent(Base):
    """The encrypted content of e-mails. One row may serve many, each with its own `fields`."""

    __tablename__ = "letter_content"

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(unique=True)
    language: Mapped[str]
    sealed: Mapped[bytes]  # JSON {subject, text, html}
    attached: Mapped[bytes | None]  # sealed attachment: JSON {name, type, base64}
    shared: Mapped[bool]  # kept after sending: an edition, not a personal link
    built: Mapped[int]  # number of e-mails created with it, for the reconciliation
    created_at: Mapped[datetime]


class Letter(Base):
    """One e-mail to one address. `key` identifies its reason, so the same reason creates no second e-mail."""

    __tablename__ = "letter"
    __table_args__ = (
        Index("ix_letter_due", "next_at", "id", postgresql_where="state IN ('pending','sending','uncertain')"),
        Index("ix_letter_dead", "id", postgresql_where="state = 'dead' AND to_sealed IS NOT NULL"),
        Index("ix_letter_suppressed", "to_index", postgresql_where="state = 'suppressed'"),
    )

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(unique=True)
    content_id: Mapped[BigInt | None] = mapped_column(ForeignKey("letter_content.id"), index=True)
    to_sealed: Mapped[bytes | None]  # deleted in a final state, except for failed e-mails
    to_index: Mapped[bytes]
    fields_sealed: Mapped[bytes | None]  # JSON {name: value} for the placeholders {{name}} in the content
    headers: Mapped[dict[str, Any]]
    message_id: Mapped[str] = mapped_column(unique=True)
    state: Mapped[State] = mapped_column(default=State.PENDING)
    reason: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(default=0)
    cuts: Mapped[int] = mapped_column(default=0, server_default="0")  # attempts after which it may have been delivered
    # Requested just now by the person at this address.
    asked: Mapped[bool] = mapped_column(default=False, server_default="false")
    next_at: Mapped[datetime]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


class Suppression(Base):
    """A closed address, known only by its blind index.

    Unless it is `lasting`, an e-mail requested by the person at the address is still sent once a day.
    """

    __tablename__ = "mail_suppression"

    index: Mapped[bytes] = mapped_column(primary_key=True)
    reason: Mapped[str]
    at: Mapped[datetime]
    lasting: Mapped[bool] = mapped_column(default=False, server_default="false")
    tried_at: Mapped[datetime | None]  # the last requested e-mail that was sent anyway


class AddressFailure(Base):
    """A first failure of an address. A second one at least a day later closes the address."""

    __tablename__ = "mail_address_failure"

    index: Mapped[bytes] = mapped_column(primary_key=True)
    reason: Mapped[str]
    at: Mapped[datetime]  # time of the first failure


class Reconciliation(Base):
    """One check of the outbox: `built = sent + failed + dead + suppressed + waiting`, or an e-mail was lost."""

    __tablename__ = "mail_reconciliation"

    id: Mapped[Id]
    at: Mapped[datetime]
    built: Mapped[int]
    sent: Mapped[int]
    failed: Mapped[int]
    dead: Mapped[int]
    suppressed: Mapped[int]
    waiting: Mapped[int]
    unreachable: Mapped[int]  # waiting without an address or content, so they can never be sent

    @property
    def balanced(self) -> bool:
        """Return whether every e-mail is accounted for."""
        ended = self.sent + self.failed + self.dead + self.suppressed
        return self.built == ended + self.waiting and not self.unreachable
