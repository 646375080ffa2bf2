"""The latest reports of both sides on actions, and the resulting state. Fixed numbers of statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, bindparam, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from consult.core.clock import now
from consult.plans.indicators.direction import MovedIndicator
from consult.plans.model import ActionReport, PlanAction, Progress, ReportSide, ReportState
from consult.plans.state import ActionStanding, ActionState, Due, compute_state, has_difference, is_awaited


@dataclass(frozen=True)
class ActionStatus:
    """An action with the latest reports of both sides and its state today.

    `awaited`: it has no current report, but its first one is not late yet. `against`: the government reports it as done
    or kept up, and this indicator of it goes the wrong way.
    """

    action: PlanAction
    standing: ActionStanding
    state: ActionState
    awaited: bool = False
    against: MovedIndicator | None = None

    @property
    def differs(self) -> bool:
        return has_difference(self.standing)

    @property
    def done_on(self) -> date | None:
        """Return the date on which the government reported it as done."""
        return self.action.done_at.date() if self.action.done_at else None


def select_last(of: ColumnElement[bool]) -> Any:
    """Select the last published report of each side and organisation on actions. `of` is a condition on the actions.

    Moderators can only hide the words of a government report: the progress that it reports still counts.
    """
    counted = or_(ActionReport.state == ReportState.PUBLISHED, ActionReport.side == ReportSide.GOVERNMENT)
    who = (ActionReport.action_id, ActionReport.side, ActionReport.organisation_id)
    return (
        select(ActionReport.action_id, ActionReport.side, ActionReport.progress, ActionReport.at)
        .where(of, counted)
        .ext(distinct_on(*who))
        .order_by(*who, ActionReport.id.desc())
    )


def load_standings(session: Session, of: ColumnElement[bool]) -> dict[int, ActionStanding]:
    """Return the latest reports by action id. `of` is a condition on reports."""
    return collect_standings(tuple(row) for row in session.execute(_count_last(of)))


CountedReports: TypeAlias = tuple[int, ReportSide, Progress, int, datetime]
"""Action id, side, progress, number of organisations that report it, and time of the latest."""


def _count_last(of: ColumnElement[bool]) -> Any:
    last = select_last(of).subquery()
    columns = last.c.action_id, last.c.side, last.c.progress
    return select(*columns, func.count(), func.max(last.c.at)).group_by(*columns)


_OF_PLAN = _count_last(
    ActionReport.action_id.in_(select(PlanAction.id).where(PlanAction.plan_id == bindparam("plan_id")))
)


def load_plan_standings(session: Session, plan_id: int) -> dict[int, ActionStanding]:
    """Return the latest reports on each action of a plan, by action id."""
    return collect_standings(tuple(row) for row in session.execute(_OF_PLAN, {"plan_id": plan_id}))


def collect_standings(rows: Iterable[CountedReports]) -> dict[int, ActionStanding]:
    """Collect the reports of each action from counted rows. Pure."""
    society: dict[int, dict[Progress, int]] = {}
    government: dict[int, tuple[Progress, date]] = {}
    for action_id, side, progress, n, at in rows:
        progress_by_side = society.setdefault(action_id, {})
        if side is ReportSide.GOVERNMENT:
            government[action_id] = progress, at.date()
        else:
            progress_by_side[progress] = progress_by_side.get(progress, 0) + n
    nothing: tuple[Progress | None, date | None] = None, None
    return {
        number: ActionStanding(
            *government.get(number, nothing),
            progress_by_side if len(progress_by_side) < 2 else _in_order(progress_by_side),
        )
        for number, progress_by_side in society.items()
    }


def _in_order(society: Mapping[Progress, int]) -> dict[Progress, int]:
    """Order reported progress by the number of organisations, largest first."""
    return dict(sorted(society.items(), key=lambda pair: (-pair[1], list(Progress).index(pair[0]))))


def build_status(action: PlanAction, standing: ActionStanding | None, today: date | None = None) -> ActionStatus:
    """Return the status of an action on a date."""
    known, day = standing or ActionStanding(), today or now().date()
    decides = Due(action.due_on, action.timetable, action.kept_on, action.done_at is not None)
    state = compute_state(known, decides, day)
    began = action.begins_on or action.created_at.date()
    awaited = state is ActionState.NO_REPORT and is_awaited(known, began=began, today=day)
    return ActionStatus(action, known, state, awaited)
