"""Lists of a consultation, each read by one statement: a page as JSON, or all rows for a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy import BigInteger, BindParameter, Text, bindparam, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from consult.api.paging import ListPage, PageQuery, make_cursor, read_cursor
from consult.api.reading import records
from consult.core.database.sql_files import read_sql
from consult.core.db import autocommit_connection
from consult.core.web.requests import settings
from consult.ledger import service as ledger

_LAST = 2**63 - 1
_DIALECT = postgresql.dialect(paramstyle="named")  # type: ignore[no-untyped-call]
_STEP = 100_000
"""The ids covered by one statement of a file. Each has its own snapshot, so that a slow client blocks no vacuum."""
_BINDS: tuple[BindParameter[Any], ...] = (
    bindparam("base", type_=Text),
    *(bindparam(name, type_=BigInteger) for name in ("consultation", "after", "upto")),
)
_JSON = "SELECT key, '{{' || substr(j, strpos(j, ',') + 1) AS record FROM ({}) AS x"
"""Rows as JSON objects without their first column, which is `key`."""


@dataclass(frozen=True)
class Collection:
    """A list of records. `filters` are SQL conditions by parameter. `table` finds its last key."""

    name: str
    record: type[msgspec.Struct]
    table: str
    filters: Mapping[str, str] = field(default_factory=dict)

    def select(self, given: Mapping[str, Any]) -> str:
        """Return the statement with the conditions of these filters."""
        where = "".join(f" AND {self.filters[name]}" for name in given)
        return read_sql(__file__, self.name, where=where)

    def select_json(self, given: Mapping[str, Any]) -> str:
        """Return the statement for `key` and `record`, the row as JSON."""
        return _JSON.format(f"SELECT r.key, row_to_json(r)::text AS j FROM ({self.select(given)}) r")  # noqa: S608


_ON = "p.wid = :provision"
COLLECTIONS = {
    each.name: each
    for each in (
        Collection(
            "comments",
            records.CommentRecord,
            "readable_comment",
            {
                "provision": _ON,
                "question": "q.position = :question - 1",
                "stance": "c.counted_as = :stance",
                "language": "c.language = :language",
                "reference": "s.reference = :reference",
            },
        ),
        Collection(
            "submissions", records.SubmissionRecord, "readable_submission", {"reference": "s.reference = :reference"}
        ),
        Collection("evidence", records.EvidenceRecord, "readable_evidence", {"reference": "s.reference = :reference"}),
        Collection("arguments", records.ArgumentRecord, "readable_argument"),
    )
}


def read_page(
    session: Session, of: Collection, consultation_id: int, asked: PageQuery, filters: Mapping[str, Any]
) -> ListPage[msgspec.Raw]:
    """Return a page of records, as PostgreSQL wrote them."""
    given = {name: value for name, value in filters.items() if value}
    mark = {**given, "consultation": consultation_id}
    after = read_cursor(of.name, mark, asked.cursor)
    values = {**_values(consultation_id, after, _LAST), **given, "most": asked.limit + 1}
    as_of = ledger.head(session) - 1
    statement = text(f"{of.select_json(given)} LIMIT :most").bindparams(*_BINDS)
    rows = session.execute(statement, values).all()
    more = make_cursor(of.name, mark, rows[asked.limit - 1].key) if len(rows) > asked.limit else None
    return ListPage([msgspec.Raw(row.record.encode()) for row in rows[: asked.limit]], as_of, more)


def read_all(session: Session, of: Collection, consultation_id: int, filters: Mapping[str, Any]) -> list[Any]:
    """Return all records that match, decoded. For few: those of one submission."""
    page = read_page(session, of, consultation_id, PageQuery(limit=200), filters)
    return [msgspec.json.decode(raw, type=of.record) for raw in page.data]


def stream_json(of: Collection, consultation_id: int) -> Iterator[bytes]:
    """Yield NDJSON as PostgreSQL writes it, without a Python object for each row.

    The field separator and quote of COPY are control characters, which JSON escapes.
    """
    bound = text(f"SELECT record FROM ({of.select_json({})}) AS y").bindparams(*_BINDS)  # noqa: S608
    for after, upto in _list_steps(of, consultation_id):
        with autocommit_connection() as connection:
            chosen = bound.bindparams(**_values(consultation_id, after, upto))
            select = chosen.compile(dialect=_DIALECT, compile_kwargs={"literal_binds": True})
            copy = f"COPY ({select}) TO STDOUT (FORMAT csv, DELIMITER E'\\x02', QUOTE E'\\x01')"
            with connection.connection.driver_connection.cursor().copy(copy) as parts:  # type: ignore[union-attr]
                for part in parts:
                    yield bytes(part)


def stream_rows(of: Collection, consultation_id: int) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a CSV file, the names of the columns first."""
    yield of.record.__struct_fields__
    decoder = msgspec.json.Decoder(of.record)
    for line in stream_json(of, consultation_id):  # COPY sends each row as one message
        yield msgspec.structs.astuple(decoder.decode(line))


def _list_steps(of: Collection, consultation_id: int) -> Iterator[tuple[int, int]]:
    """Yield ranges of keys, from the consultation's first row to its last."""
    span = text(f"SELECT min(id) - 1, max(id) FROM {of.table} WHERE consultation_id = :consultation")  # noqa: S608
    with autocommit_connection() as connection:
        first, last = connection.execute(span, {"consultation": consultation_id}).one()
    for after in range(first or 0, last or 0, _STEP):
        yield after, min(after + _STEP, last)


def _values(consultation_id: int, after: int, upto: int) -> dict[str, Any]:
    return {"base": settings().base_url, "consultation": consultation_id, "after": after, "upto": upto}
