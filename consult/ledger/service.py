"""The ledger: append an entry, number committed entries, read in order."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select, text
from sqlalchemy.orm import Session

from consult.core.clock import now
from consult.core.db import advisory_lock
from consult.ledger.model import Kind, LedgerEntry

PRACTICE = 2**62
"""Consultations with this number or a higher one are copies to practise on: see docs/decisions/0057."""
PRACTICE_PREFIX = "practice."
"""Begins the kinds of their entries: no follower, no count and no page asks for a kind that begins so."""
BATCH = 1_000
"""How many entries are numbered by one statement."""
PART = 10_000
"""How many entries of a burst are numbered in one transaction of the clock."""
_AT_ONCE = 100_000
"""How many ids are held in memory at once."""

HEAD_SQL = "(SELECT coalesce(max(number), 0) + 1 FROM ledger)"
"""In a statement: the number the next entry will get."""
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
"""Numbers a batch: the place of an id is looked for in the ordered array of ids, so nothing is joined.

Whatever the statistics say, no plan reads the batch, or the ledger, once for each entry; and all that an index can be
asked for are the ends of the batch, so it is read from one to the other.
"""

LAST_UNNUMBERED_SQL = """(
    SELECT id FROM ledger WHERE number IS NULL AND id > (
        SELECT coalesce(min(id), 0) - 1000 FROM (
            SELECT id FROM ledger WHERE number IS NOT NULL ORDER BY number DESC LIMIT 1
        ) AS last
    ) ORDER BY id DESC LIMIT 1
)"""
"""In a statement: the last entry that has no number yet, of those near the last that has one.

Without a bound all that got a number since the last vacuum are stepped over in the index: milliseconds after a burst.
"""


def insert_entries_sql(columns: str, rows: str) -> str:
    """The statement that writes an entry for each row of a select with these columns, in its order.

    For whoever writes of many at once in one statement; what `record` says of an entry holds for these.
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
    """Writes an entry in the caller's transaction. It has no number yet. `detail` is public: no personal data."""
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
    """Numbers all committed entries, in one line behind an advisory lock held to the end of the transaction.

    Only committed rows (and the caller's own) are seen, so numbers grow in the order in which entries became
    visible, without gaps. Gives the head: the number the next entry will get. May be called any number of times, and
    with `most` for so many of a burst.
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
    """The number the next entry will get: the open end of a window `[since, until)`."""
    return int(session.execute(_HEAD).scalar_one())


def count_later(session: Session, *, at: datetime) -> int:
    """How many entries since the last repair say a time that has not come: a clock was wrong when they were written."""
    repaired = select(func.coalesce(func.max(LedgerEntry.id), 0)).where(
        LedgerEntry.subject_id == 0, LedgerEntry.kind == Kind.CLOCK_REPAIRED
    )
    later = select(func.count()).where(LedgerEntry.at > at, LedgerEntry.id > repaired.scalar_subquery())
    return session.scalar(later) or 0


def list_window(session: Session, *, consultation_id: int, since: int, until: int) -> Sequence[LedgerEntry]:
    """The consultation's entries with `since <= number < until`, in order."""
    return session.scalars(
        select(LedgerEntry)
        .where(LedgerEntry.consultation_id == consultation_id, LedgerEntry.number >= since, LedgerEntry.number < until)
        .order_by(LedgerEntry.number)
    ).all()


def list_history(
    session: Session, *, subject_id: int, prefixes: Sequence[str] = ("submission.",)
) -> Sequence[LedgerEntry]:
    """Everything that happened to one subject, oldest first."""
    return session.scalars(
        select(LedgerEntry)
        .where(LedgerEntry.subject_id == subject_id, or_(*(LedgerEntry.kind.startswith(prefix) for prefix in prefixes)))
        .order_by(LedgerEntry.id)
    ).all()
