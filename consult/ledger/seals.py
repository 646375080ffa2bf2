"""Seals of public rows, written in the transaction that changes them.

Triggers record each inserted, updated or deleted row of a declared table in `statement_change`, whatever caused the
change. Before the session commits, the rows are read again, and one entry `statement.sealed` for up to 1,000 rows lists
the seals that begin and end. Each seal has its own salt, which is deleted when the seal ends, so erased words cannot be
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
    "SELECT DISTINCT statement, row FROM statement_change "
    "WHERE tx = CAST(CAST(pg_current_xact_id_if_assigned() AS text) AS bigint) ORDER BY statement, row"
)
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
    changed = [(name, row) for name, row in session.execute(_CHANGED)]
    if changed:
        for begin in range(0, len(changed), PART):
            _seal(session, changed[begin : begin + PART])
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
        _seal(session, part, first=True)
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


def _seal(session: Session, changed: Sequence[Key], *, first: bool = False) -> None:
    """Renew the seals of rows whose public values changed, and write one entry that lists the changes."""
    values = _load_values(session, changed, lock=first)
    conditions = (tuple_(StatementSeal.statement, StatementSeal.row).in_(changed), StatementSeal.ended_id.is_(None))
    known = {(seal.statement, seal.row): seal for seal in session.execute(select(*_COLUMNS).where(*conditions))}
    begun, ended = [], []
    for key in changed:
        statement, now, old = statements.get(key[0]), values.get(key), known.get(key)
        if statement is None:
            continue
        if now is not None and old and statement.compute_seal(old.salt, now) == old.seal:
            continue
        if old:
            ended.append(old)
        if now is not None:
            salt = secrets.token_bytes(SALT_BYTES)
            seal = statement.compute_seal(salt, now)
            begun.append({"statement": key[0], "row": key[1], "seal": seal, "salt": salt})
    if not begun and not ended:
        return
    entry = _record(
        session, {"begun": _list_seals(begun), "ended": _list_seals([seal._asdict() for seal in ended])}, first
    )
    if ended:
        ids = StatementSeal.id.in_([seal.id for seal in ended])
        session.execute(update(StatementSeal).where(ids).values(ended_id=entry.id, salt=None))
    if begun:
        session.execute(insert(StatementSeal), [{**seal, "entry_id": entry.id} for seal in begun])


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


def _load_values(session: Session, changed: Sequence[Key], *, lock: bool) -> Mapping[Key, Mapping[str, str]]:
    """Return the public values of the rows. With `lock`, other transactions cannot change them meanwhile."""
    rows: dict[str, list[str]] = {}
    for name, row in changed:
        rows.setdefault(name, []).append(row)
    loaded: dict[Key, Mapping[str, str]] = {}
    for name, keys in rows.items():
        if statement := statements.get(name):
            read = statement.load_values(session, keys, lock=lock)
            loaded |= {(name, row): values for row, values in read.items()}
    return loaded
