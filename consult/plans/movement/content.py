"""Content of a yearly summary: indicators in the wrong direction, late actions and disputed actions. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from consult.plans.indicators.direction import MovedIndicator, find_wrong_turn
from consult.plans.indicators.model import PlanIndicator, WantedTurn
from consult.plans.indicators.periods import read_period
from consult.plans.standings import ActionStatus
from consult.plans.state import ActionState


@dataclass(frozen=True)
class MovedAction:
    """An action at that time: due date and last reports of both sides.

    Summaries of the old format hold only `number`.
    """

    number: str
    title: str = ""
    due_on: str = ""  # ISO 8601
    government: str = ""
    society: Sequence[tuple[str, int]] = ()  # number of organisations by reported progress


@dataclass(frozen=True)
class YearMovement:
    """Actions done, late or disputed in the year, and indicators that moved in the wrong direction.

    `compared` counts indicators with a desired direction and a new value in the year.
    """

    done: Sequence[MovedAction]
    late: Sequence[MovedAction]
    differ: Sequence[MovedAction]
    wrong: Sequence[MovedIndicator]
    compared: int = 0

    @property
    def is_empty(self) -> bool:
        return not (self.done or self.late or self.differ or self.wrong)


def compile_movement(
    statuses: Sequence[ActionStatus],
    indicators: Sequence[PlanIndicator],
    year: int,
    *,
    former: Mapping[int, Sequence[tuple[str, Any]]],
    at: date,
) -> YearMovement:
    """Compile the summary of a year, as of a date.

    `former` maps indicators with a file accepted in that year to the headline before it, empty if there was none.
    """
    compared = [item for item in indicators if has_news(item, year, former=former.get(item.id))]
    return YearMovement(
        [_keep(item) for item in statuses if item.action.done_at and item.action.done_at.year == year],
        [
            _keep(item)
            for item in statuses
            if item.action.due_on and item.action.due_on.year == year and went_late(item, at)
        ],
        [_keep(item) for item in statuses if item.differs],
        [moved for item in compared if (moved := find_wrong_turn(item)) is not None],
        len(compared),
    )


def _keep(status: ActionStatus) -> MovedAction:
    standing = status.standing
    return MovedAction(
        status.action.number or "",
        status.action.title,
        status.action.due_on.isoformat() if status.action.due_on else "",
        str(standing.government) if standing.government else "",
        [(str(progress), n) for progress, n in standing.pairs],
    )


def went_late(status: ActionStatus, at: date) -> bool:
    """Return whether the due date passed before the action was done or dropped."""
    return status.action.overdue_at is not None or (
        status.state is ActionState.LATE and status.action.due_on is not None and status.action.due_on < at
    )


def has_news(row: PlanIndicator, year: int, *, former: Sequence[tuple[str, Any]] | None) -> bool:
    """Return whether an indicator with a desired direction has two values and a new one in the year.

    A new value is dated in the year, or came with a file accepted in it. A file with the same last values does not
    count. `former` is the earlier headline if a file was accepted in the year.
    """
    values = _last_two(row.headline)
    if len(values) < 2 or row.better is WantedTurn.NEITHER:
        return False
    day = values[-1][0]
    came = former is not None and values != _last_two(former)
    return came or (isinstance(day, date) and day.year == year)


def _last_two(headline: Sequence[tuple[str, Any]]) -> list[tuple[date | str, Decimal]]:
    """Return the last two values with their dates, independent of how they are written."""
    values = [(period, value) for period, value in headline if value is not None][-2:]
    return [(read_period(period) or period, Decimal(value)) for period, value in values]


def load_movement(content: Mapping[str, Any], language: str) -> YearMovement:
    """Load a summary from its stored form. Old ones have texts in one language and only the numbers of actions."""
    done, late, differ = ([_load_action(stored) for stored in content[name]] for name in ("done", "late", "differ"))
    return YearMovement(
        done,
        late,
        differ,
        [_load_indicator(stored, language) for stored in content["wrong"]],
        content.get("compared", 0),
    )


def _load_action(kept: Any) -> MovedAction:
    if isinstance(kept, str):
        return MovedAction(kept)
    return MovedAction(**{**kept, "society": [(progress, n) for progress, n in kept["society"]]})


def _load_indicator(kept: Mapping[str, Any], language: str) -> MovedIndicator:
    if "titles" in kept:
        return MovedIndicator(**kept)
    rest = {name: value for name, value in kept.items() if name not in ("title", "unit")}
    return MovedIndicator(titles={language: kept["title"]}, units={language: kept["unit"]}, **rest)
