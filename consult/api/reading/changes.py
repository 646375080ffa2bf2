"""The list of public events, from an allow-list of kinds: a new kind is no event until somebody adds it."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from consult.api.paging import ListPage, PageQuery, make_cursor, read_cursor
from consult.api.reading.records import ChangeRecord
from consult.core.database.sql_files import read_sql
from consult.core.web.addresses import public_url
from consult.ledger import service as ledger
from consult.ledger.model import Kind

SUBMISSION_EVENTS = (Kind.PUBLISHED, Kind.WITHDRAWN, Kind.ERASED)
EVENTS = (
    Kind.CONSULTATION_PUBLISHED,
    Kind.CONSULTATION_OPENED,
    Kind.CONSULTATION_CHANGED,
    Kind.CONSULTATION_EXTENDED,
    Kind.CONSULTATION_CLOSED,
    Kind.CONSULTATION_REOPENED,
    Kind.DRAFT_PUBLISHED,
    *SUBMISSION_EVENTS,
    Kind.RESPONSE_GIVEN,
    Kind.RESPONSE_AMENDED,
    Kind.PLAN_PUBLISHED,
    Kind.ACTION_PROMISED,
    Kind.ACTION_CHANGED,
    Kind.ACTION_REPORTED,
    Kind.ACTION_OVERDUE,
    Kind.ACTION_DONE,
    Kind.SIGNAL_WARNED,
    Kind.SIGNAL_CORRECTED,
    Kind.SIGNAL_RETRACTED,
    Kind.SIGNAL_CLOSED,
    Kind.CASE_STUDY_PUBLISHED,
    Kind.CASE_STUDY_AMENDED,
    Kind.CASE_STUDY_WITHDRAWN,
)
_CHANGES = text(read_sql(__file__, "changes"))


def list_changes(session: Session, asked: PageQuery, after: int) -> ListPage[ChangeRecord]:
    """Return the public events after an entry of the public record, in its order."""
    since = read_cursor("changes", {}, asked.cursor) or after
    as_of = ledger.head(session) - 1
    values = {"submissions": list(map(str, SUBMISSION_EVENTS)), "kinds": list(map(str, EVENTS))}
    rows = session.execute(_CHANGES, {**values, "after": since, "most": asked.limit + 1}).all()
    shown = [
        ChangeRecord(row.number, row.kind, row.hour, row.consultation, row.reference, _find_page(row.reference))
        for row in rows[: asked.limit]
    ]
    more = make_cursor("changes", {}, shown[-1].number) if len(rows) > asked.limit else None
    return ListPage(shown, as_of, more)


def _find_page(reference: str | None) -> str | None:
    return public_url("trace.public", reference=reference) if reference else None
