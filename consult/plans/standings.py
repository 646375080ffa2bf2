"""What both sides last said of actions, and the state that follows from it. Fixed numbers of statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, select
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
    return collect_standings(tuple(row) for row in session.execute(select_last(of)))


def collect_standings(rows: Iterable[tuple[int, ReportSide, Progress, datetime]]) -> dict[int, ActionStanding]:
    """Standings from the last reports. Pure."""
    found: dict[int, dict[str, Any]] = {}
    for action_id, side, progress, at in rows:
        one = found.setdefault(action_id, {"society": {}})
        if side is ReportSide.GOVERNMENT:
            one |= {"government": progress, "reported_on": at.date()}
        else:
            one["society"][progress] = one["society"].get(progress, 0) + 1
    return {number: ActionStanding(**{**one, "society": _in_order(one["society"])}) for number, one in found.items()}


def _in_order(society: Mapping[Progress, int]) -> dict[Progress, int]:
    """The most organisations first."""
    if len(society) < 2:
        return dict(society)
    return dict(sorted(society.items(), key=lambda pair: (-pair[1], list(Progress).index(pair[0]))))


def build_status(action: PlanAction, standing: ActionStanding | None, today: date | None = None) -> ActionStatus:
    """The status of an action on a day."""
    said, day = standing or ActionStanding(), today or now().date()
    state = compute_state(said, due_on=action.due_on, today=day)
    began = action.begins_on or action.created_at.date()
    awaited = state is ActionState.NO_REPORT and is_awaited(said, began=began, today=day)
    return ActionStatus(action, said, state, awaited)
