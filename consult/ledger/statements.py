"""Declarations of the public columns of each table, and the seal of a row.

Each package declares its tables in `room.py`. The seal of a row is the SHA-256 of its document: the statement's name, a
salt and every public column as text, in JSON with sorted keys. `ledger/seals.py` writes seals into the ledger. The
audit recomputes them, as anyone with the document can.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Date,
    DateTime,
    LargeBinary,
    Text,
    cast,
    func,
    literal_column,
    select,
    true,
    tuple_,
)
from sqlalchemy import column as sa_column
from sqlalchemy.orm import Session

from consult.core.crypto import pseudonym
from consult.core.db import Base
from consult.ledger.model import StatementChange

SEPARATOR = "/"
"""Separator of the columns of a composite key."""
_declared: dict[str, PublicTable] = {}


class DeclarationError(Exception):
    """A column is declared in no class or in two, or does not exist in the table."""


@dataclass(frozen=True, eq=False)
class PublicTable:
    """A table and its columns, each in exactly one class.

    `public`: shown on a page or in data, and sealed as text; bytes are sealed as their hash. `people`: account ids,
    sealed as pseudonyms. `derived`: committed to elsewhere or recounted by the audit's check named `check`. `private`:
    not shown outside. Only rows for which `shown` holds are sealed. Null columns are left out of the document, so
    adding a nullable column changes no seal. Raises DeclarationError for a missing or repeated column.
    """

    model: type[Base]
    public: str = ""
    people: str = ""
    derived: str = ""
    private: str = ""
    check: str = ""
    shown: ColumnElement[bool] | None = None

    def __post_init__(self) -> None:
        classes = [self.public, self.people, self.derived, self.private]
        placed = [name for columns in classes for name in columns.split()]
        table = {column.name for column in self._table.columns}
        if sorted(placed) != sorted(table):
            wrong = {name for name in {*placed, *table} if placed.count(name) != 1 or name not in table}
            raise DeclarationError(f"{self.name}: place each column in one class: {', '.join(sorted(wrong))}")
        keys = {column.name for column in self._keys}
        if self.is_sealed and not keys <= {*self.public.split(), *self.people.split()}:
            raise DeclarationError(f"{self.name}: the primary key is sealed with the row")
        if bool(self.derived) != bool(self.check):
            raise DeclarationError(f"{self.name}: derived columns need the check that makes them again")
        if self.name in _declared:
            raise DeclarationError(f"{self.name} is declared twice")
        _declared[self.name] = self

    @property
    def name(self) -> str:
        return str(self._table.name)

    @property
    def is_sealed(self) -> bool:
        """Return whether it has columns to seal."""
        return bool(self.public or self.people)

    @property
    def key_sql(self) -> str:
        """Return the SQL for the key of a row as text, as the triggers record it."""
        return f" || '{SEPARATOR}' || ".join(f'"{column.name}"::text' for column in self._keys)

    @property
    def key(self) -> ColumnElement[str]:
        """Return the key of a row as text."""
        first, *others = [cast(column, Text) for column in self._keys]
        text: ColumnElement[str] = first
        for other in others:
            text = text + SEPARATOR + other
        return text

    @property
    def shown_rows(self) -> ColumnElement[bool]:
        return true() if self.shown is None else self.shown

    def match(self, keys: Collection[str]) -> ColumnElement[bool]:
        """Return a condition that selects the rows with these keys by primary key."""
        types = [column.type.python_type for column in self._keys]
        values = [
            tuple(int(part) if type_ is int else part for type_, part in zip(types, _split(key, types), strict=True))
            for key in keys
        ]
        texts = [
            column if type_ is int else cast(column, Text) for column, type_ in zip(self._keys, types, strict=True)
        ]
        return texts[0].in_([value[0] for value in values]) if len(texts) == 1 else tuple_(*texts).in_(values)

    def load_values(self, session: Session, keys: Collection[str], *, lock: bool = False) -> dict[str, dict[str, str]]:
        """Return the sealed columns of those of these rows that are shown, as text by key."""
        query = select(self.key.label(" key"), *map(_as_text, self._sealed))
        query = query.select_from(self._table).where(self.match(keys), self.shown_rows)
        rows = session.execute(query.with_for_update(read=True) if lock else query)
        return {key: self._name_values(values) for key, *values in rows}

    def load_former_values(self, session: Session, changes: Collection[int]) -> dict[str, dict[str, str]]:
        """Return the sealed columns of rows by key as these records of `statement_change` hold them."""
        nothing: ColumnElement[Any] = literal_column(f'CAST(NULL AS "{self.name}")')
        former = func.jsonb_populate_record(nothing, StatementChange.former).table_valued(
            *(sa_column(column.name, column.type) for column in self._sealed)
        )
        query = select(StatementChange.row, *(_as_text(former.c[column.name]) for column in self._sealed))
        query = query.select_from(StatementChange).join(former, true())
        rows = session.execute(query.where(StatementChange.id.in_(changes), StatementChange.former.is_not(None)))
        return {key: self._name_values(values) for key, *values in rows}

    def write_document(self, salt: bytes, values: Mapping[str, str]) -> bytes:
        """Return the document of a row. Its SHA-256 is the seal."""
        return write_json({"salt": salt.hex(), "statement": self.name, "values": values})

    def compute_seal(self, salt: bytes, values: Mapping[str, str]) -> bytes:
        return sha256(self.write_document(salt, values)).digest()

    def _name_values(self, values: Sequence[Any]) -> dict[str, str]:
        """Return values of the sealed columns by name, without nulls, and accounts as pseudonyms."""
        people = frozenset(self.people.split())
        names = (column.name for column in self._sealed)
        pairs = ((name, value) for name, value in zip(names, values, strict=True) if value is not None)
        return {name: pseudonym("account", it) if name in people else it for name, it in pairs}

    @property
    def _sealed(self) -> Sequence[Column[Any]]:
        return [self._table.c[name] for name in (*self.public.split(), *self.people.split())]

    @property
    def _table(self) -> Any:
        return self.model.__table__

    @property
    def _keys(self) -> Sequence[Column[Any]]:
        return list(self._table.primary_key.columns)


def write_json(value: object) -> bytes:
    """Return JSON with sorted keys and no spaces, in UTF-8."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def get(name: str) -> PublicTable | None:
    """Return the declared table of this name, or None if it is unknown or has nothing to seal."""
    table = _declared.get(name)
    return table if table and table.is_sealed else None


def list_declared() -> Sequence[PublicTable]:
    """Return all declared tables by name."""
    return [_declared[name] for name in sorted(_declared)]


def list_sealed() -> Sequence[PublicTable]:
    """Return the declared tables that have columns to seal, by name."""
    return [statement for statement in list_declared() if statement.is_sealed]


def _split(key: str, types: Sequence[type]) -> Sequence[str]:
    """Split a key into its columns. Numbers hold no separator, and one text between them may."""
    before = next((place for place, type_ in enumerate(types) if type_ is not int), len(types) - 1)
    head = key.split(SEPARATOR, before)
    after = len(types) - before - 1
    return [*head[:-1], *head[-1].rsplit(SEPARATOR, after)]


def _as_text(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the text of a value, independent of time zone and date style. For bytes, return their SHA-256."""
    if isinstance(column.type, DateTime):
        return func.to_char(func.timezone("UTC", column), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
    if isinstance(column.type, Date):
        return func.to_char(column, "YYYY-MM-DD")
    if isinstance(column.type, LargeBinary):
        return func.encode(func.sha256(column), "hex")
    return cast(column, Text)
