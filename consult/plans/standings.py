"""What both sides last said of actions, and the state that follows from it. Fixed numbers of statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, bindparam, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from consult.core.clock import now
from consult.plans.model import ActionReport, PlanAction, Progress, ReportSide, ReportState
from consult.plans.state import ActionStanding, ActionState, compute_state, has_difference, is_awaited


@dataclass(frozen=True)
class ActionStatus:
    """An action with what both sides last said of it, and its state today.

    `awaited`: it has no current report, and the first is not late.
    """

    action: PlanAction
    standing: ActionStanding
    state: ActionState
    awaited: bool = False

    @property
    def differs(self) -> bool:
        return has_difference(self.standing)

    @property
    def done_on(self) -> date | None:
        """When the government said that it is done."""
        return self.action.done_at.date() if self.action.done_at else None


def select_last(of: ColumnElement[bool]) -> Any:
    """The last published report of each side and organisation on actions; `of` says which, as a condition."""
    who = (ActionReport.action_id, ActionReport.side, ActionReport.organisation_id)
    return (
        select(ActionReport.action_id, ActionReport.side, ActionReport.progress, ActionReport.at)
        .where(of, ActionReport.state == ReportState.PUBLISHED)
        .ext(distinct_on(*who))
        .order_by(*who, ActionReport.id.desc())
    )


def load_standings(session: Session, of: ColumnElement[bool]) -> dict[int, ActionStanding]:
    """The standing of each action with a report, by its number; `of` says which, as a condition on reports."""
    return collect_standings(tuple(row) for row in session.execute(_count_last(of)))


CountedReports: TypeAlias = tuple[int, ReportSide, Progress, int, datetime]
"""Of an action and a side: what is last said, how many say so, and when the last of them did."""


def _count_last(of: ColumnElement[bool]) -> Any:
    last = select_last(of).subquery()
    said = last.c.action_id, last.c.side, last.c.progress
    return select(*said, func.count(), func.max(last.c.at)).group_by(*said)


_OF_PLAN = _count_last(
    ActionReport.action_id.in_(select(PlanAction.id).where(PlanAction.plan_id == bindparam("plan_id")))
)


def load_plan_standings(session: Session, plan_id: int) -> dict[int, ActionStanding]:
    """The standing of each action of a plan that has a report."""
    return collect_standings(tuple(row) for row in session.execute(_OF_PLAN, {"plan_id": plan_id}))


def collect_standings(rows: Iterable[CountedReports]) -> dict[int, ActionStanding]:
    """Standings from the last reports. Pure."""
    society: dict[int, dict[Progress, int]] = {}
    government: dict[int, tuple[Progress, date]] = {}
    for action_id, side, progress, n, at in rows:
        said = society.setdefault(action_id, {})
        if side is ReportSide.GOVERNMENT:
            government[action_id] = progress, at.date()
        else:
            said[progress] = said.get(progress, 0) + n
    nothing: tuple[Progress | None, date | None] = None, None
    return {
        number: ActionStanding(*government.get(number, nothing), said if len(said) < 2 else _in_order(said))
        for number, said in society.items()
    }


def _in_order(society: Mapping[Progress, int]) -> dict[Progress, int]:
    """The most organisations first."""
    return dict(sorted(society.items(), key=lambda pair: (-pair[1], list(Progress).index(pair[0]))))


def build_status(action: PlanAction, standing: ActionStanding | None, today: date | None = None) -> ActionStatus:
    """The status of an action on a day."""
    said, day = standing or ActionStanding(), today or now().date()
    state = compute_state(said, due_on=action.due_on, today=day)
    began = action.begins_on or action.created_at.date()
    awaited = state is ActionState.NO_REPORT and is_awaited(said, began=began, today=day)
    return ActionStatus(action, said, state, awaited)
