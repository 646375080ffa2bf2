"""The state of an action, computed from the reports of both sides and the date. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property

from consult.plans.model import REPEATED, Progress, TimetableKind

REPORT_LASTS = timedelta(days=365)
"""Period after which a government report is outdated."""


class ActionState(StrEnum):
    """States in the order of lists. The counts of a plan's actions by state add up to all of them."""

    DONE_AGREED = "done_agreed"
    DONE_CLAIMED = "done_claimed"
    KEPT_UP = "kept_up"  # its last due date was met, and the next is not due yet
    UNDER_WAY = "under_way"
    NOT_STARTED = "not_started"
    LATE = "late"
    DROPPED = "dropped"
    NO_REPORT = "no_report"
    NO_DUE_DATE = "no_due_date"


KEPT_STATES = frozenset({ActionState.DONE_AGREED, ActionState.DONE_CLAIMED, ActionState.KEPT_UP})
"""States in which a figure that goes the wrong way contradicts the report."""
DONE_STATES = frozenset({ActionState.DONE_AGREED, ActionState.DONE_CLAIMED})
_SAID = {
    Progress.NOT_STARTED: ActionState.NOT_STARTED,
    Progress.UNDER_WAY: ActionState.UNDER_WAY,
    Progress.NO_EVIDENCE: ActionState.UNDER_WAY,
    Progress.LATE: ActionState.LATE,
    Progress.DROPPED: ActionState.DROPPED,
}


@dataclass(frozen=True)
class ActionStanding:
    """The latest reports: the government's with its date, and the number of organisations by progress."""

    government: Progress | None = None
    reported_on: date | None = None
    society: Mapping[Progress, int] = field(default_factory=dict)

    @cached_property
    def differs(self) -> bool:
        """Return whether both sides have reported and at least one organisation disagrees with the government."""
        return self.government is not None and any(progress is not self.government for progress in self.society)

    @cached_property
    def pairs(self) -> tuple[tuple[Progress, int], ...]:
        """Return progress and number of organisations as pairs."""
        return tuple(self.society.items())


@dataclass(frozen=True)
class Due:
    """The due date that decides an action's state. `kept_on` is the one before it, if that was met."""

    due_on: date | None
    timetable: TimetableKind | None = None
    kept_on: date | None = None
    is_done: bool = False


def compute_state(standing: ActionStanding, due: Due, today: date) -> ActionState:
    """Return the state of an action on a date. It is late from the day after its due date.

    A standing action has the state of the government's last report, for a year.

    >>> day = date(2028, 5, 2)
    >>> said = ActionStanding(Progress.DONE, day, {Progress.DONE: 2})
    >>> str(compute_state(said, Due(day), day))
    'done_agreed'
    >>> str(compute_state(ActionStanding(Progress.DONE, day, {Progress.LATE: 1}), Due(day), day))
    'done_claimed'
    >>> str(compute_state(ActionStanding(), Due(day), day + timedelta(days=1)))
    'late'
    >>> str(compute_state(said, Due(day, TimetableKind.EVERY, day - timedelta(days=366)), day))
    'kept_up'
    """
    is_old = standing.reported_on is None or today - standing.reported_on > REPORT_LASTS
    is_done = due.is_done if due.timetable in REPEATED else standing.government is Progress.DONE
    if is_done and not (due.timetable is TimetableKind.STANDING and is_old):
        agreed = set(standing.society) == {Progress.DONE}
        return ActionState.DONE_AGREED if agreed else ActionState.DONE_CLAIMED
    if standing.government is Progress.DROPPED:
        return ActionState.DROPPED
    if due.due_on is not None and due.due_on < today:
        return ActionState.LATE
    if due.kept_on is not None:
        return ActionState.KEPT_UP
    if standing.government is None or is_old:
        return ActionState.NO_DUE_DATE if due.timetable is TimetableKind.OPEN else ActionState.NO_REPORT
    return _SAID.get(standing.government, ActionState.UNDER_WAY)


def is_awaited(standing: ActionStanding, *, began: date, today: date) -> bool:
    """Return whether a first government report is not overdue: the action began less than a year ago or later.

    Its state is the same as with an outdated report, but the label differs.

    >>> day = date(2028, 5, 2)
    >>> is_awaited(ActionStanding(), began=day, today=day)
    True
    >>> is_awaited(ActionStanding(), began=day - timedelta(days=366), today=day)
    False
    """
    return standing.government is None and today - began <= REPORT_LASTS


def has_difference(standing: ActionStanding) -> bool:
    """Return whether both sides have reported and at least one organisation disagrees with the government.

    >>> has_difference(ActionStanding(Progress.DONE, date(2028, 1, 1), {Progress.DONE: 3, Progress.LATE: 1}))
    True
    >>> has_difference(ActionStanding(None, None, {Progress.LATE: 1}))
    False
    """
    return standing.differs


@dataclass(frozen=True)
class PlanBalance:
    """The number of a plan's actions in each state, and of those that are disputed."""

    states: Mapping[ActionState, int]
    differ: int = 0  # of those on which both sides have reported
    both: int = 0
    denied: int = 0  # of those reported as done by the government, disputed by an organisation

    @property
    def actions(self) -> int:
        return sum(self.states.values())

    @property
    def done(self) -> int:
        return sum(self.states.get(state, 0) for state in DONE_STATES)

    @property
    def parts(self) -> list[tuple[str, int]]:
        """Return the non-zero numbers that add up to all actions: `done`, then states in their order."""
        others = [(str(state), self.states.get(state, 0)) for state in ActionState if state not in DONE_STATES]
        return [(name, n) for name, n in [("done", self.done), *others] if n]

    @property
    def bar(self) -> list[tuple[ActionState, int, int]]:
        """Return the states as segments of a bar: state, start and length in actions."""
        segments, start = [], 0
        for state in ActionState:
            if n := self.states.get(state, 0):
                segments.append((state, start, n))
                start += n
        return segments


def count_states(actions: Iterable[tuple[ActionState, ActionStanding]]) -> PlanBalance:
    """Return the balance of a plan."""
    states: Counter[ActionState] = Counter()
    differ = both = denied = 0
    for state, standing in actions:
        states[state] += 1
        both += standing.government is not None and bool(standing.society)
        seen = has_difference(standing)
        differ += seen
        denied += seen and standing.government is Progress.DONE
    return PlanBalance(states, differ, both, denied)
