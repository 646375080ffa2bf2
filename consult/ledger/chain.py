"""The chain of hashes over the ledger: each head is a hash of all entries up to its number.

An entry that is changed, deleted or put in between breaks every head after it. Heads are remembered in `ledger_head`
and in the log of the clock; whoever writes one down elsewhere can ask later whether the ledger still is the one that
it was made of (`consult audit --head`, `/log/head`). Receipts and digests carry the one that stood then.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC
from hashlib import sha256
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.core.clock import now
from consult.core.logs import log
from consult.ledger.followers import Follower, Window
from consult.ledger.model import FollowerPosition, Kind, LedgerEntry, LedgerHead

START = bytes(32)
"""The hash of no entries."""
PART = 1_000
"""How many entries are read at once."""
_COLUMNS = (
    LedgerEntry.number,
    LedgerEntry.at,
    LedgerEntry.kind,
    LedgerEntry.consultation_id,
    LedgerEntry.subject_id,
    LedgerEntry.actor,
    LedgerEntry.commitment,
    LedgerEntry.reason,
    LedgerEntry.detail,
)


def entry_bytes(entry: Any) -> bytes:
    """An entry as JSON with sorted keys, no spaces, UTF-8; the time in UTC."""
    said = {
        "number": entry.number,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "kind": str(entry.kind),
        "consultation": entry.consultation_id,
        "subject": entry.subject_id,
        "actor": entry.actor,
        "commitment": entry.commitment.hex() if entry.commitment else None,
        "reason": entry.reason,
        "detail": entry.detail,
    }
    return json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def extend(head: bytes, entry: Any) -> bytes:
    """The hash with one entry more: SHA-256(head ‖ entry)."""
    return sha256(head + entry_bytes(entry)).digest()


def list_entries(session: Session, *, since: int, until: int) -> Iterator[Any]:
    """Entries `since <= number < until`, in order, a part at a time."""
    for first in range(since, until, PART):
        here = (LedgerEntry.number >= first, LedgerEntry.number < min(first + PART, until))
        yield from session.execute(select(*_COLUMNS).where(*here).order_by(LedgerEntry.number))


def hash_entries(session: Session, *, head: bytes, since: int, until: int) -> bytes:
    """The hash after the entries `since <= number < until`."""
    for entry in list_entries(session, since=since, until=until):
        head = extend(head, entry)
    return head


def _remember(session: Session, window: Window) -> None:
    before = session.get(LedgerHead, window.since - 1)
    head = hash_entries(session, head=before.sha256 if before else START, since=window.since, until=window.until)
    session.add(LedgerHead(number=window.until - 1, sha256=head, at=now()))
    session.flush()
    log.info("ledger.head", number=window.until - 1, sha256=head.hex())


FOLLOWER = Follower("ledger.head", tuple(Kind), _remember, step=PART, site=True)


def get_last_head(session: Session) -> LedgerHead | None:
    """The newest head that was remembered."""
    return session.scalar(select(LedgerHead).order_by(LedgerHead.number.desc()).limit(1))


def write_head(session: Session, *, before: int | None = None) -> str:
    """The newest remembered head as it is written down, `312:9f86…`, or the last of less than `before` entries; empty
    where there is none.
    """
    query = select(LedgerHead).order_by(LedgerHead.number.desc()).limit(1)
    head = session.scalar(query if before is None else query.where(LedgerHead.number < before))
    return f"{head.number}:{head.sha256.hex()}" if head else ""


def get_furthest_follower(session: Session) -> tuple[str, int] | None:
    """The follower that knows of most entries, and the number of the last that it has handled."""
    found = session.execute(
        select(FollowerPosition.name, FollowerPosition.upto).order_by(FollowerPosition.upto.desc()).limit(1)
    ).first()
    return (found[0], found[1] - 1) if found else None
