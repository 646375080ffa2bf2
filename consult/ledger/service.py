"""The ledger's verbs: write an entry, number what has committed, read in order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select, text
from sqlalchemy.orm import Session

from consult.core.clock import now
from consult.core.db import lock
from consult.ledger.model import Entry, Kind

_NUMBER = text(
    """
    WITH fresh AS MATERIALIZED (
        SELECT id, row_number() OVER (ORDER BY id) AS place FROM ledger WHERE number IS NULL
    ), last AS (SELECT coalesce(max(number), 0) AS number FROM ledger), numbered AS (
        UPDATE ledger SET number = last.number + fresh.place FROM fresh, last WHERE ledger.id = fresh.id
    )
    SELECT last.number + (SELECT count(*) FROM fresh) + 1 FROM last
    """
)

WAITING = """(
    SELECT id FROM ledger WHERE number IS NULL AND id > (
        SELECT coalesce(min(id), 0) - 1000 FROM (
            SELECT id FROM ledger WHERE number IS NOT NULL ORDER BY number DESC LIMIT 1
        ) AS last
    ) ORDER BY id DESC LIMIT 1
)"""
"""In a statement: the last entry that has no number yet, of those near the last that has one.

Without a bound all that got a number since the last vacuum are stepped over in the index: milliseconds after a burst.
"""
HEAD = "(SELECT coalesce(max(number), 0) + 1 FROM ledger)"
"""In a statement: the number the next entry will get."""
_HEAD = text(f"SELECT {HEAD}")


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
) -> Entry:
    """Writes an entry in the caller's transaction. It has no number yet. `detail` is public: no personal data."""
    entry = Entry(
        at=at or now(), kind=kind, consultation_id=consultation_id, subject_id=subject_id, actor=actor,
        commitment=commitment, reason=reason, detail=detail or {},
    )  # fmt: skip
    session.add(entry)
    return entry


def number_entries(session: Session) -> int:
    """Numbers all committed entries, in one line behind an advisory lock held to the end of the transaction.

    Only committed rows (and the caller's own) are seen, so numbers grow in the order in which entries became
    visible, without gaps. Gives the head: the number the next entry will get. May be called any number of times.
    """
    session.flush()
    lock(session, "ledger.number")
    return int(session.execute(_NUMBER).scalar_one())


def head(session: Session) -> int:
    """The number the next entry will get: the open end of a window `[since, until)`."""
    return int(session.execute(_HEAD).scalar_one())


def window(session: Session, *, consultation_id: int, since: int, until: int) -> Sequence[Entry]:
    """The consultation's entries with `since <= number < until`, in order."""
    return session.scalars(
        select(Entry)
        .where(Entry.consultation_id == consultation_id, Entry.number >= since, Entry.number < until)
        .order_by(Entry.number)
    ).all()


def history(
    session: Session, *, subject_id: int, prefixes: Sequence[str] = ("submission.",)
) -> Sequence[Entry]:  # fmt: skip
    """Everything that happened to one subject, oldest first."""
    return session.scalars(
        select(Entry)
        .where(Entry.subject_id == subject_id, or_(*(Entry.kind.startswith(prefix) for prefix in prefixes)))
        .order_by(Entry.id)
    ).all()
