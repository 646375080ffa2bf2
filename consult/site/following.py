"""What became of consultations: drafts that changed, the last first, and the answers that are owed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Row, func, or_, select, tuple_
from sqlalchemy.orm import Session

from consult.consultations.model import Consultation, Phase
from consult.core.clock import now
from consult.core.paging import Page, decode_moment, page
from consult.documents.model import Change, ProvisionLink, Version
from consult.responses import reading
from consult.responses.reading import Standing
from consult.site.finding import LISTED

PAGE = 20
_OWED = 50


@dataclass(frozen=True)
class Changed:
    """A later version of a draft, and how many provisions became what."""

    consultation: Consultation
    version: Version
    counts: Mapping[str, int]

    @property
    def told(self) -> list[tuple[Change, int]]:
        """What changed, in the order of the kinds; what stayed is left out."""
        return [(kind, self.counts[kind]) for kind in Change if kind is not Change.UNCHANGED and kind in self.counts]


@dataclass(frozen=True)
class Owed:
    """Consultations whose answers are owed: those that are late, the longest first, then those to come."""

    late: Sequence[Row[Any]]
    due: Sequence[Row[Any]]
    standings: Mapping[int, Standing]

    @property
    def rows(self) -> list[Row[Any]]:
        return [*self.late, *self.due]


def lately(session: Session, *, after: str = "", few: int = PAGE) -> Page[Changed]:
    """One page of the versions that followed another, the last published first; one statement."""
    query = _later(few)
    if (edge := decode_moment(after)) is not None:
        query = query.where(tuple_(Version.published_at, Version.id) < edge)
    rows = session.execute(query).all()
    found = [Changed(row.Consultation, row.Version, row.counts or {}) for row in rows]
    return page(found, few, lambda it: [(it.version.published_at or it.version.created_at).isoformat(), it.version.id])


@lru_cache(maxsize=4)
def _later(few: int) -> Any:
    return (
        select(Version, Consultation, _counted().label("counts"))
        .join(Consultation, Consultation.document_id == Version.document_id)
        .where(Version.number > 1, Version.published_at.is_not(None), Consultation.phase != Phase.DRAFT)
        .order_by(Version.published_at.desc(), Version.id.desc())
        .limit(few + 1)
    )


def owed(session: Session) -> Owed:
    """What was promised by those that have closed, and what any deferred to a day that has passed. Two statements."""
    promised = (Consultation.closes_at <= now()) & Consultation.answer_by.is_not(None) & reading.owing()
    rows = session.execute(
        select(*LISTED)
        .where(Consultation.phase != Phase.DRAFT, or_(promised, reading.late()))
        .order_by(Consultation.answer_by, Consultation.id)
        .limit(_OWED)
    ).all()
    standings = reading.standings(session, {row.id: row.answer_by for row in rows})
    rows = [row for row in rows if not standings[row.id].kept]  # a late answer of a part may be made good by the whole
    late = {row.id for row in rows if _is_late(row, standings[row.id])}
    return Owed([row for row in rows if row.id in late], [row for row in rows if row.id not in late], standings)


def _is_late(row: Row[Any], standing: Standing) -> bool:
    passed = row.answer_by is not None and row.answer_by < standing.today
    return standing.overdue > 0 or (passed and not standing.arguments)


def _counted() -> Any:
    """How many lines of a version's map say what, as an object by kind of change."""
    each = (
        select(ProvisionLink.change.label("change"), func.count(ProvisionLink.line.distinct()).label("n"))
        .where(ProvisionLink.version_id == Version.id)
        .group_by(ProvisionLink.change)
        .correlate(Version)
        .lateral()
    )
    return select(func.jsonb_object_agg(each.c.change, each.c.n)).select_from(each).scalar_subquery()
