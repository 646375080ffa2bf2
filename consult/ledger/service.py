"""Ledger operations: append an entry, number committed entries and read them in order."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select, text
from sqlalchemy.orm import Session

from consult.core.clock import now
from consult.core.db import advisory_lock
from consult.ledger.model import Kind, LedgerEntry

PRACTICE = 2**62
"""Consultations with this number or a higher one are practice copies: see docs/decisions/0057."""
PRACTICE_PREFIX = "practice."
"""Prefix of the kinds of practice entries. No follower, count or page selects them."""
BATCH = 1_000
"""Number of entries numbered by one statement."""
PART = 10_000
"""Maximum number of entries numbered in one transaction of the scheduler."""
_AT_ONCE = 100_000
"""Maximum number of ids held in memory."""

HEAD_SQL = "(SELECT coalesce(max(number), 0) + 1 FROM ledger)"
"""SQL expression: the number of the next entry."""
_HEAD = text(f"SELECT {HEAD_SQL}")
_UNNUMBERED = text(
    f"SELECT {HEAD_SQL}, ARRAY(SELECT id FROM ledger WHERE number IS NULL ORDER BY id LIMIT :most)"  # noqa: S608 - a constant
)
_NUMBER = text(
    """
    UPDATE ledger SET number = :head - 1 + width_bucket(id, CAST(:ids AS bigint[]))
    WHERE number IS NULL AND id BETWEEN :first AND :last
        AND id = (CAST(:ids AS bigint[]))[width_bucket(id, CAST(:ids AS bigint[]))]
    """
)
"""Numbers a batch by looking up each id in the ordered array of ids, without a join. Whatever the statistics are, no
plan reads the batch or the ledger once for each entry. An index can only be used for the two ends of the batch, so it
is read once from end to end.
"""

LAST_UNNUMBERED_SQL = """(
    SELECT id FROM ledger WHERE number IS NULL AND id > (
        SELECT coalesce(min(id), 0) - 1000 FROM (
            SELECT id FROM ledger WHERE number IS NOT NULL ORDER BY number DESC LIMIT 1
        ) AS last
    ) ORDER BY id DESC LIMIT 1
)"""
"""SQL expression: the newest unnumbered entry close to the last numbered one. Without that bound, the index scan steps
over all entries numbered since the last vacuum, which takes milliseconds after a burst.
"""


@dataclass(frozen=True)
class UnnumberedEntries:
    """The number of entries without a number, and when the oldest was written (None if there are none)."""

    count: int
    oldest: datetime | None


def insert_entries_sql(columns: str, rows: str) -> str:
    """Return a statement that writes an entry for each row of a select with these columns, in its order.

    For bulk writes. The rules of `record` apply.
    """
    return f"INSERT INTO ledger ({columns}) {rows}"


def record(
    session: Session,
    kind: Kind,
    *,
    subject_id: int,
    consultation_id: int | None = None,
    actor: str | None = None,
    commitment: bytes | None = None,
    reason: str | None = None,
    detail: dict[str, Any] | None = None,
    at: datetime | None = None,
) -> LedgerEntry:
    """Write an unnumbered entry in the caller's transaction. `detail` is public and must hold no personal data."""
    entry = LedgerEntry(
        at=at or now(),
        kind=kind if (consultation_id or 0) < PRACTICE else f"{PRACTICE_PREFIX}{kind}",
        consultation_id=consultation_id,
        subject_id=subject_id,
        actor=actor,
        commitment=commitment,
        reason=reason,
        detail=detail or {},
    )
    session.add(entry)
    return entry


def number_entries(session: Session, *, most: int | None = None) -> int:
    """Number all committed entries and return the head: the number of the next entry.

    Calls are serialised by an advisory lock held until the transaction ends. Only committed rows and the caller's own
    are visible, so numbers have no gaps and follow the order in which entries became visible. Safe to repeat. `most`
    limits how many entries are numbered.
    """
    session.flush()
    advisory_lock(session, "ledger.number")
    left = most if most is not None else sys.maxsize
    while True:
        asked = min(left, _AT_ONCE)
        at, ids = session.execute(_UNNUMBERED, {"most": asked}).one()
        for first in range(0, len(ids), BATCH):
            batch = ids[first : first + BATCH]
            session.execute(_NUMBER, {"head": at + first, "ids": batch, "first": batch[0], "last": batch[-1]})
        left -= len(ids)
        if len(ids) < asked or not left:
            return int(at) + len(ids)


def head(session: Session) -> int:
    """Return the number of the next entry: the open end of a window `[since, until)`."""
    return int(session.execute(_HEAD).scalar_one())


def find_unnumbered(session: Session) -> UnnumberedEntries:
    """Return the committed entries that have no number yet."""
    row = session.execute(select(func.count(), func.min(LedgerEntry.at)).where(LedgerEntry.number.is_(None))).one()
    return UnnumberedEntries(*row)


def count_later(session: Session, *, at: datetime) -> int:
    """Count the entries since the last clock repair whose time is in the future.

    Any such entry was written while the clock was wrong.
    """
    repaired = select(func.coalesce(func.max(LedgerEntry.id), 0)).where(
        LedgerEntry.subject_id == 0, LedgerEntry.kind == Kind.CLOCK_REPAIRED
    )
    later = select(func.count()).where(LedgerEntry.at > at, LedgerEntry.id > repaired.scalar_subquery())
    return session.scalar(later) or 0


def list_window(session: Session, *, consultation_id: int, since: int, until: int) -> Sequence[LedgerEntry]:
    """Return the consultation's entries with `since <= number < until`, in order."""
    return session.scalars(
        select(LedgerEntry)
        .where(LedgerEntry.consultation_id == consultation_id, LedgerEntry.number >= since, LedgerEntry.number < until)
        .order_by(LedgerEntry.number)
    ).all()


def list_history(
    session: Session, *, subject_id: int, prefixes: Sequence[str] = ("submission.",)
) -> Sequence[LedgerEntry]:
    """Return the entries about one subject, oldest first."""
    return session.scalars(
        select(LedgerEntry)
        .where(LedgerEntry.subject_id == subject_id, or_(*(LedgerEntry.kind.startswith(prefix) for prefix in prefixes)))
        .order_by(LedgerEntry.id)
    ).all()
