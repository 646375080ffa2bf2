"""What moved in a year: which indicators went the wrong way, which actions went late, where both sides differ. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from consult.plans.indicators.model import PlanIndicator, WantedTurn, pick_words
from consult.plans.indicators.periods import read_period
from consult.plans.standings import ActionStatus
from consult.plans.state import ActionState


@dataclass(frozen=True)
class MovedIndicator:
    """An indicator that went away from where it should: its last two values, and where it should go."""

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
        """What it is called in the first of these languages that it has a name in."""
        return pick_words(self.titles, *languages)[1] or self.code

    def unit_in(self, *languages: str) -> str:
        """Its unit, likewise."""
        return pick_words(self.units, *languages)[1]


@dataclass(frozen=True)
class MovedAction:
    """An action as it stood then: its day, and what both sides last said. Of former years only `number` is kept."""

    number: str
    title: str = ""
    due_on: str = ""  # ISO 8601
    government: str = ""
    society: Sequence[tuple[str, int]] = ()  # how many organisations say what


@dataclass(frozen=True)
class YearMovement:
    """What was done or went late in the year, where both sides differ, and which indicators went the wrong way.

    `compared`: indicators with a wanted direction and a value that is new in the year.
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
    """What moved in a year, as it stands on a day.

    `former`: of each indicator whose file was kept in that year, the headline of before, empty where there was none.
    """
    compared = [one for one in indicators if has_news(one, year, former=former.get(one.id))]
    return YearMovement(
        [_keep(one) for one in statuses if one.action.done_at and one.action.done_at.year == year],
        [_keep(one) for one in statuses if one.action.due_on.year == year and went_late(one, at)],
        [_keep(one) for one in statuses if one.differs],
        [moved for one in compared if (moved := find_wrong_turn(one)) is not None],
        len(compared),
    )


def _keep(one: ActionStatus) -> MovedAction:
    said = one.standing
    return MovedAction(
        one.action.number or "",
        one.action.title,
        one.action.due_on.isoformat(),
        str(said.government) if said.government else "",
        [(str(progress), n) for progress, n in said.pairs],
    )


def went_late(one: ActionStatus, at: date) -> bool:
    """Whether the day of an action passed without its being done or dropped, be it done since or not."""
    return one.action.overdue_at is not None or (one.state is ActionState.LATE and one.action.due_on < at)


def has_news(row: PlanIndicator, year: int, *, former: Sequence[tuple[str, Any]] | None) -> bool:
    """Whether an indicator that should go somewhere has two values, and one is new: of the year, or come in it.

    A file that says the same again brings none. `former`: the headline of before, where a file was kept in the year.
    """
    values = _last_two(row.headline)
    if len(values) < 2 or row.better is WantedTurn.NEITHER:
        return False
    day = values[-1][0]
    came = former is not None and values != _last_two(former)
    return came or (isinstance(day, date) and day.year == year)


def _last_two(headline: Sequence[tuple[str, Any]]) -> list[tuple[date | str, Decimal]]:
    """The last two values with their days, however the periods and figures are written."""
    values = [(period, value) for period, value in headline if value is not None][-2:]
    return [(read_period(period) or period, Decimal(value)) for period, value in values]


def find_wrong_turn(row: PlanIndicator) -> MovedIndicator | None:
    """The last two values of an indicator, where the last is on the wrong side of the one before."""
    values = [(period, Decimal(value)) for period, value in row.headline if value is not None][-2:]
    if len(values) < 2 or row.better is WantedTurn.NEITHER:
        return None
    (before_period, before), (last_period, last) = values
    if last == before or (last > before) == (row.better is WantedTurn.UP):
        return None
    target = None if row.target is None else f"{row.target:f}"
    return MovedIndicator(
        row.code,
        row.titles,
        row.units,
        f"{before:f}",
        before_period,
        f"{last:f}",
        last_period,
        target,
        row.target_period,
    )


def load_movement(content: Mapping[str, Any], language: str) -> YearMovement:
    """A movement from what is kept of it; of former ones words are in one language, and of actions only numbers."""
    done, late, differ = ([_load_action(one) for one in content[name]] for name in ("done", "late", "differ"))
    return YearMovement(
        done,
        late,
        differ,
        [_load_indicator(one, language) for one in content["wrong"]],
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
