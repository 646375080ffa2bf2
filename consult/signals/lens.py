"""Search lens for signals under a taxonomy term."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from consult.core.i18n import N_, current_language
from consult.countries import sections
from consult.countries.sections import CountrySection
from consult.signals.labels import CONFIDENCE, LEVELS, STATES
from consult.signals.model import PUBLIC_STATES, Signal, SignalState
from consult.signals.places import regions
from consult.signals.queries import name_signals
from consult.taxonomy import lenses
from consult.taxonomy.lenses import Lens, LensItem


def register() -> None:
    """Register the lens and the section of countries. Safe to repeat."""
    lenses.register(Lens("signals", N_("Drug warnings"), _find, _count, order=40))
    sections.register(CountrySection("signals", N_("Drug warnings"), _find_of_country, order=70))


def _find(session: Session, term_ids: Collection[int], before: int | None, most: int) -> list[LensItem]:
    wanted = _about(term_ids)
    if before is not None:
        wanted = wanted.where(Signal.id < before)
    return _load(session, wanted, most)


def _find_of_country(session: Session, country: str, most: int) -> list[LensItem]:
    return _load(session, select(Signal).where(Signal.country == country, Signal.state.in_(PUBLIC_STATES)), most)


def _load(session: Session, wanted: Select[Any], most: int) -> list[LensItem]:
    rows = session.scalars(wanted.order_by(Signal.id.desc()).limit(most)).all()
    titles = name_signals(session, rows, current_language())
    return [_to_item(row, titles[row.id]) for row in rows]


def _count(session: Session, term_ids: Collection[int]) -> int:
    return lenses.count_some(session, _about(term_ids))


def _about(term_ids: Collection[int]) -> Select[Any]:
    return select(Signal).where(Signal.substance_id.in_(term_ids), Signal.state.in_(PUBLIC_STATES))


def _to_item(row: Signal, title: str) -> LensItem:
    stands = LEVELS[row.level] if row.state is SignalState.OPEN else STATES[row.state]
    place = regions.name_place(row.country, row.region, current_language(), row.place if row.place_shown else None)
    sure = [] if row.state is SignalState.RETRACTED else [str(CONFIDENCE[row.confidence])]
    notes = [str(stands), place, *sure]
    return LensItem(row.id, title, "signals.one", {"slug": row.slug}, at=row.opened_at, notes=notes)
