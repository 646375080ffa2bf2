"""Signals among everything that is said under a term."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from consult.core.i18n import N_, current_language
from consult.signals.labels import CONFIDENCE, LEVELS, STATES
from consult.signals.model import PUBLIC_STATES, Signal, SignalState
from consult.signals.places import regions
from consult.taxonomy import lenses
from consult.taxonomy.lenses import Lens, LensItem


def register() -> None:
    """Adds the lens; may be repeated."""
    lenses.register(Lens("signals", N_("Signals"), _find, _count, order=40))


def _find(session: Session, term_ids: Collection[int], before: int | None, most: int) -> list[LensItem]:
    wanted = _about(term_ids)
    if before is not None:
        wanted = wanted.where(Signal.id < before)
    return [_to_item(row) for row in session.scalars(wanted.order_by(Signal.id.desc()).limit(most))]


def _count(session: Session, term_ids: Collection[int]) -> int:
    return lenses.count_some(session, _about(term_ids))


def _about(term_ids: Collection[int]) -> Select[Any]:
    return select(Signal).where(Signal.substance_id.in_(term_ids), Signal.state.in_(PUBLIC_STATES))


def _to_item(row: Signal) -> LensItem:
    stands = LEVELS[row.level] if row.state is SignalState.OPEN else STATES[row.state]
    place = regions.name_place(row.country, row.region, current_language(), row.place if row.place_shown else None)
    sure = [] if row.state is SignalState.RETRACTED else [str(CONFIDENCE[row.confidence])]
    notes = [str(stands), place, *sure]
    return LensItem(row.id, row.title, "signals.one", {"slug": row.slug}, at=row.opened_at, notes=notes)
