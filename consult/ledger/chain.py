"""Hash chain over the ledger: each head is a hash of all entries up to its number.

Changing, deleting or inserting an entry invalidates every later head. Heads are stored in `ledger_head` and in the
scheduler's log. A head that was noted elsewhere can be checked later with `consult audit --head` and `/log/head`.
Receipts and digests carry the head of their time.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from consult.core.clock import now
from consult.core.logs import log
from consult.ledger.followers import Follower, Window
from consult.ledger.model import FollowerPosition, Kind, LedgerEntry, LedgerHead

START = bytes(32)
"""The hash of an empty ledger."""
PART = 1_000
"""Number of entries read at once."""
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
    """Return an entry as UTF-8 JSON with sorted keys, no spaces and the time in UTC."""
    fields = {
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
    return json.dumps(fields, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def extend(head: bytes, entry: Any) -> bytes:
    """Return the hash extended by one entry: SHA-256(head ‖ entry)."""
    return sha256(head + entry_bytes(entry)).digest()


def list_entries(session: Session, *, since: int, until: int) -> Iterator[Any]:
    """Yield the entries with `since <= number < until` in order, loaded in batches."""
    for first in range(since, until, PART):
        numbers = (LedgerEntry.number >= first, LedgerEntry.number < min(first + PART, until))
        yield from session.execute(select(*_COLUMNS).where(*numbers).order_by(LedgerEntry.number))


def hash_entries(session: Session, *, head: bytes, since: int, until: int) -> bytes:
    """Return the hash after the entries with `since <= number < until`."""
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
    """Return the newest stored head."""
    return session.scalar(select(LedgerHead).order_by(LedgerHead.number.desc()).limit(1))


def get_head_before(session: Session, at: datetime) -> int:
    """Return the number of the newest head stored before a time, or 0. All entries up to it had a number then."""
    return session.scalar(select(func.max(LedgerHead.number)).where(LedgerHead.at < at)) or 0


def write_head(session: Session, *, before: int | None = None) -> str:
    """Return the newest stored head in written form, `312:9f86…`, or "" if there is none.

    With `before`, return the newest head that covers fewer entries than that.
    """
    query = select(LedgerHead).order_by(LedgerHead.number.desc()).limit(1)
    head = session.scalar(query if before is None else query.where(LedgerHead.number < before))
    return f"{head.number}:{head.sha256.hex()}" if head else ""


def get_furthest_follower(session: Session) -> tuple[str, int] | None:
    """Return the name of the follower that is furthest ahead and the last number it handled."""
    row = session.execute(
        select(FollowerPosition.name, FollowerPosition.upto).order_by(FollowerPosition.upto.desc()).limit(1)
    ).first()
    return (row[0], row[1] - 1) if row else None
