"""Reading of inbound items, each in its own transaction, and a record of each outcome.

An item is recorded before it is read, and is never read again automatically: an exception or an interrupted process
puts it aside with a reason.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from traceback import extract_tb

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from consult.core.clock import now
from consult.core.crypto import keyed_hash, seal, seal_bytes, unseal, unseal_bytes
from consult.core.db import transaction
from consult.gateway import readers
from consult.gateway.model import InboundChannel, InboundItem, InboundReading, InboundState
from consult.gateway.readers import Reader

MAX_SIZE = 5_000_000
"""Maximum size of an item in bytes. A larger one is put aside."""
MAX_READ = 200_000
"""Maximum number of bytes that are read and, if the item is put aside, stored."""
KEPT = timedelta(days=14)
"""Retention of sealed bytes and texts."""
KNOWN = timedelta(days=90)
"""Period in which a repeated item is recognised."""
INTERRUPTED = timedelta(minutes=10)
"""After this time, an item that is still being read was left by an interrupted process."""
ASIDE = "put aside"
KNOWN_ALREADY = "known already"


class ItemRefused(Exception):
    """An item is refused. The message gives the reason to an operator and quotes nothing from the item."""


@dataclass(frozen=True)
class Envelope:
    """An inbound item before it is stored: its first bytes, full size, and keyed hash of its sender if known."""

    channel: InboundChannel
    content: bytes
    size: int
    principal: bytes | None = None


def accept(envelope: Envelope, reader: Reader, *, taken: Callable[[], object] = lambda: None) -> str:
    """Read an item once and return its outcome. `taken` is called as soon as the item is recorded.

    Needs an application context and no open transaction. Raises only if the database is unreachable.
    """
    content = envelope.content[:MAX_READ]
    with transaction() as session:
        number = _add_item(session, envelope, content)
    taken()
    if number is None:
        return KNOWN_ALREADY
    if envelope.size > MAX_SIZE:
        _put_aside(number, f"It is larger than {MAX_SIZE // 1_000_000} MB.")
        return ASIDE
    return _read(number, content, reader)


def read_again(number: int, reader: Reader | None = None) -> str | None:
    """Read an item again that was put aside. Return None if there is no such item.

    Without a reader, those of its channel are used. Needs no open transaction.
    """
    with transaction() as session:
        item = session.get(InboundItem, number, with_for_update=True)
        if item is None or item.state is not InboundState.ASIDE or item.sealed is None:
            return None
        channel, content = item.channel, unseal_bytes(bytes(item.sealed))
        item.state, item.arrived_at = InboundState.READING, now()
    return _read(number, content, reader or readers.get_reader(channel))


def _add_item(session: Session, envelope: Envelope, content: bytes) -> int | None:
    """Insert a new item and return its id, or None if the same bytes were received before."""
    row = insert(InboundItem).values(
        channel=envelope.channel,
        key=keyed_hash("inbound", envelope.content),
        arrived_at=now(),
        state=InboundState.READING,
        size=envelope.size,
        sealed=seal_bytes(content),
    )
    return session.scalar(row.on_conflict_do_nothing().returning(InboundItem.id))


def _read(number: int, content: bytes, reader: Reader) -> str:
    try:
        with transaction() as session:
            result = reader(session, content)
            item = session.get_one(InboundItem, number)
            item.state = InboundState.WAITING if result.waits else InboundState.READ
            item.outcome, item.reason, item.principal = result.outcome, "", result.principal
            item.sealed = seal(result.waits) if result.waits else None
    except (OperationalError, InterfaceError):  # of the database, not of the item
        raise
    except ItemRefused as refusal:
        _put_aside(number, str(refusal))
        return ASIDE
    except Exception as error:
        _put_aside(number, explain(error))
        return ASIDE
    return result.outcome


def explain(error: Exception) -> str:
    """Describe an exception by its type and location. The message is left out because it may quote the item."""
    last = extract_tb(error.__traceback__)[-1]
    return f"Reading it failed: {type(error).__name__} in {Path(last.filename).name}, line {last.lineno}."


def _put_aside(number: int, reason: str) -> None:
    with transaction() as session:
        row = update(InboundItem).where(InboundItem.id == number)
        session.execute(row.values(state=InboundState.ASIDE, reason=reason))


def list_aside(session: Session, *, most: int | None = None) -> Sequence[InboundItem]:
    """Return the items that were put aside, oldest first."""
    rows = select(InboundItem).where(InboundItem.state == InboundState.ASIDE).order_by(InboundItem.id)
    return session.scalars(rows.limit(most)).all()


def get_aside(session: Session, number: int) -> InboundItem | None:
    """Return an item that was put aside, or None."""
    item = session.get(InboundItem, number)
    return item if item is not None and item.state is InboundState.ASIDE else None


def drop(session: Session, numbers: Sequence[int]) -> int:
    """Delete the bytes of items that were put aside and return how many. A repeat of an item is still recognised."""
    return _drop(session, InboundItem.id.in_(numbers) & (InboundItem.state == InboundState.ASIDE))


def _drop(session: Session, which: object) -> int:
    rows = update(InboundItem).where(which).values(state=InboundState.DROPPED, sealed=None)  # type: ignore[arg-type]
    return len(session.scalars(rows.returning(InboundItem.id)).all())


def record_reading(session: Session, channel: InboundChannel, *, polled: bool, at: datetime | None = None) -> None:
    """Record that a channel was read, and put aside items that an earlier process did not finish."""
    moment = at or now()
    row = insert(InboundReading).values(channel=channel, read_at=moment, polled=polled)
    session.execute(
        row.on_conflict_do_update(
            index_elements=["channel"],
            set_={"read_at": row.excluded.read_at, "polled": InboundReading.polled | row.excluded.polled},
        )
    )
    left = update(InboundItem).where(
        InboundItem.channel == channel,
        InboundItem.state == InboundState.READING,
        InboundItem.arrived_at < moment - INTERRUPTED,
    )
    session.execute(left.values(state=InboundState.ASIDE, reason="The process that read it stopped."))


def is_answered(session: Session, principal: bytes, outcome: str, *, since: datetime) -> bool:
    """Return whether an item of this sender had this outcome since the given time.

    The caller holds a lock for the sender, so that two calls do not both find no answer.
    """
    rows = select(InboundItem.id).where(
        InboundItem.principal == principal, InboundItem.outcome == outcome, InboundItem.arrived_at > since
    )
    return session.scalar(rows.limit(1)) is not None


def list_waiting(session: Session, principal: bytes) -> Sequence[InboundItem]:
    """Return the items whose text waits for this sender, oldest first."""
    rows = select(InboundItem).where(InboundItem.principal == principal, InboundItem.state == InboundState.WAITING)
    return session.scalars(rows.order_by(InboundItem.id)).all()


def get_waiting_text(item: InboundItem) -> str:
    """Return the decrypted text of a waiting item."""
    return unseal(bytes(item.sealed or b""))


def end_waiting(session: Session, principal: bytes, number: int) -> None:
    """Delete the text of a waiting item after its sender has used it. Safe to repeat."""
    waiting = InboundItem.state == InboundState.WAITING
    _drop(session, waiting & (InboundItem.id == number) & (InboundItem.principal == principal))


def purge(session: Session, *, at: datetime) -> None:
    """Delete bytes and texts older than `KEPT`, and records of items older than `KNOWN`."""
    _drop(session, InboundItem.sealed.is_not(None) & (InboundItem.arrived_at < at - KEPT))
    session.execute(delete(InboundItem).where(InboundItem.arrived_at < at - KNOWN))
