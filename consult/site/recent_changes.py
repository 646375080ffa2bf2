"""Recent changes of drafts, latest first, and consultations with answers due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Row, func, or_, select, tuple_
from sqlalchemy.orm import Session

from consult.consultations.model import Consultation, Phase
from consult.core.clock import now
from consult.core.paging import Page, decode_time_cursor, make_page
from consult.documents.model import ProvisionChange, ProvisionLink, Version
from consult.responses import answer_queries
from consult.responses.answer_queries import AnswerCounts
from consult.site.consultation_search import LISTED_COLUMNS

PAGE = 20
_OWED = 50


@dataclass(frozen=True)
class ChangedDraft:
    """A later version of a draft, with the number of provisions by kind of change."""

    consultation: Consultation
    version: Version
    counts: Mapping[str, int]

    @property
    def told(self) -> list[tuple[ProvisionChange, int]]:
        """Return the counts in the order of kinds, without unchanged provisions."""
        return [
            (kind, self.counts[kind])
            for kind in ProvisionChange
            if kind is not ProvisionChange.UNCHANGED and kind in self.counts
        ]


@dataclass(frozen=True)
class OwedConsultations:
    """Consultations with answers due: overdue ones first, longest overdue first."""

    late: Sequence[Row[Any]]
    due: Sequence[Row[Any]]
    answer_counts: Mapping[int, AnswerCounts]

    @property
    def rows(self) -> list[Row[Any]]:
        return [*self.late, *self.due]


def list_changed_drafts(session: Session, *, after: str = "", few: int = PAGE) -> Page[ChangedDraft]:
    """Return a page of later versions, last published first. One statement."""
    query = _select_later_versions(few)
    if (edge := decode_time_cursor(after)) is not None:
        query = query.where(tuple_(Version.published_at, Version.id) < edge)
    rows = session.execute(query).all()
    drafts = [ChangedDraft(row.Consultation, row.Version, row.counts or {}) for row in rows]
    return make_page(
        drafts, few, lambda it: [(it.version.published_at or it.version.created_at).isoformat(), it.version.id]
    )


@lru_cache(maxsize=4)
def _select_later_versions(few: int) -> Any:
    return (
        select(Version, Consultation, _count_changes().label("counts"))
        .join(Consultation, Consultation.document_id == Version.document_id)
        .where(Version.number > 1, Version.published_at.is_not(None), Consultation.phase != Phase.DRAFT)
        .order_by(Version.published_at.desc(), Version.id.desc())
        .limit(few + 1)
    )


def list_owed(session: Session) -> OwedConsultations:
    """Return consultations with answers due, or with expired deferrals. Two statements."""
    promised = (Consultation.closes_at <= now()) & Consultation.answer_by.is_not(None) & answer_queries.is_owing()
    rows = session.execute(
        select(*LISTED_COLUMNS)
        .where(Consultation.phase != Phase.DRAFT, or_(promised, answer_queries.has_late_deferral()))
        .order_by(Consultation.answer_by, Consultation.id)
        .limit(_OWED)
    ).all()
    answer_counts = answer_queries.count_answers(session, {row.id: row.answer_by for row in rows})
    rows = [
        row for row in rows if not answer_counts[row.id].kept
    ]  # An expired deferral is irrelevant if its argument was merged into an answered one.
    late = {row.id for row in rows if _is_late(row, answer_counts[row.id])}
    return OwedConsultations(
        [row for row in rows if row.id in late], [row for row in rows if row.id not in late], answer_counts
    )


def _is_late(row: Row[Any], counts: AnswerCounts) -> bool:
    passed = row.answer_by is not None and row.answer_by < counts.today
    return counts.overdue > 0 or (passed and not counts.arguments)


def _count_changes() -> Any:
    """Select the number of lines in a version's map by kind of change, as a JSON object."""
    each = (
        select(ProvisionLink.change.label("change"), func.count(ProvisionLink.line.distinct()).label("n"))
        .where(ProvisionLink.version_id == Version.id)
        .group_by(ProvisionLink.change)
        .correlate(Version)
        .lateral()
    )
    return select(func.jsonb_object_agg(each.c.change, each.c.n)).select_from(each).scalar_subquery()
