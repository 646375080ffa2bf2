"""Lists of a consultation, each read by one statement, for pages of JSON and for files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy import BigInteger, BindParameter, Text, bindparam, text
from sqlalchemy.orm import Session

from consult.api.paging import ListPage, PageQuery, make_cursor, read_cursor
from consult.api.reading import records
from consult.core.database.sql_files import read_sql
from consult.core.web.requests import settings
from consult.ledger import service as ledger

LAST = 2**63 - 1
"""The largest key."""
BINDS: tuple[BindParameter[Any], ...] = (
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
        Collection("responses", records.ResponseRecord, "readable_comment", {"question": "q.position = :question - 1"}),
    )
}


def read_page(
    session: Session, of: Collection, consultation_id: int, asked: PageQuery, filters: Mapping[str, Any]
) -> ListPage[msgspec.Raw]:
    """Return a page of records, as PostgreSQL wrote them."""
    given = {name: value for name, value in filters.items() if value}
    mark = {**given, "consultation": consultation_id}
    after = read_cursor(of.name, mark, asked.cursor)
    values = {**bind_values(consultation_id, after, LAST), **given, "most": asked.limit + 1}
    as_of = ledger.head(session) - 1
    statement = text(f"{of.select_json(given)} LIMIT :most").bindparams(*BINDS)
    rows = session.execute(statement, values).all()
    more = make_cursor(of.name, mark, rows[asked.limit - 1].key) if len(rows) > asked.limit else None
    return ListPage([msgspec.Raw(row.record.encode()) for row in rows[: asked.limit]], as_of, more)


def read_all(session: Session, of: Collection, consultation_id: int, filters: Mapping[str, Any]) -> list[Any]:
    """Return all records that match, decoded. For few: those of one submission."""
    page = read_page(session, of, consultation_id, PageQuery(limit=200), filters)
    return [msgspec.json.decode(raw, type=of.record) for raw in page.data]


def bind_values(consultation_id: int, after: int, upto: int) -> dict[str, Any]:
    """Return the values of BINDS for the rows of a consultation after one key, up to another."""
    return {"base": settings().base_url, "consultation": consultation_id, "after": after, "upto": upto}
