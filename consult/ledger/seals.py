"""Seals of public rows, written in the transaction that changes them.

Triggers record each inserted, updated or deleted row of a declared table in `statement_change`, whatever caused the
change. Before the session commits, the rows are read again. One entry `statement.sealed` for up to 1,000 rows lists the
seals that begin and end. Each seal has its own salt, which is deleted when the seal ends, so erased words cannot be
guessed from old entries. No entry identifies a row.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Engine, Row, delete, event, func, insert, select, text, tuple_, update
from sqlalchemy.orm import Session, SessionTransaction

from consult.core.crypto import SALT_BYTES
from consult.ledger import service as ledger
from consult.ledger import statements
from consult.ledger.model import Kind, LedgerEntry, StatementChange, StatementSeal

PART = 1_000
"""Maximum number of rows sealed by one entry."""
_CHANGED = text(
    "SELECT statement, row, min(id) FROM statement_change "
    "WHERE tx = CAST(CAST(pg_current_xact_id_if_assigned() AS text) AS bigint) GROUP BY statement, row "
    "ORDER BY statement, row"
)
"""Selects the rows that the transaction changed, each with the record of its first change."""
_SEALED = text("DELETE FROM statement_change WHERE tx = CAST(CAST(pg_current_xact_id_if_assigned() AS text) AS bigint)")
_DIFFERENT = text(
    """
    SELECT e.id, e.number, count(*) AS n
    FROM ledger e
    CROSS JOIN (VALUES ('begun'), ('ended')) AS part (name)
    CROSS JOIN LATERAL jsonb_each(coalesce(e.detail -> part.name, '{}')) AS named (statement, seals)
    CROSS JOIN LATERAL jsonb_array_elements_text(named.seals) AS hex
    LEFT JOIN statement_seal s ON s.seal = decode(hex, 'hex') AND s.statement = named.statement
    WHERE e.id = ANY(:ids) AND e.id IS DISTINCT FROM CASE part.name WHEN 'begun' THEN s.entry_id ELSE s.ended_id END
    GROUP BY e.id, e.number
    ORDER BY e.id
    """
)
"""Selects entries whose seals are missing from the table or stored differently."""
_COLUMNS = (
    StatementSeal.id,
    StatementSeal.statement,
    StatementSeal.row,
    StatementSeal.seal,
    StatementSeal.salt,
)
Key = tuple[str, str]
"""The name of a statement and the key of a row."""


@dataclass(frozen=True)
class SealedDocument:
    """The public values of a row as JSON, their SHA-256 (the seal), and the number of the entry that holds it."""

    json: bytes
    seal: bytes
    entry: int | None


@event.listens_for(Session, "after_begin")
def _note_begin(session: Session, _transaction: SessionTransaction, connection: Connection) -> None:
    session.info["begun"] = connection.info
    connection.info["wrote"] = False


@event.listens_for(Session, "after_transaction_end")
def _note_end(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop("begun", None)


@event.listens_for(Engine, "before_cursor_execute")
def _note_write(connection: Connection, _cursor: Any, statement: str, *_rest: Any) -> None:
    if not statement.startswith("SELECT"):
        connection.info["wrote"] = True


@event.listens_for(Session, "before_commit")
def seal_changes(session: Session) -> None:
    """Seal the rows changed by the transaction. Read-only transactions are skipped."""
    if session.in_nested_transaction() or session.info.get("reads"):
        return
    session.flush()
    if not session.info.get("begun", {}).get("wrote"):
        return
    changed = {(name, row): change for name, row, change in session.execute(_CHANGED)}
    if changed:
        keys = list(changed)
        for begin in range(0, len(keys), PART):
            _seal(session, keys[begin : begin + PART], changed)
        session.execute(_SEALED)


def seal_waiting(session: Session) -> int:
    """Seal the next batch of rows that are older than seals, and return how many were examined.

    While such rows remain, processes of the previous release may still change rows without sealing them. Those rows are
    recorded for this function too.
    """
    wanted = select(StatementChange.statement, StatementChange.row).where(StatementChange.tx.is_(None)).distinct()
    rows = session.execute(wanted.order_by(StatementChange.statement, StatementChange.row).limit(PART)).all()
    part = [(row.statement, row.row) for row in rows]
    if part:
        session.execute(update(StatementChange).where(StatementChange.tx.is_not(None)).values(tx=None))
        keys = tuple_(StatementChange.statement, StatementChange.row).in_(part)
        session.execute(delete(StatementChange).where(StatementChange.tx.is_(None), keys))
        _seal(session, part)
    return len(part)


def delete_left_changes(session: Session) -> None:
    """Delete records of transactions that sealed nothing, such as statements typed into the database.

    Consult's own transactions delete their records, so any that can be read here were left behind. The rows keep their
    old seals, and the audit reports them.
    """
    session.execute(delete(StatementChange).where(StatementChange.tx.is_not(None)))


def get_first_day(session: Session) -> datetime | None:
    """Return when the last row older than seals was sealed, or None if there were no such rows."""
    kind = LedgerEntry.kind == Kind.STATEMENTS_SEALED
    return session.scalar(select(func.max(LedgerEntry.at)).where(kind, LedgerEntry.detail.has_key("first")))


def count_waiting(session: Session) -> int:
    """Return the number of rows that wait for their first seal."""
    return session.scalar(select(func.count()).select_from(StatementChange).where(StatementChange.tx.is_(None))) or 0


def list_different_entries(session: Session, ids: Collection[int]) -> Sequence[Row[Any]]:
    """List id, number and count of seals (`n`) of the entries whose seals are missing or stored differently."""
    return session.execute(_DIFFERENT, {"ids": list(ids)}).all()


def load_documents(session: Session, name: str, keys: Sequence[str]) -> Mapping[str, SealedDocument]:
    """Return the sealed documents of public rows by key."""
    statement = statements.get(name)
    if statement is None:
        return {}
    values, documents = statement.load_values(session, keys), {}
    wanted = select(StatementSeal, LedgerEntry.number).join(LedgerEntry, LedgerEntry.id == StatementSeal.entry_id)
    conditions = (
        StatementSeal.statement == name,
        StatementSeal.row.in_(list(values)),
        StatementSeal.ended_id.is_(None),
    )
    for seal, number in session.execute(wanted.where(*conditions)):
        document = statement.write_document(seal.salt or b"", values[seal.row])
        documents[seal.row] = SealedDocument(document, seal.seal, number)
    return documents


def _seal(session: Session, keys: Sequence[Key], changes: Mapping[Key, int] | None = None) -> None:
    """Renew the seals of rows whose public values changed, and write one entry that lists the changes.

    `changes` are the records of their first changes, or None for rows that waited. A row that differed from its seal
    before the change keeps that seal, so that the audit goes on to report it.
    """
    values = _load_values(session, keys, lock=changes is None)
    conditions = (tuple_(StatementSeal.statement, StatementSeal.row).in_(keys), StatementSeal.ended_id.is_(None))
    known = {(seal.statement, seal.row): seal for seal in session.execute(select(*_COLUMNS).where(*conditions))}
    different = [key for key in keys if not _matches(known.get(key), values.get(key))]
    kept = _find_altered(session, {key: known[key] for key in different if key in known}, changes) if changes else ()
    renewed = [key for key in different if key not in kept]
    ended = [known[key] for key in renewed if key in known]
    begun = [
        _make_seal(statement, key[1], values[key])
        for key in renewed
        if key in values and (statement := statements.get(key[0]))
    ]
    if not begun and not ended:
        return
    detail = {"begun": _list_seals(begun), "ended": _list_seals([seal._asdict() for seal in ended])}
    entry = _record(session, detail, changes is None)
    if ended:
        ids = StatementSeal.id.in_([seal.id for seal in ended])
        session.execute(update(StatementSeal).where(ids).values(ended_id=entry.id, salt=None))
    if begun:
        session.execute(insert(StatementSeal), [{**seal, "entry_id": entry.id} for seal in begun])


def _matches(seal: Any, values: Mapping[str, str] | None) -> bool:
    """Return whether a row with these public values, or without any, has the right seal, or none."""
    if seal is None or values is None:
        return seal is None and values is None
    statement = statements.get(seal.statement)
    return statement is not None and statement.compute_seal(seal.salt, values) == seal.seal


def _find_altered(session: Session, known: Mapping[Key, Any], changes: Mapping[Key, int]) -> Collection[Key]:
    """Return the rows that differed from their seals before the transaction, without those that wait to be sealed."""
    altered: set[Key] = set()
    for name in {name for name, _row in known}:
        if statement := statements.get(name):
            records = [changes[key] for key in known if key[0] == name]
            former = statement.load_former_values(session, records)
            altered |= {(name, row) for row, values in former.items() if not _matches(known[name, row], values)}
    if not altered:
        return altered
    waiting = select(StatementChange.statement, StatementChange.row).where(StatementChange.tx.is_(None))
    keys = tuple_(StatementChange.statement, StatementChange.row).in_(altered)
    return altered - {(row.statement, row.row) for row in session.execute(waiting.where(keys))}


def _make_seal(statement: statements.PublicTable, row: str, values: Mapping[str, str]) -> dict[str, Any]:
    salt = secrets.token_bytes(SALT_BYTES)
    return {"statement": statement.name, "row": row, "seal": statement.compute_seal(salt, values), "salt": salt}


def _record(session: Session, seals: dict[str, Any], first: bool) -> LedgerEntry:
    detail = {name: by_statement for name, by_statement in seals.items() if by_statement}
    commitment = sha256(statements.write_json(detail)).digest()
    if first:
        detail["first"] = True
    entry = ledger.record(session, Kind.STATEMENTS_SEALED, subject_id=0, commitment=commitment, detail=detail)
    session.flush()
    return entry


def _list_seals(seals: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Return seals by the name of their statement, sorted so that their order reveals nothing about the rows."""
    by_name: dict[str, list[str]] = {}
    for seal in sorted(seals, key=itemgetter("seal")):
        by_name.setdefault(seal["statement"], []).append(seal["seal"].hex())
    return by_name


def _load_values(session: Session, keys: Sequence[Key], *, lock: bool) -> Mapping[Key, Mapping[str, str]]:
    """Return the public values of the rows. With `lock`, other transactions cannot change them meanwhile."""
    rows: dict[str, list[str]] = {}
    for name, row in keys:
        rows.setdefault(name, []).append(row)
    loaded: dict[Key, Mapping[str, str]] = {}
    for name, named in rows.items():
        if statement := statements.get(name):
            read = statement.load_values(session, named, lock=lock)
            loaded |= {(name, row): values for row, values in read.items()}
    return loaded
