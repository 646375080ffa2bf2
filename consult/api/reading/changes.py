"""The list of public events, from an allow-list of kinds: a new kind is no event until somebody adds it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from consult.api.paging import ListPage, PageQuery, make_cursor, read_cursor
from consult.api.reading import subjects
from consult.api.reading.records import ChangeRecord
from consult.api.reading.subjects import Subject
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
    Kind.DIGEST_COMPILED,
    Kind.PLAN_PUBLISHED,
    Kind.ACTION_PROMISED,
    Kind.ACTION_CHANGED,
    Kind.ACTION_REPORTED,
    Kind.ACTION_OVERDUE,
    Kind.ACTION_DONE,
    Kind.ACTION_DROPPED,
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
    events = find_changes(session, EVENTS, after=since, most=asked.limit + 1)
    listed = events[: asked.limit]
    more = make_cursor("changes", {}, listed[-1].number) if len(events) > asked.limit else None
    return ListPage(listed, as_of, more)


def find_changes(session: Session, kinds: Sequence[Kind], *, after: int, most: int) -> list[ChangeRecord]:
    """Return up to `most` public events of these kinds after an entry of the public record, in its order."""
    rows = find_rows(session, kinds, after=after, most=most)
    by_subject = subjects.find_subjects(session, rows)
    return [to_record(row, subjects.choose_subject(by_subject, row)) for row in rows]


def find_rows(session: Session, kinds: Sequence[Kind], *, after: int, most: int) -> Sequence[Row[Any]]:
    """Return the rows of `changes.sql` for up to `most` events."""
    values = {"submissions": list(map(str, SUBMISSION_EVENTS)), "kinds": list(map(str, kinds))}
    return session.execute(_CHANGES, {**values, "after": after, "most": most}).all()


def to_record(row: Row[Any], subject: Subject | None = None) -> ChangeRecord:
    """Return an event with the address of its submission, else of its subject or consultation."""
    page = subject.page if subject else None
    if row.reference:
        page = public_url("trace.public", reference=row.reference)
    elif page is None and row.consultation:
        page = public_url("site.consultation", slug=row.consultation)
    return ChangeRecord(row.number, row.kind, row.hour, row.consultation, row.reference, page)
