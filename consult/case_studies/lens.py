"""Lens that lists case studies on a topic among other content."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, case, select
from sqlalchemy.orm import Session

from consult.case_studies.labels import DIRECTIONS, certainty_words
from consult.case_studies.model import CaseStudy, CaseStudyTerm, StudyState
from consult.core.i18n import N_, pgettext
from consult.countries import sections
from consult.countries.sections import CountrySection
from consult.taxonomy import lenses
from consult.taxonomy.lenses import Lens, LensItem


def register() -> None:
    """Register the lens and the section of countries. Safe to repeat."""
    lenses.register(Lens("case-studies", N_("Case studies"), _find, _count, order=30))
    sections.register(CountrySection("case-studies", N_("Case studies"), _find_of_country, order=60))


_PUBLISHED_FIRST = 2**40
"""Added to the ID of case studies that are not withdrawn, so that one number gives the sort order."""
_ORDER = CaseStudy.id + case((CaseStudy.state == StudyState.WITHDRAWN, 0), else_=_PUBLISHED_FIRST)


def _find(session: Session, term_ids: Collection[int], before: int | None, most: int) -> list[LensItem]:
    """Return case studies on these topics, newest first, withdrawn ones last."""
    wanted = select(CaseStudy, _ORDER).where(CaseStudy.id.in_(_about(term_ids)))
    if before is not None:
        wanted = wanted.where(before > _ORDER)
    rows = session.execute(wanted.order_by(_ORDER.desc()).limit(most))
    return [_to_item(row, number) for row, number in rows]


def _find_of_country(session: Session, country: str, most: int) -> list[LensItem]:
    """Return case studies of a country, newest first, withdrawn ones last."""
    shown = CaseStudy.state.in_((StudyState.PUBLISHED, StudyState.WITHDRAWN))
    rows = session.execute(
        select(CaseStudy, _ORDER).where(CaseStudy.country == country, shown).order_by(_ORDER.desc()).limit(most)
    )
    return [_to_item(row, number) for row, number in rows]


def _count(session: Session, term_ids: Collection[int]) -> int:
    return lenses.count_some(session, _about(term_ids))


def _about(term_ids: Collection[int]) -> Select[Any]:
    return (
        select(CaseStudy.id)
        .join(CaseStudyTerm, CaseStudyTerm.case_study_id == CaseStudy.id)
        .where(CaseStudyTerm.term_id.in_(term_ids), CaseStudy.state.in_((StudyState.PUBLISHED, StudyState.WITHDRAWN)))
        .distinct()
    )


def _to_item(row: CaseStudy, number: int) -> LensItem:
    if row.state is StudyState.WITHDRAWN:
        notes = [pgettext("case study", "withdrawn")]
    else:
        direction = [str(DIRECTIONS[row.outcome])] if row.outcome else []
        notes = [*direction, certainty_words(row.certainty, row.appraised)]
    return LensItem(
        number,
        row.title,
        "case_studies.one",
        {"slug": row.slug},
        words=row.summary,
        language=row.language,
        by=row.run_by,
        at=row.published_at,
        notes=notes,
    )
