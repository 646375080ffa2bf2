"""Tables of partners: the key that signs what this site shares, partners, and what was taken from them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, BigInt, Id


class PeerState(StrEnum):
    """The result of the last fetch."""

    UNCONFIRMED = "unconfirmed"  # nothing is fetched until an administrator has compared the key
    OK = "ok"
    QUIET = "quiet"  # no answer
    REFUSED = "refused"  # the signature is wrong, the list is older, or a record is not valid
    KEY_CHANGED = "key_changed"  # nothing is fetched any more


class SharingKey(Base):
    """The id and signing key of this installation. One row. It signs nothing but lists of shared records."""

    __tablename__ = "sharing_key"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    installation: Mapped[str]  # UUID
    public: Mapped[bytes]
    private: Mapped[bytes]  # sealed
    made_at: Mapped[datetime]


class Peer(Base):
    """An installation that an administrator named. `key` is pinned when it is added and used once confirmed."""

    __tablename__ = "peer"

    id: Mapped[Id]
    address: Mapped[str] = mapped_column(unique=True)  # such as https://consult.example.org/
    name: Mapped[str]
    installation: Mapped[str] = mapped_column(unique=True)
    key: Mapped[bytes]
    takes: Mapped[list[Any]]  # values of ItemKind
    every_minutes: Mapped[int]
    state: Mapped[PeerState] = mapped_column(default=PeerState.UNCONFIRMED)
    added_at: Mapped[datetime]
    added_by: Mapped[BigInt | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    confirmed_by: Mapped[BigInt | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    next_at: Mapped[datetime] = mapped_column(index=True)
    checked_at: Mapped[datetime | None]  # when the partner last gave a valid list, changed or not
    etag: Mapped[str] = mapped_column(default="")
    position: Mapped[BigInt] = mapped_column(default=0)  # of the newest list in the partner's public record
    listed: Mapped[str] = mapped_column(default="")  # that list, as signed
    signature: Mapped[bytes | None]


class ItemKind(StrEnum):
    """A kind of shared records."""

    WARNING = "warning"
    CONSULTATION = "consultation"
    CASE_STUDY = "case_study"


class PeerItem(Base):
    """A record of a partner. It stays, marked, when the partner no longer lists it."""

    __tablename__ = "peer_item"
    __table_args__ = (UniqueConstraint("peer_id", "name"),)

    id: Mapped[Id]
    peer_id: Mapped[BigInt] = mapped_column(ForeignKey("peer.id", ondelete="CASCADE"))
    name: Mapped[str]  # the partner's id of the record
    kind: Mapped[ItemKind]
    record: Mapped[dict[str, Any]]
    sha256: Mapped[bytes]
    first_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    gone_at: Mapped[datetime | None]
