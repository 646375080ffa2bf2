"""Tables of the gateway: inbound items, and the time each channel was last read."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, Id


class InboundChannel(StrEnum):
    """A channel through which items arrive."""

    LETTER = "letter"
    MESSAGE = "message"  # text messages
    TABLE = "table"  # drug-checking results, by page, command and API


class InboundState(StrEnum):
    """The processing state of an inbound item."""

    READING = "reading"  # being processed, or the process that did so ended
    READ = "read"
    REFUSED = "refused"  # the sender was told why
    WAITING = "waiting"  # text is stored sealed until the sender opens it
    ASIDE = "aside"  # could not be read
    DROPPED = "dropped"  # deleted by an operator, or put aside for too long


class InboundItem(Base):
    """An inbound item. `key` is a keyed hash of its bytes, so that a repeated item is not read again.

    `sealed` holds the bytes of an item put aside, or the text of a waiting one. It is empty once the item was read.
    """

    __tablename__ = "inbound_item"
    __table_args__ = (
        UniqueConstraint("channel", "key"),
        Index("ix_inbound_item_open", "state", "id", postgresql_where="state NOT IN ('read', 'dropped')"),
        Index("ix_inbound_item_principal", "principal", "arrived_at", postgresql_where="principal IS NOT NULL"),
        Index("ix_inbound_item_arrived", "channel", "arrived_at"),
    )

    id: Mapped[Id]
    channel: Mapped[InboundChannel]
    key: Mapped[bytes]
    arrived_at: Mapped[datetime]
    state: Mapped[InboundState]
    outcome: Mapped[str] = mapped_column(default="", server_default="")  # a code given by the reader
    reason: Mapped[str] = mapped_column(default="", server_default="")  # the cause, if it was put aside
    principal: Mapped[bytes | None]  # keyed hash of the sender, once known
    size: Mapped[int]
    sealed: Mapped[bytes | None]


class InboundReading(Base):
    """The last time a channel was read. Only a `polled` channel is late after an hour without a reading."""

    __tablename__ = "inbound_reading"

    channel: Mapped[InboundChannel] = mapped_column(primary_key=True)
    read_at: Mapped[datetime]
    polled: Mapped[bool]
