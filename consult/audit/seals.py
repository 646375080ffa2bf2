"""Comparison of public rows with their seals, and of seals with the ledger, in both directions.

Rows are read as text, so a row with a value that the code cannot parse has a wrong seal.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from consult.audit.findings import Finding
from consult.audit.guard import Result, check_each
from consult.ledger import seals, statements
from consult.ledger.model import Kind, LedgerEntry, StatementChange, StatementSeal
from consult.ledger.statements import PublicTable

STEP = 500
"""The number of seals checked at a time."""
ENTRIES = 50
"""The number of entries checked at a time. Each has up to 1,000 seals."""
TABLES = 25
"""The number of tables searched at a time for rows without a seal."""
_MOST = 100
"""The number of rows without a seal reported per table."""
_SEAL = (
    StatementSeal.id,
    StatementSeal.statement,
    StatementSeal.row,
    StatementSeal.seal,
    StatementSeal.salt,
    StatementSeal.entry_id,
    StatementSeal.ended_id,
)


def check_seals(session: Session, *, after: int) -> Result:
    """Check seals in order of creation: each is in its entries, and the last one matches its row.

    Rows that wait to be sealed, for example after an upgrade, are skipped. See ledger/seals.py.
    """
    waits = exists().where(
        StatementChange.tx.is_(None),
        StatementChange.statement == StatementSeal.statement,
        StatementChange.row == StatementSeal.row,
    )
    wanted = select(StatementSeal.id).where(StatementSeal.id > after, ~waits).order_by(StatementSeal.id).limit(STEP)
    ids = session.scalars(wanted).all()
    return check_each(session, ids, _check_seals, about="Seal {}"), ids[-1] if len(ids) == STEP else None


def _check_seals(session: Session, ids: Sequence[int]) -> Sequence[Finding]:
    """Check suspicious seals a second time, since a row may have changed between the queries."""
    doubtful = [finding.place for finding in _compare_seals(session, ids)]
    return list(_compare_seals(session, doubtful)) if doubtful else []


def _compare_seals(session: Session, ids: Sequence[int]) -> Iterator[Finding]:
    seals = session.execute(select(*_SEAL).where(StatementSeal.id.in_(ids)).order_by(StatementSeal.id)).all()
    entries = _load_entries(session, {number for seal in seals for number in (seal.entry_id, seal.ended_id) if number})
    rows = _load_rows(session, [seal for seal in seals if seal.ended_id is None])
    for seal in seals:
        if wrong := _compare(seal, entries, rows):
            number, _detail = entries.get(seal.entry_id, (None, {}))
            yield Finding(wrong, f"Row {seal.row} of {seal.statement}", seal.id, {"entry": number})


def _compare(seal: Any, entries: Mapping[int, Any], rows: Mapping[tuple[str, str], Mapping[str, str]]) -> str | None:
    """Return the code of a seal's problem, or None."""
    for part, entry_id in (("begun", seal.entry_id), ("ended", seal.ended_id)):
        if entry_id is not None and not _holds(entries.get(entry_id), part, seal):
            return "seal_no_entry"
    statement = statements.get(seal.statement)
    if seal.ended_id is not None or statement is None:
        return None
    values = rows.get((seal.statement, seal.row))
    return (
        "seal_no_row" if values is None else "seal" if statement.compute_seal(seal.salt, values) != seal.seal else None
    )


def _holds(entry: Any, part: str, seal: Any) -> bool:
    return entry is not None and seal.seal.hex() in entry[1].get(part, {}).get(seal.statement, ())


def _load_entries(
    session: Session, ids: set[int]
) -> dict[int, tuple[int | None, dict[str, dict[str, frozenset[str]]]]]:
    """Return the number of each entry and its seals, by part and statement."""
    wanted = select(LedgerEntry.id, LedgerEntry.number, LedgerEntry.detail)
    kind = LedgerEntry.kind == Kind.STATEMENTS_SEALED
    return {
        row.id: (
            row.number,
            {
                part: {name: frozenset(seals) for name, seals in row.detail.get(part, {}).items()}
                for part in ("begun", "ended")
            },
        )
        for row in session.execute(wanted.where(LedgerEntry.id.in_(ids), kind))
    }


def _load_rows(session: Session, seals: Sequence[Any]) -> dict[tuple[str, str], Mapping[str, str]]:
    keys: dict[str, list[str]] = {}
    for seal in seals:
        keys.setdefault(seal.statement, []).append(seal.row)
    values_by_row: dict[tuple[str, str], Mapping[str, str]] = {}
    for name, rows in keys.items():
        if statement := statements.get(name):
            values_by_row |= {(name, row): values for row, values in statement.load_values(session, rows).items()}
    return values_by_row


def check_unsealed(session: Session, *, after: int) -> Result:
    """Check some tables for public rows without a seal."""
    sealed = statements.list_sealed()
    reached = min(after + TABLES, len(sealed))
    places = check_each(session, range(after, reached), _check_unsealed, about="Table {} with seals")
    return places, reached if reached < len(sealed) else None


def _check_unsealed(session: Session, places: Sequence[int]) -> Iterator[Finding]:
    """Search tables a second time if there are findings, since a row may have been added between the queries."""
    for place, statement in ((place, statements.list_sealed()[place]) for place in places):
        if _list_unsealed(session, statement):
            for row in _list_unsealed(session, statement):
                yield Finding("row_no_seal", f"Row {row} of {statement.name}", place + 1)


def _list_unsealed(session: Session, statement: PublicTable) -> Sequence[str]:
    where = (statement.shown_rows, ~_has(statement, StatementSeal, StatementSeal.ended_id.is_(None)))
    waits = _has(statement, StatementChange, StatementChange.tx.is_(None))
    query = select(statement.key).select_from(statement.model).where(*where, ~waits)
    return session.scalars(query.limit(_MOST)).all()


def _has(statement: PublicTable, table: Any, also: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(table.statement == statement.name, table.row == statement.key, also)


def check_entries(session: Session, *, after: int) -> Result:
    """Check entries that begin and end seals: each seal is stored with the entries that began and ended it."""
    wanted = select(LedgerEntry.id).where(LedgerEntry.id > after, LedgerEntry.subject_id == 0)
    sealed = wanted.where(LedgerEntry.kind == Kind.STATEMENTS_SEALED).order_by(LedgerEntry.id).limit(ENTRIES)
    ids = session.scalars(sealed).all()
    return check_each(session, ids, _check_entries, about="Entry {} with seals"), ids[-1] if len(
        ids
    ) == ENTRIES else None


def _check_entries(session: Session, ids: Sequence[int]) -> Iterator[Finding]:
    for row in seals.list_different_entries(session, ids):
        yield Finding("entry_seals", "ledger", row.id, {"entry": row.number, "n": row.n})
