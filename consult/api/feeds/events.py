"""Public events as entries of Atom feeds, in documents of a fixed range of numbers. Source: RFC 5005."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from consult.api.reading import changes, subjects
from consult.api.reading.changes import EVENTS
from consult.consultations.followers.feeds import EVENT_LABELS, FeedItem, make_tag_uri
from consult.core.i18n import N_, _, current_language
from consult.ledger import service as ledger
from consult.ledger.model import Kind

RANGE = 500
"""Entries of the public record in one document."""
_SILENT = frozenset(changes.SUBMISSION_EVENTS)
"""Events of single submissions, which have their own lists."""
KINDS = tuple(kind for kind in EVENTS if kind not in _SILENT)
_LABELS = {
    **EVENT_LABELS,
    Kind.PLAN_PUBLISHED: N_("Action plan published"),
    Kind.ACTION_PROMISED: N_("Action announced in an answer"),
    Kind.ACTION_CHANGED: N_("Action changed"),
    Kind.ACTION_REPORTED: N_("Progress report on an action"),
    Kind.ACTION_OVERDUE: N_("Action overdue"),
    Kind.ACTION_DONE: N_("Action done"),
    Kind.ACTION_DROPPED: N_("Action dropped"),
    Kind.SIGNAL_WARNED: N_("Warning"),
    Kind.SIGNAL_CORRECTED: N_("Warning corrected"),
    Kind.SIGNAL_RETRACTED: N_("Warning retracted"),
    Kind.SIGNAL_CLOSED: N_("Warning closed"),
    Kind.CASE_STUDY_PUBLISHED: N_("Case study published"),
    Kind.CASE_STUDY_AMENDED: N_("Case study changed"),
    Kind.CASE_STUDY_WITHDRAWN: N_("Case study withdrawn"),
}


def count_archives(session: Session) -> int:
    """Return the number of complete documents. They are numbered from 1."""
    return max(0, (ledger.head(session) - 1) // RANGE)


def list_events(session: Session, *, document: int) -> list[FeedItem]:
    """Return the events of a document, newest first."""
    first = (document - 1) * RANGE
    rows = [row for row in changes.find_rows(session, KINDS, after=first, most=RANGE) if row.number <= first + RANGE]
    by_subject = subjects.find_subjects(session, rows)
    return list(_make_items(rows, by_subject))[::-1]


def _make_items(rows: Sequence[Row[Any]], by_subject: subjects.Subjects) -> Iterator[FeedItem]:
    for row in rows:
        if subject := subjects.choose_subject(by_subject, row):
            label = str(_LABELS[Kind(row.kind)])
            title = f"{label}{_(': ')}{subject.title}"
            address, language = make_tag_uri(f"event-{row.number}"), current_language()
            yield FeedItem(address, title, subject.page, row.at, label, subject.language, language)
