"""Due dates of actions: creation, choice of the one that decides an action's state, and overdue ones."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.orm import Session

from consult.core.clock import now
from consult.ledger.model import Kind
from consult.mail import date_repair as mail_dates
from consult.plans import entries, watches
from consult.plans.model import REPEATED, ActionDue, ActionPlan, ActionReport, PlanAction, Progress, ReportSide
from consult.plans.model import TimetableKind as Timetable
from consult.plans.watches import WatchedTurn


@dataclass(frozen=True)
class DueState:
    """A due date and whether it was met."""

    due_on: date
    is_done: bool = False


def add_months(day: date, months: int) -> date:
    """Return the same day so many months later, or the last day of a shorter month. The last day stays the last.

    >>> str(add_months(date(2028, 2, 29), 12)), str(add_months(date(2027, 8, 31), 6))
    ('2029-02-28', '2028-02-29')
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = monthrange(year, month + 1)[1]
    is_last = day.day == monthrange(day.year, day.month)[1]
    return date(year, month + 1, last if is_last else min(day.day, last))


def list_days(first: date, months: int, until: date | None, today: date) -> list[date]:
    """Return the due dates of a repeated action: all that have passed, the current one and the next.

    >>> [str(day) for day in list_days(date(2026, 12, 31), 12, date(2028, 12, 31), date(2027, 3, 1))]
    ['2026-12-31', '2027-12-31', '2028-12-31']
    """
    days, count = [first], 1
    while len(days) < 2 or days[-2] < today:
        day = add_months(first, count * months)
        if until is not None and day > until:
            break
        days.append(day)
        count += 1
    return days


def choose_deciding(days: Sequence[DueState], today: date) -> DueState:
    """Return the due date that decides: the last that has passed, if it was not met, else the first not met after it.

    If all were met, it is the last.

    >>> days = [DueState(date(2026, 12, 31), True), DueState(date(2027, 12, 31)), DueState(date(2028, 12, 31))]
    >>> [str(choose_deciding(days, date(year, 3, 1)).due_on) for year in (2027, 2028, 2029)]
    ['2027-12-31', '2027-12-31', '2028-12-31']
    """
    passed = [item for item in days if item.due_on < today]
    if passed and not passed[-1].is_done:
        return passed[-1]
    return next((item for item in days[len(passed) :] if not item.is_done), days[-1])


def create_days(session: Session, action: PlanAction, days: Sequence[date]) -> None:
    """Add due dates to an action that has several. Those that it has already are kept."""
    known = {row.due_on for row in list_due_rows(session, action.id)}
    session.add_all(ActionDue(action_id=action.id, due_on=day) for day in sorted(set(days) - known))
    session.flush()


def list_due_rows(session: Session, action_id: int) -> Sequence[ActionDue]:
    """Return the due dates of an action that has several, in order."""
    return session.scalars(select(ActionDue).where(ActionDue.action_id == action_id).order_by(ActionDue.due_on)).all()


def settle(session: Session, action: PlanAction, today: date) -> bool:
    """Create missing due dates, copy the one that decides to the action, and return whether the action changed.

    Safe to repeat.
    """
    if action.timetable not in REPEATED:
        return False
    rows = list_due_rows(session, action.id)
    if action.timetable is Timetable.EVERY and action.every_months:
        create_days(session, action, list_days(rows[0].due_on, action.every_months, action.repeats_until, today))
        rows = list_due_rows(session, action.id)
    chosen = choose_deciding([DueState(row.due_on, row.done_at is not None) for row in rows], today)
    row = next(item for item in rows if item.due_on == chosen.due_on)
    met = [item.due_on for item in rows if item.done_at is not None and item.due_on < row.due_on]
    kept_on = met[-1] if met else None
    changed = (action.due_on, action.kept_on) != (row.due_on, kept_on)
    action.due_on, action.overdue_at, action.done_at, action.kept_on = row.due_on, row.overdue_at, row.done_at, kept_on
    session.flush()
    return changed


def set_days(session: Session, action: PlanAction, days: Sequence[date], today: date) -> None:
    """Replace the due dates of an action and settle it. Dates that were met, overdue or reported on stay.

    For a repeated action, `days` holds the first due date.
    """
    if action.timetable is Timetable.EVERY and action.every_months and days:
        days = list_days(days[0], action.every_months, action.repeats_until, today)
    wanted = list(days) if action.timetable in REPEATED else []
    reported = select(ActionReport.due_on).where(ActionReport.action_id == action.id, ActionReport.due_on.is_not(None))
    session.execute(
        delete(ActionDue).where(
            ActionDue.action_id == action.id,
            ActionDue.done_at.is_(None),
            ActionDue.overdue_at.is_(None),
            ActionDue.due_on.not_in(reported),
            ActionDue.due_on.not_in(wanted),
        )
    )
    if wanted:
        create_days(session, action, wanted)
        settle(session, action, today)
    else:
        action.kept_on = None


def mark_done(session: Session, action: PlanAction, day: date | None, at: datetime | None, today: date) -> None:
    """Record the time at which a due date was met, or clear it if `at` is None.

    An action without repeated due dates stores the time itself and keeps the first one.
    """
    if action.timetable not in REPEATED:
        action.done_at = at and (action.done_at or at)
        return
    due = update(ActionDue).where(ActionDue.action_id == action.id, ActionDue.due_on == (day or action.due_on))
    session.execute(due.values(done_at=at))
    settle(session, action, today)


def advance(session: Session, *, at: datetime | None = None) -> int:
    """Create the due dates of repeated actions that came near, and return the number of actions that changed."""
    today = (at or now()).date()
    wanted = PlanAction.timetable.in_(REPEATED), PlanAction.due_on < today
    rows = session.scalars(
        select(PlanAction).where(*wanted).order_by(PlanAction.id).limit(500).with_for_update(skip_locked=True)
    )
    return sum(settle(session, row, today) for row in rows.all())


def record_overdue(session: Session, *, at: datetime | None = None) -> int:
    """Record each due date that passed without being met or dropped, once, and return their number."""
    moment = at or now()
    last = (
        select(ActionReport.progress)
        .where(ActionReport.action_id == PlanAction.id, ActionReport.side == ReportSide.GOVERNMENT)
        .order_by(ActionReport.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    public = exists().where(ActionPlan.id == PlanAction.plan_id, ActionPlan.published_at.is_not(None))
    rows = session.scalars(
        select(PlanAction)
        .where(
            PlanAction.overdue_at.is_(None),
            PlanAction.due_on < moment.date(),
            PlanAction.plan_id.is_(None) | public,
            PlanAction.done_at.is_(None),
            func.coalesce(last, "") != Progress.DROPPED,
        )
        .order_by(PlanAction.id)
        .limit(500)
        .with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        row.overdue_at = moment
        session.execute(
            update(ActionDue)
            .where(ActionDue.action_id == row.id, ActionDue.due_on == row.due_on)
            .values(overdue_at=moment)
        )
        day = get_day(row)
        entries.record(session, Kind.ACTION_OVERDUE, row, by=None, at=moment, detail={"due": day.isoformat()})
        watches.post_turn(session, row, WatchedTurn.OVERDUE, day)
    return len(rows)


def get_day(action: PlanAction) -> date:
    """Return this due date of an action that has several."""
    assert action.due_on is not None
    return action.due_on


def undo_overdue(session: Session, *, at: datetime) -> int:
    """Undo overdue entries made by a wrong clock, with a ledger entry, and return their number.

    Unsent e-mails about them are withdrawn. People who got one are not notified again for the same due date. Due dates
    that the scheduler created too early are removed, unless somebody reported on them.
    """
    _remove_early(session, at)
    early = (PlanAction.overdue_at > at) & (PlanAction.due_on >= at.date())
    rows = session.scalars(select(PlanAction).where(early).order_by(PlanAction.id).with_for_update()).all()
    for row in rows:
        day = get_day(row)
        mail_dates.withdraw(session, mail_dates.list_waiting(session, f"action:{row.id}:{WatchedTurn.OVERDUE}:"))
        row.overdue_at = None
        detail = {"overdue_undone": day.isoformat()}
        entries.record(session, Kind.ACTION_CHANGED, row, by=None, detail=detail, at=at)
        session.flush()
        session.execute(
            update(ActionDue)
            .where(ActionDue.action_id == row.id, ActionDue.due_on >= at.date())
            .values(overdue_at=None)
        )
        settle(session, row, at.date())
    session.flush()
    return len(rows)


def _remove_early(session: Session, at: datetime) -> None:
    """Remove due dates of repeated actions after the next one, unless they were met or reported on."""
    today = at.date()
    for action in session.scalars(select(PlanAction).where(PlanAction.timetable == Timetable.EVERY)):
        days = [row.due_on for row in list_due_rows(session, action.id) if row.due_on >= today]
        reported = select(ActionReport.due_on).where(
            ActionReport.action_id == action.id, ActionReport.due_on.is_not(None)
        )
        late = ActionDue.due_on.in_(days[2:]), ActionDue.done_at.is_(None), ActionDue.due_on.not_in(reported)
        session.execute(delete(ActionDue).where(ActionDue.action_id == action.id, *late))
