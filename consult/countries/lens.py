"""Lens that lists laws and treaty facts on the page of a topic."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from consult.accounts.labels import country_name
from consult.core.i18n import N_
from consult.countries.labels import KIND_LABELS, format_fact_day
from consult.countries.model import CountryFact
from consult.taxonomy import lenses
from consult.taxonomy.lenses import Lens, LensItem


def register() -> None:
    """Register the lens. Safe to repeat."""
    lenses.register(Lens("laws", N_("Laws and treaties"), _find, _count, order=60))


def _find(session: Session, term_ids: Collection[int], before: int | None, most: int) -> list[LensItem]:
    wanted = _about(term_ids)
    if before is not None:
        wanted = wanted.where(CountryFact.id < before)
    return [to_item(row) for row in session.scalars(wanted.order_by(CountryFact.id.desc()).limit(most))]


def to_item(row: CountryFact) -> LensItem:
    """Return a fact as an item of a list: country, kind and date."""
    kind = str(KIND_LABELS[row.kind])
    return LensItem(
        row.id,
        f"{country_name(row.country)}: {row.title or kind}",
        "countries.fact",
        {"number": row.id},
        words=row.words,
        language=row.language if row.words else "",
        notes=[kind, format_fact_day(row)] if row.title else [format_fact_day(row)],
    )


def _count(session: Session, term_ids: Collection[int]) -> int:
    return lenses.count_some(session, _about(term_ids))


def _about(term_ids: Collection[int]) -> Select[Any]:
    return select(CountryFact).where(CountryFact.term_id.in_(term_ids), CountryFact.replaced_by.is_(None))
