"""Plans and actions: create, change, publish and promise them, and record overdue actions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.bodies import service as bodies
from consult.bodies.model import BodyRole, PublicBody
from consult.core.clock import now
from consult.core.crypto import pseudonym
from consult.core.db import advisory_lock
from consult.core.errors import Conflict, Forbidden, NotFound, Refusal
from consult.core.i18n import _
from consult.core.text import clean_text, make_slug, one_line
from consult.ledger import service as ledger
from consult.ledger.model import Kind
from consult.plans import entries, rights
from consult.plans.doers import service as doers
from consult.plans.model import (
    MAX_ACTION_LENGTH,
    MAX_MONTHS,
    MAX_OWNER_LENGTH,
    REPEATED,
    ActionMilestone,
    ActionPlan,
    PlanAction,
    TimetableKind,
)
from consult.plans.rights import PlanDeed
from consult.plans.timetables import due

MAX_YEARS = 30
MAX_ACTIONS = 500
EARLIEST, LATEST = 1990, 2100


class PlanChangedMeanwhile(Conflict):
    """The plan or action was changed since the form was opened."""


@dataclass(frozen=True)
class PlanTerms:
    """The terms of a plan. Both years are included, and `review_every` is in months."""

    title: str
    summary: str
    language: str
    period_from: int
    period_to: int
    review_every: int | None = None


@dataclass(frozen=True)
class ActionTerms:
    """The terms of an action: content, responsible parties, timetable, and its measurement in the plan's words.

    Without `timetable` it has one due date. `due_on` may be left out if `days` are given.
    """

    title: str
    owner_name: str
    due_on: date | None
    begins_on: date | None = None
    number: str = ""
    objective: str = ""
    measured_by: str = ""
    assessed_by: str = ""
    cost: str = ""
    wid: str | None = None
    timetable: TimetableKind | None = None
    timetable_words: str = ""
    days: Sequence[date] = ()  # due dates of one with several, or the first of a repeated one
    every_months: int | None = None
    repeats_until: date | None = None


def make_plan(
    session: Session,
    *,
    by: Account,
    body: PublicBody,
    terms: PlanTerms,
    consultation_id: int | None = None,
    version_id: int | None = None,
    at: datetime | None = None,
) -> ActionPlan:
    """Create a plan without actions, visible to its body only. Raises Forbidden, Refusal."""
    if body.id not in {own_body.id for own_body in bodies.list_own(session, by, BodyRole.LEAD, BodyRole.DRAFTER)}:
        raise Forbidden(_("Only people who work for a body can create its plans."))
    row = ActionPlan(
        slug=_free_slug(session, make_slug(terms.title)),
        body_id=body.id,
        consultation_id=consultation_id,
        version_id=version_id,
        created_at=at or now(),
        **_clean_plan(terms),
    )
    session.add(row)
    session.flush()
    return row


def change_plan(session: Session, plan: ActionPlan, *, by: Account, revision: int, terms: PlanTerms) -> None:
    """Change the terms of a plan. Raises Forbidden, PlanChangedMeanwhile, Refusal."""
    rights.check_may(session, by, plan, PlanDeed.EDIT)
    session.refresh(plan, with_for_update=True)
    if plan.revision != revision:
        raise changed_meanwhile()
    for name, value in _clean_plan(terms).items():
        setattr(plan, name, value)
    session.flush()


def publish_plan(session: Session, plan: ActionPlan, *, by: Account, at: datetime | None = None) -> None:
    """Publish a plan permanently. Safe to repeat. Raises Forbidden, Refusal."""
    rights.check_may(session, by, plan, PlanDeed.PUBLISH)
    if plan.published_at is not None:
        return
    count = session.scalar(select(func.count()).where(PlanAction.plan_id == plan.id)) or 0
    if not count:
        raise Refusal(_("Add at least one action before you publish the plan."))
    plan.published_at = at or now()
    detail = {"plan": plan.slug, "body": plan.body_id, "actions": count}
    ledger.record(session, Kind.PLAN_PUBLISHED, subject_id=plan.id, actor=_actor(by), detail=detail, at=at)


def get_plan(session: Session, slug: str, by: Account | None = None) -> ActionPlan:
    """Return a published plan, or one that the account may see. Raises NotFound."""
    row = session.scalar(select(ActionPlan).where(ActionPlan.slug == slug))
    if row is None or (row.published_at is None and not (by and rights.may(session, by, row, PlanDeed.SEE))):
        raise NotFound(_("We cannot find this plan. Check the link."))
    return row


def add_action(
    session: Session, plan: ActionPlan, *, by: Account, terms: ActionTerms, at: datetime | None = None
) -> PlanAction:
    """Add an action to a plan. In a published plan this is recorded in the ledger. Raises Forbidden, Refusal."""
    rights.check_may(session, by, plan, PlanDeed.EDIT)
    count, last = session.execute(
        select(func.count(), func.max(PlanAction.position)).where(PlanAction.plan_id == plan.id)
    ).one()
    if count >= MAX_ACTIONS:
        raise Refusal(_("A plan has at most %(most)s actions.", most=MAX_ACTIONS))
    values = clean_action(session, terms)
    values["number"] = values["number"] or str(count + 1)
    _check_free_number(session, plan, values["number"])
    row = PlanAction(
        plan_id=plan.id,
        body_id=plan.body_id,
        position=(last or 0) + 1,
        language=plan.language,
        moved=[],
        created_at=at or now(),
        **values,
    )
    session.add(row)
    session.flush()
    doers.set_doers(session, row)
    due.set_days(session, row, _list_days(terms), row.created_at.date())
    if plan.published_at is not None:
        entries.record(session, Kind.ACTION_CHANGED, row, by=by, at=at, detail={"added": 1})
    return row


def change_action(
    session: Session, action: PlanAction, *, by: Account, revision: int, terms: ActionTerms, at: datetime | None = None
) -> None:
    """Change the terms of an action. Earlier due dates remain visible, and the ledger records the change.

    Raises Forbidden, PlanChangedMeanwhile, Refusal.
    """
    plan = session.get_one(ActionPlan, action.plan_id)
    rights.check_may(session, by, plan, PlanDeed.EDIT)
    session.refresh(action, with_for_update=True)
    if action.revision != revision:
        raise changed_meanwhile()
    values = clean_action(session, terms)
    values["number"] = values["number"] or action.number
    if values["number"] != action.number:
        _check_free_number(session, plan, values["number"])
    if action.timetable in REPEATED and terms.timetable in REPEATED:
        del values["due_on"]  # that of the action is the one that decides its state
    moment = at or now()
    _apply(session, action, values, by=by, at=moment, told=plan.published_at is not None)
    doers.set_doers(session, action)
    due.set_days(session, action, _list_days(terms), moment.date())


def promise_action(
    session: Session,
    *,
    by: Account,
    terms: ActionTerms,
    consultation_id: int,
    body_id: int | None,
    language: str,
    at: datetime | None = None,
) -> PlanAction:
    """Create the action promised in an accepted answer. Its due date must be in the future. Raises Refusal."""
    moment = at or now()
    check_promise(terms, moment.date())
    row = PlanAction(
        plan_id=None,
        consultation_id=consultation_id,
        body_id=body_id,
        position=0,
        language=language,
        moved=[],
        created_at=moment,
        **{**clean_action(session, terms), "number": None},
    )
    session.add(row)
    session.flush()
    entries.record(session, Kind.ACTION_PROMISED, row, by=by, at=moment, detail={"due": due.get_day(row).isoformat()})
    return row


def change_promise(
    session: Session, action: PlanAction, *, by: Account, terms: ActionTerms, at: datetime | None = None
) -> None:
    """Change the terms of a promised action. Equal terms change nothing. Raises Refusal."""
    moment = at or now()
    values = clean_action(session, terms)
    if values["due_on"] != action.due_on:
        check_promise(terms, moment.date())
    kept = {name: values[name] for name in ("title", "owner_name", "owner_id", "due_on")}
    _apply(session, action, kept, by=by, at=moment, told=True)


def check_promise(terms: ActionTerms, today: date) -> None:
    """Raise a Refusal with its field if the due date is past or too far in the future."""
    if terms.due_on is None or terms.due_on < today:
        raise Refusal(_("Choose a day in the future."), field="action_due")
    if terms.due_on.year > today.year + MAX_YEARS:
        raise Refusal(_("Choose a date within %(years)s years.", years=MAX_YEARS), field="action_due")


def _apply(
    session: Session, action: PlanAction, values: dict[str, Any], *, by: Account, at: datetime, told: bool
) -> None:
    changed = sorted(name for name, value in values.items() if getattr(action, name) != value)
    if not changed:
        return
    detail: dict[str, Any] = {"changed": changed}
    if "due_on" in changed:
        was, after = (day and day.isoformat() for day in (action.due_on, values["due_on"]))
        detail |= {"was": was, "due": after}
        action.moved = [*action.moved, *([{"was": was, "at": at.date().isoformat()}] if was else [])]
        action.overdue_at = None  # a new due date can pass again
    for name in changed:
        setattr(action, name, values[name])
    if told:
        entries.record(session, Kind.ACTION_CHANGED, action, by=by, at=at, detail=detail)
    session.flush()


def set_milestones(
    session: Session, action: PlanAction, *, by: Account, wanted: Sequence[tuple[str, date, date | None]]
) -> None:
    """Replace the milestones of an action, each with title, due date and completion date."""
    rights.check_may(session, by, session.get_one(ActionPlan, action.plan_id), PlanDeed.EDIT)
    for row in session.scalars(select(ActionMilestone).where(ActionMilestone.action_id == action.id)):
        session.delete(row)
    for title, due_on, done_on in wanted:
        if wording := one_line(title):
            session.add(ActionMilestone(action_id=action.id, title=wording, due_on=due_on, done_on=done_on))
    session.flush()


def _actor(by: Account) -> str:
    return pseudonym("account", by.id)


def changed_meanwhile() -> PlanChangedMeanwhile:
    return PlanChangedMeanwhile(_("Someone else has just changed this. Reload the page, then make your change again."))


def clean_action(session: Session, terms: ActionTerms) -> dict[str, Any]:
    """Return the columns of an action. Raises a Refusal with its field."""
    title, owner = one_line(terms.title), one_line(terms.owner_name)
    if not title:
        raise Refusal(_("Say what will be done."), field="title")
    if not owner:
        raise Refusal(_("Say who is responsible."), field="owner_name")
    if len(title) > MAX_ACTION_LENGTH or len(owner) > MAX_OWNER_LENGTH:
        raise Refusal(
            _("This text is too long. Shorten it."), field="title" if len(title) > MAX_ACTION_LENGTH else "owner_name"
        )
    timetable = _clean_timetable(terms)
    named = select(PublicBody.id).where((PublicBody.name == owner) | (PublicBody.code == owner))
    return {
        "title": title,
        "owner_name": owner,
        "owner_id": session.scalar(named.limit(1)),
        **timetable,
        "begins_on": terms.begins_on,
        "number": one_line(terms.number).replace("/", "-"),
        "objective": one_line(terms.objective),
        "measured_by": clean_text(terms.measured_by),
        "assessed_by": clean_text(terms.assessed_by),
        "cost": one_line(terms.cost),
        "wid": terms.wid,
    }


def _list_days(terms: ActionTerms) -> Sequence[date]:
    """Return the due dates of an action with several, or the first of a repeated one."""
    return sorted(terms.days) or [day for day in [terms.due_on] if day is not None]


def _clean_timetable(terms: ActionTerms) -> dict[str, Any]:
    """Return the columns of a timetable. Raises a Refusal with its field."""
    kind, days = terms.timetable, sorted(terms.days)
    is_listed = kind is TimetableKind.DAYS or terms.due_on is None
    first = next(iter(days), None) if is_listed else terms.due_on
    dated = kind not in (TimetableKind.STANDING, TimetableKind.OPEN)
    if kind is TimetableKind.DAYS and len(days) < 2:
        raise Refusal(_("Enter at least two dates, one per line, such as 2028-06-30."), field="days")
    if dated and first is None:
        raise Refusal(_("Enter the due date."), field="due_on")
    months = terms.every_months if kind is TimetableKind.EVERY else None
    if kind is TimetableKind.EVERY and not (months and 1 <= months <= MAX_MONTHS):
        raise Refusal(_("Enter a number of months from 1 to %(most)s.", most=MAX_MONTHS), field="every_months")
    until = terms.repeats_until if kind is TimetableKind.EVERY else None
    if until is not None and first is not None and until < first:
        raise Refusal(_("The last date cannot be before the first due date."), field="repeats_until")
    if terms.begins_on is not None and dated and first is not None and terms.begins_on > first:
        raise Refusal(_("The start date cannot be after the due date."), field="begins_on")
    if first is not None and not EARLIEST <= first.year <= LATEST:
        raise Refusal(_("Choose a date within %(years)s years.", years=MAX_YEARS), field="due_on")
    return {
        "timetable": kind,
        "timetable_words": one_line(terms.timetable_words) or None,
        "due_on": first if dated else None,
        "every_months": months,
        "repeats_until": until,
    }


def _clean_plan(terms: PlanTerms) -> dict[str, Any]:
    title = one_line(terms.title)
    if not title:
        raise Refusal(_("Give the plan a title."), field="title")
    if not 1990 <= terms.period_from <= terms.period_to <= terms.period_from + MAX_YEARS:
        raise Refusal(_("Choose a first and a last year. The first year cannot be after the last."), field="period_to")
    if terms.review_every is not None and not 3 <= terms.review_every <= 60:
        raise Refusal(_("Enter a number of months from 3 to 60."), field="review_every")
    return {**vars(terms), "title": title, "summary": clean_text(terms.summary)}


def _check_free_number(session: Session, plan: ActionPlan, number: str) -> None:
    taken = select(PlanAction.id).where(PlanAction.plan_id == plan.id, PlanAction.number == number)
    if session.scalar(taken) is not None:
        raise Refusal(_("Another action in this plan already uses this number. Enter a different one."), field="number")


def _free_slug(session: Session, wanted: str) -> str:
    """Return an unused slug. Concurrent calls wait until this transaction ends."""
    advisory_lock(session, "plans.slug")
    base = wanted or "plan"
    taken = set(session.scalars(select(ActionPlan.slug).where(ActionPlan.slug.startswith(base, autoescape=True))))
    taken |= {"new", "reports"}
    slug, count = base, 1
    while slug in taken:
        count += 1
        slug = f"{base}-{count}"
    return slug
