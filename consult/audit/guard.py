"""Checks that continue after unreadable rows: a row that raises an error is a finding and does not hide others."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, union
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from consult.audit.findings import Finding
from consult.ledger.model import Kind, LedgerEntry

Result = tuple[list[Finding], int | None]
"""The findings of a step and how far it came (None at the end)."""
RowsCheck = Callable[[Session, Sequence[int]], Iterable[Finding]]


@dataclass(frozen=True)
class Check:
    """A check. `read(session, after=…)` returns the next findings and the position reached, or None at the end."""

    name: str
    read: Callable[..., Result]

    def step(self, session: Session, *, after: int) -> Result:
        """Run the next step. An error becomes a finding and ends the round of this check, unless the database is
        unavailable.

        Raises OperationalError.
        """
        try:
            with session.begin_nested():
                return self.read(session, after=after)
        except OperationalError:
            raise
        except Exception as error:
            return [_report("check_stopped", self.name, after, error)], None


def check_each(session: Session, ids: Sequence[int], check: RowsCheck, *, about: str) -> list[Finding]:
    """Return the findings among some rows, and one for each row that raises an error. `about` names it: “Digest {}”.

    All rows are read together. If that fails, each half is read separately, and so on recursively.
    """
    if not ids:
        return []
    try:
        with session.begin_nested():
            return list(check(session, ids))
    except OperationalError:  # the database is down or too slow, which is no fault of a row
        raise
    except Exception as error:
        if len(ids) == 1:
            return [_report("unreadable", about.format(ids[0]), ids[0], error)]
    middle = len(ids) // 2
    parts = (ids[:middle], ids[middle:])
    return [found for part in parts for found in check_each(session, part, check, about=about)]


def list_next_ids(session: Session, column: Any, kinds: Collection[Kind], *, after: int, most: int) -> list[int]:
    """Return the next IDs found in a table or the ledger."""
    rows = select(column.label("id")).where(column > after)
    entries = select(LedgerEntry.subject_id).where(LedgerEntry.kind.in_(kinds), LedgerEntry.subject_id > after)
    both = union(rows, entries).subquery()
    return list(session.scalars(select(both.c.id).order_by(both.c.id).limit(most)))


def _report(code: str, about: str, place: int, error: Exception) -> Finding:
    """Return a finding without the error's message, which may contain personal data."""
    return Finding(code, about, place, {"place": place, "error": type(error).__name__})
