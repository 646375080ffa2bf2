"""Case studies among everything that is said under a term."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from consult.case_studies.labels import DIRECTIONS, certainty_words
from consult.case_studies.model import CaseStudy, CaseStudyTerm, StudyState
from consult.core.i18n import N_, _
from consult.taxonomy import lenses
from consult.taxonomy.lenses import Lens, LensItem


def register() -> None:
    """Adds the lens; may be repeated."""
    lenses.register(Lens("case-studies", N_("Case studies"), _find, _count, order=30))


def _find(session: Session, term_ids: Collection[int], before: int | None, most: int) -> list[LensItem]:
    wanted = select(CaseStudy).where(CaseStudy.id.in_(_about(term_ids)))
    if before is not None:
        wanted = wanted.where(CaseStudy.id < before)
    return [_to_item(row) for row in session.scalars(wanted.order_by(CaseStudy.id.desc()).limit(most))]


def _count(session: Session, term_ids: Collection[int]) -> int:
    return lenses.count_some(session, _about(term_ids))


def _about(term_ids: Collection[int]) -> Select[Any]:
    return (
        select(CaseStudy.id)
        .join(CaseStudyTerm, CaseStudyTerm.case_study_id == CaseStudy.id)
        .where(CaseStudyTerm.term_id.in_(term_ids), CaseStudy.state.in_((StudyState.PUBLISHED, StudyState.WITHDRAWN)))
        .distinct()
    )


def _to_item(row: CaseStudy) -> LensItem:
    said = [str(DIRECTIONS[row.outcome])] if row.outcome else []
    withdrawn = [_("withdrawn")] if row.state is StudyState.WITHDRAWN else []
    return LensItem(
        row.id,
        row.title,
        "case_studies.one",
        {"slug": row.slug},
        words=row.summary,
        language=row.language,
        by=row.run_by,
        at=row.published_at,
        notes=[*withdrawn, *said, certainty_words(row.certainty, row.appraised)],
    )
