"""Indicators that move in the wrong direction: since the value before, or since the baseline. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from consult.plans.indicators.model import PlanIndicator, WantedTurn, pick_words


@dataclass(frozen=True)
class MovedIndicator:
    """An indicator that moved in the wrong direction: two of its values and its target."""

    code: str
    titles: Mapping[str, str]
    units: Mapping[str, str]
    before: str
    before_period: str
    last: str
    last_period: str
    target: str | None = None
    target_period: str = ""

    def title_in(self, *languages: str) -> str:
        """Return the title in the first available of these languages."""
        return pick_words(self.titles, *languages)[1] or self.code

    def unit_in(self, *languages: str) -> str:
        """Return the unit in the first available of these languages."""
        return pick_words(self.units, *languages)[1]


def find_wrong_turn(row: PlanIndicator) -> MovedIndicator | None:
    """Return the last two values of an indicator if it moved in the wrong direction, else None."""
    values = _list_values(row)[-2:]
    return _compare(row, values[0], values[1]) if len(values) == 2 else None


def find_worse(row: PlanIndicator) -> MovedIndicator | None:
    """Return the baseline and the last value if the last is worse, else the last two values if these got worse.

    None if neither got worse, or if the indicator has no desired direction.
    """
    values = _list_values(row)
    if not values:
        return None
    since = _compare(row, (row.baseline_period, row.baseline), values[-1]) if row.baseline is not None else None
    return since or find_wrong_turn(row)


def _list_values(row: PlanIndicator) -> list[tuple[str, Decimal]]:
    return [(period, Decimal(value)) for period, value in row.headline if value is not None]


def _compare(row: PlanIndicator, before: tuple[str, Decimal], last: tuple[str, Decimal]) -> MovedIndicator | None:
    wanted = (last[1] > before[1]) == (row.better is WantedTurn.UP)
    if row.better is WantedTurn.NEITHER or before[1] == last[1] or wanted:
        return None
    target = None if row.target is None else f"{row.target:f}"
    values = f"{before[1]:f}", before[0], f"{last[1]:f}", last[0]
    return MovedIndicator(row.code, _name(row), row.units, *values, target, row.target_period)


def _name(row: PlanIndicator) -> Mapping[str, Any]:
    """Return the title by language, with the name of the headline's group if it has one."""
    if not row.headline_name:
        return row.titles
    return {code: f"{title} (\u2068{row.headline_name}\u2069)" for code, title in row.titles.items()}
