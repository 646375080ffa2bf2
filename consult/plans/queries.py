"""Queries on plans and actions, with a fixed number of statements for each page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.bodies import service as bodies
from consult.bodies.model import BodyRole, PublicBody
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.core.web.access import Role
from consult.documents.model import Provision
from consult.plans import statements
from consult.plans.indicators.direction import MovedIndicator, find_worse
from consult.plans.indicators.model import ActionIndicator, PlanIndicator
from consult.plans.indicators.plot import Spark, draw_spark
from consult.plans.model import (
    REPEATED,
    ActionDoer,
    ActionDue,
    ActionMilestone,
    ActionPlan,
    ActionReport,
    ActionWatch,
    Doer,
    PlanAction,
    PlanReview,
)
from consult.plans.reports.queries import SaidReport, fold_copies, list_reports
from consult.plans.standings import ActionStatus, build_status, load_plan_standings, load_standings
from consult.plans.state import DONE_STATES, KEPT_STATES, ActionState, PlanBalance, count_states
from consult.plans.timetables import due
from consult.plans.topics import service as topics
from consult.taxonomy.model import Scheme, Term


@dataclass(frozen=True)
class ActionLine:
    """An action in the list of its plan."""

    status: ActionStatus
    spark: Spark | None
    indicator: PlanIndicator | None

    @property
    def values(self) -> tuple[Any, ...]:
        """Return the values shown in the list, in the order of the macro's parameters. Used as a cache key."""
        status = self.status
        action, standing = status.action, status.standing
        due = action.due_on, action.timetable, action.every_months
        shown = action.number, action.title, action.owner_name, due
        state = status.state, standing.differs, status.awaited
        return *shown, *state, standing.government, standing.reported_on, standing.pairs, status.against is not None


@dataclass(frozen=True)
class ObjectiveLines:
    """The shown actions of one objective, and their balance."""

    title: str
    lines: Sequence[ActionLine]
    balance: PlanBalance


@dataclass(frozen=True)
class PlanPage:
    """A plan with its actions by objective, and its balance."""

    plan: ActionPlan
    body: PublicBody
    consultation: Consultation | None
    balance: PlanBalance
    objectives: Sequence[ObjectiveLines]
    indicators: Sequence[PlanIndicator]
    show: str
    moved: Sequence[int] = ()  # years with a summary, latest first
    against: Sequence[ActionStatus] = ()  # reported as done or kept up, while a figure goes the wrong way


@dataclass(frozen=True)
class PlanListItem:
    plan: ActionPlan
    body: PublicBody
    balance: PlanBalance


def list_plans(session: Session, by: Account | None) -> Sequence[PlanListItem]:
    """Return published plans, newest first, and drafts visible to the account. Fixed number of statements."""
    seen = ActionPlan.published_at.is_not(None)
    rows = [
        (plan, body)
        for plan, body in session.execute(
            select(ActionPlan, PublicBody)
            .join(PublicBody, PublicBody.id == ActionPlan.body_id)
            .where(seen)
            .order_by(ActionPlan.period_from.desc(), ActionPlan.id.desc())
        )
    ]
    balances = load_balances(session, [plan.id for plan, _body in rows])
    return [PlanListItem(plan, body, balances[plan.id]) for plan, body in rows]


def list_drafts(session: Session, those: Sequence[PublicBody]) -> Sequence[ActionPlan]:
    """Return the unpublished plans of these bodies."""
    wanted = ActionPlan.body_id.in_([body.id for body in those])
    return session.scalars(
        select(ActionPlan).where(wanted, ActionPlan.published_at.is_(None)).order_by(ActionPlan.id)
    ).all()


def load_balances(session: Session, plan_ids: Sequence[int]) -> Mapping[int, PlanBalance]:
    """Return the balance of each plan. Two statements."""
    of = select(PlanAction.id).where(PlanAction.plan_id.in_(list(plan_ids)))
    actions = session.scalars(select(PlanAction).where(PlanAction.plan_id.in_(list(plan_ids)))).all()
    standings, today = load_standings(session, ActionReport.action_id.in_(of)), now().date()
    balances: dict[int, list[ActionStatus]] = {number: [] for number in plan_ids}
    for row in actions:
        balances[row.plan_id or 0].append(build_status(row, standings.get(row.id), today))
    return {
        number: count_states((status.state, status.standing) for status in of_plan)
        for number, of_plan in balances.items()
    }


SHOWN = ("differ", "against", "done", *ActionState)
"""The lists behind the numbers of a plan."""


def get_plan_page(session: Session, plan: ActionPlan, show: str = "", *, whole: bool = True) -> PlanPage:
    """Return a plan with its actions, in six statements. Raises NotFound for an unknown list.

    Actions are rows with named columns, because loading entities takes a millisecond more. Unless `whole`, they have
    only the columns of the list.
    """
    if show and show not in SHOWN:
        raise NotFound(_("We cannot find this list."))
    rows: Sequence[Any] = session.execute(
        statements.ACTION_ROWS if whole else statements.ACTION_LINES, {"plan_id": plan.id}
    ).all()
    standings, today = load_plan_standings(session, plan.id), now().date()
    about = {"plan_id": plan.id, "consultation_id": plan.consultation_id, "body_id": plan.body_id}
    body, consultation, moved = session.execute(statements.ABOUT_PLAN, about).one()
    indicators = list_indicators(session, plan.id)
    by_id = {item.id: (item, draw_spark(item)) for item in indicators}
    worse = {row.id: find_worse(row) for row in indicators}
    measured = {row.id: row.measured or () for row in rows}
    statuses = [
        _compare(build_status(row, standings.get(row.id), today), [worse.get(number) for number in measured[row.id]])
        for row in rows
    ]
    shown = [item for item in statuses if is_shown(item, show)]
    lines = [_build_line(item, by_id.get(next(iter(measured[item.action.id]), 0))) for item in shown]
    grouped = [
        _count_objective(title, list(those))
        for title, those in groupby(lines, key=lambda line: line.status.action.objective)
    ]
    balance = count_states((item.state, item.standing) for item in statuses)
    against = [status for status in statuses if status.against]
    return PlanPage(plan, body, consultation, balance, grouped, indicators, show, moved or (), against)


def _compare(status: ActionStatus, worse: Sequence[MovedIndicator | None]) -> ActionStatus:
    """Return the status with the first indicator that contradicts it."""
    contrary = next(filter(None, worse), None)
    return replace(status, against=contrary) if contrary and status.state in KEPT_STATES else status


def _count_objective(title: str, lines: Sequence[ActionLine]) -> ObjectiveLines:
    return ObjectiveLines(title, lines, count_states((line.status.state, line.status.standing) for line in lines))


def is_shown(status: ActionStatus, show: str) -> bool:
    """Return whether an action is in one of the lists `SHOWN`."""
    if show == "differ":
        return status.differs
    if show == "against":
        return status.against is not None
    if show == "done":
        return status.state in DONE_STATES
    return not show or status.state == show


def _build_line(status: ActionStatus, measured: tuple[PlanIndicator, Spark | None] | None) -> ActionLine:
    indicator, spark = measured or (None, None)
    return ActionLine(status, spark, indicator)


def get_stamp(session: Session, plan: ActionPlan) -> tuple[Any, ...]:
    """Return values that change whenever a plan's page changes. One statement."""
    row = session.execute(statements.STAMP, {"plan_id": plan.id, "body_id": plan.body_id}).one()
    return plan.id, plan.revision, now().date(), *row


def get_list_stamp(session: Session) -> tuple[Any, ...]:
    """Return values that change whenever the lists of plans or promised actions change. One statement."""
    return now().date(), *session.execute(statements.LIST_STAMP).one()


def list_indicators(session: Session, plan_id: int) -> Sequence[PlanIndicator]:
    """Return the indicators of a plan, in order."""
    return session.scalars(statements.INDICATORS, {"plan_id": plan_id}).all()


def list_actions(session: Session, plan_id: int) -> Sequence[PlanAction]:
    """Return the actions of a plan, in order."""
    wanted = select(PlanAction).where(PlanAction.plan_id == plan_id)
    return session.scalars(wanted.order_by(PlanAction.position, PlanAction.id)).all()


def list_titles(session: Session, plan: ActionPlan) -> dict[str | None, str]:
    """Return the titles of a plan's actions by number."""
    rows = session.execute(select(PlanAction.number, PlanAction.title).where(PlanAction.plan_id == plan.id))
    return {row.number: row.title for row in rows}


def get_slug(session: Session, plan_id: int) -> str:
    """Return the slug of a plan."""
    return session.get_one(ActionPlan, plan_id).slug


def list_own_bodies(session: Session, by: Account) -> Sequence[PublicBody]:
    """Return the bodies whose plans the account may edit."""
    return bodies.list_own(session, by, BodyRole.LEAD, BodyRole.DRAFTER)


@dataclass(frozen=True)
class ActionPage:
    """An action with the reports of both sides and its indicators."""

    status: ActionStatus
    plan: ActionPlan | None
    body: PublicBody | None
    consultation: Consultation | None
    provision: Provision | None
    milestones: Sequence[ActionMilestone]
    government: Sequence[SaidReport]  # newest first
    society: Sequence[SaidReport]
    indicators: Sequence[PlanIndicator]
    watches: bool
    waiting: int  # number of organisations' reports that wait for a moderator
    dues: Sequence[ActionDue] = ()  # of an action with several due dates
    topics: Sequence[tuple[Scheme, Term]] = ()

    @property
    def voices(self) -> Sequence[tuple[SaidReport, Sequence[SaidReport]]]:
        """Return the organisations' latest reports, each with the copies of its text."""
        return fold_copies(self.society)

    @property
    def sparks(self) -> Sequence[tuple[PlanIndicator, Spark | None]]:
        return [(indicator, draw_spark(indicator)) for indicator in self.indicators]


def get_plan_action(session: Session, plan: ActionPlan, number: str) -> PlanAction:
    """Return an action of a plan by its number. Raises NotFound."""
    row = session.scalar(select(PlanAction).where(PlanAction.plan_id == plan.id, PlanAction.number == number))
    if row is None:
        raise NotFound(_("We cannot find an action with this number in the plan."))
    return row


def get_action_page(session: Session, action: PlanAction, by: Account | None) -> ActionPage:
    """Return everything on the page of an action, in a fixed number of statements."""
    standings = load_standings(session, ActionReport.action_id == action.id)
    plan = session.get(ActionPlan, action.plan_id) if action.plan_id else None
    government, society, waiting = list_reports(session, action)
    asked = action.consultation_id or (plan.consultation_id if plan else None)
    of = ActionIndicator.action_id == action.id
    indicators = session.scalars(
        select(PlanIndicator)
        .join(ActionIndicator, ActionIndicator.indicator_id == PlanIndicator.id)
        .where(of)
        .order_by(PlanIndicator.position, PlanIndicator.id)
    ).all()
    status = _compare(build_status(action, standings.get(action.id)), [find_worse(row) for row in indicators])
    return ActionPage(
        status,
        plan,
        session.get(PublicBody, action.body_id) if action.body_id else None,
        session.get(Consultation, asked) if asked else None,
        _find_provision(session, plan, action),
        session.scalars(
            select(ActionMilestone).where(ActionMilestone.action_id == action.id).order_by(ActionMilestone.due_on)
        ).all(),
        government,
        society,
        indicators,
        by is not None and session.get(ActionWatch, (action.id, by.id)) is not None,
        waiting,
        due.list_due_rows(session, action.id) if action.timetable in REPEATED else (),
        topics.list_topics(session, action.id),
    )


def list_open_dues(session: Session, action: PlanAction) -> Sequence[ActionDue]:
    """Return the due dates of an action with several that were not met, the one that decides its state first."""
    if action.timetable not in REPEATED:
        return ()
    rows = [row for row in due.list_due_rows(session, action.id) if row.done_at is None]
    return sorted(rows, key=lambda row: (row.due_on != action.due_on, row.due_on))


def _find_provision(session: Session, plan: ActionPlan | None, action: PlanAction) -> Provision | None:
    if plan is None or plan.version_id is None or action.wid is None:
        return None
    return session.scalar(select(Provision).where(Provision.version_id == plan.version_id, Provision.wid == action.wid))


@dataclass(frozen=True)
class DueReport:
    """An action that needs a report: its due date is near or past, or its last report is old."""

    status: ActionStatus
    plan: ActionPlan | None


def list_due_reports(session: Session, by: Account, body_ids: Sequence[int], today: date) -> Sequence[DueReport]:
    """Return the actions the account should report on, earliest due date first. Three statements at most."""
    doers = select(ActionDoer.action_id).join(Doer, Doer.id == ActionDoer.doer_id).where(Doer.body_id.in_(body_ids))
    own = PlanAction.body_id.in_(body_ids) | PlanAction.owner_id.in_(body_ids)
    is_own = own | PlanAction.id.in_(doers)
    if by.role is not Role.ADMIN and not body_ids:
        return []
    rows = session.execute(
        select(PlanAction, ActionPlan)
        .outerjoin(ActionPlan, ActionPlan.id == PlanAction.plan_id)
        .where(
            is_own, PlanAction.done_at.is_(None), PlanAction.plan_id.is_(None) | ActionPlan.published_at.is_not(None)
        )
        .order_by(PlanAction.due_on.nulls_last(), PlanAction.id)
        .limit(200)
    ).all()
    standings = load_standings(session, ActionReport.action_id.in_([action.id for action, _plan in rows]))
    due = [DueReport(build_status(action, standings.get(action.id), today), plan) for action, plan in rows]
    return [report for report in due if _is_due(report.status, today)]


_FIRST_REPORT = timedelta(days=90)
"""Time after which a first report is due, unless the due date is earlier."""


def _is_due(status: ActionStatus, today: date) -> bool:
    began = status.action.begins_on or status.action.created_at.date()
    due_on = status.action.due_on
    near = due_on is not None and due_on - today <= _FIRST_REPORT
    if status.state in (ActionState.LATE, ActionState.KEPT_UP):
        return status.state is ActionState.LATE or near
    return status.state is ActionState.NO_REPORT and (near or today - began >= _FIRST_REPORT)


def list_reviews(session: Session, plan: ActionPlan) -> Sequence[tuple[PlanReview, Consultation]]:
    """Return the consultations that review a plan, newest first."""
    rows = session.execute(
        select(PlanReview, Consultation)
        .join(Consultation, Consultation.id == PlanReview.consultation_id)
        .where(PlanReview.plan_id == plan.id)
        .order_by(PlanReview.id.desc())
    )
    return [(review, consultation) for review, consultation in rows]
