"""Recommendations on pages of topics, countries and actions."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from consult.accounts.labels import country_name
from consult.core.i18n import N_
from consult.core.text import excerpt
from consult.countries import sections
from consult.countries.sections import CountrySection
from consult.recommendations import queries
from consult.recommendations.labels import POSITION_LABELS, STATUS_LABELS
from consult.recommendations.model import CountryRecommendation, RecommendationTerm
from consult.recommendations.queries import AnsweredRecommendation
from consult.taxonomy import lenses
from consult.taxonomy.lenses import Lens, LensItem


def register() -> None:
    """Register the lens and the section of countries. Safe to repeat."""
    lenses.register(Lens("recommendations", N_("Recommendations"), _find, _count, order=15))
    sections.register(
        CountrySection("recommendations", N_("Recommendations"), _find_of_country, 40, "recommendations.listed")
    )


def _find(session: Session, term_ids: Collection[int], before: int | None, most: int) -> list[LensItem]:
    wanted = _about(term_ids)
    if before is not None:
        wanted = wanted.where(CountryRecommendation.id < before)
    ids = session.scalars(wanted.order_by(CountryRecommendation.id.desc()).limit(most)).all()
    rows = {item.row.id: item for item in queries.list_by_ids(session, ids)}
    return [to_item(rows[number]) for number in ids]


def _count(session: Session, term_ids: Collection[int]) -> int:
    return lenses.count_some(session, _about(term_ids))


def _about(term_ids: Collection[int]) -> Select[Any]:
    tagged = select(RecommendationTerm.recommendation_id).where(RecommendationTerm.term_id.in_(term_ids))
    return select(CountryRecommendation.id).where(CountryRecommendation.id.in_(tagged))


def _find_of_country(session: Session, country: str, most: int) -> list[LensItem]:
    return [to_item(item) for item in queries.list_for_country(session, country).items[:most]]


def to_item(item: AnsweredRecommendation) -> LensItem:
    """Return a recommendation as an item of a list, with its position and status."""
    row = item.row
    return LensItem(
        row.id,
        f"{row.number} {excerpt(row.words, 160)}",
        "recommendations.recommendation",
        {"number": row.id},
        language=item.set.language,
        by=f"{country_name(item.set.country)} · {item.set.symbol}",
        notes=[str(POSITION_LABELS[row.position]), str(STATUS_LABELS[item.status])],
    )
