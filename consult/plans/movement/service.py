"""Yearly summaries: compiled once by the scheduler or a command, sent by e-mail, with a page of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from sqlalchemy import delete, exists, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.bodies.model import BodyMember
from consult.core.clock import now
from consult.core.errors import NotFound, Refusal
from consult.core.i18n import _
from consult.mail import date_repair as mail_dates
from consult.plans import queries, watches
from consult.plans.indicators.model import IndicatorImport
from consult.plans.indicators.queries import map_headlines_before
from consult.plans.model import ActionPlan, ActionWatch, PlanAction, PlanMovement
from consult.plans.movement.content import YearMovement, compile_movement, load_movement

MOST_NAMED = 5
"""Maximum number of list items in an e-mail. It links to all of them."""


@dataclass(frozen=True)
class MadeMovement:
    """A yearly summary, whether it was created just now, and the number of e-mails."""

    row: PlanMovement
    moved: YearMovement
    fresh: bool = False
    letters: int = 0


def get_movement(session: Session, plan: ActionPlan, year: int) -> PlanMovement:
    """Return the summary of a year. Raises NotFound."""
    row = _find(session, plan, year)
    if row is None:
        raise NotFound(_("We cannot find this year in the plan."))
    return row


def _find(session: Session, plan: ActionPlan, year: int) -> PlanMovement | None:
    return session.scalar(select(PlanMovement).where(PlanMovement.plan_id == plan.id, PlanMovement.year == year))


def compile_due(session: Session, *, at: datetime | None = None) -> int:
    """Compile last year's summary of each plan that was public then, once, and return their number. Safe to repeat.

    An early summary made by a command before the year ended is replaced.
    """
    moment = at or now()
    year = moment.year - 1
    whole = PlanMovement.year == year, PlanMovement.at >= datetime(moment.year, 1, 1, tzinfo=UTC)
    there = exists().where(PlanMovement.plan_id == ActionPlan.id, *whole)
    began = func.extract("year", ActionPlan.published_at) <= year
    plans = session.scalars(
        select(ActionPlan).where(began, ActionPlan.period_from <= year, ActionPlan.period_to + 1 >= year, ~there)
    ).all()
    for plan in plans:
        _delete(session, plan, year)
        _make(session, plan, year, moment)
    return len(plans)


def choose_year(plan: ActionPlan, at: datetime) -> int:
    """Return the last complete year if the plan was public in it, else the current year."""
    last = at.year - 1
    return last if plan.published_at and plan.published_at.year <= last <= plan.period_to + 1 else at.year


def make_movement(session: Session, plan: ActionPlan, year: int, *, at: datetime | None = None) -> MadeMovement:
    """Compile a year of a plan now and send the e-mails, unless that is done already.

    A summary of the current year is preliminary until the scheduler compiles the whole year. Raises Refusal.
    """
    moment = at or now()
    if plan.published_at is None:
        raise Refusal(_("This plan is not published, so it has no yearly summary yet."))
    if not max(plan.period_from, plan.published_at.year) <= year <= min(plan.period_to + 1, moment.year):
        raise Refusal(_("The plan was not public in %(year)s, or its period does not include this year.", year=year))
    row = _find(session, plan, year)
    if row is not None and (row.at.year > year or moment.year == year):
        return MadeMovement(row, load_movement(row.content, plan.language))
    _delete(session, plan, year)
    return _make(session, plan, year, moment)


def compile_year(session: Session, plan: ActionPlan, year: int, at: datetime) -> YearMovement:
    """Compile the summary of a year without storing it."""
    page = queries.get_plan_page(session, plan)
    kept = func.extract("year", IndicatorImport.kept_at) == year
    of = IndicatorImport.indicator_id.in_([indicator.id for indicator in page.indicators])
    updated = session.scalars(
        select(IndicatorImport.indicator_id).where(kept, of, IndicatorImport.replaced_by_id.is_(None))
    ).all()
    before = map_headlines_before(session, updated, datetime(year, 1, 1, tzinfo=UTC))
    return compile_movement(
        [line.status for objective in page.objectives for line in objective.lines],
        page.indicators,
        year,
        former={number: before.get(number, ()) for number in updated},
        at=at.date(),
    )


def _make(session: Session, plan: ActionPlan, year: int, moment: datetime) -> MadeMovement:
    moved = compile_year(session, plan, year, moment)
    row = insert(PlanMovement).values(plan_id=plan.id, year=year, content=asdict(moved), at=moment)
    made = session.scalar(row.on_conflict_do_nothing().returning(PlanMovement))
    if made is None:  # Another process was first.
        made = get_movement(session, plan, year)
        return MadeMovement(made, load_movement(made.content, plan.language))
    return MadeMovement(made, moved, True, _write_letters(session, plan, made, moved))


def undo_early(session: Session, *, at: datetime) -> int:
    """Delete summaries of unfinished years that were compiled by a wrong clock, and return their number."""
    early = (PlanMovement.at > at) & (PlanMovement.year >= at.year)
    rows = session.scalars(select(PlanMovement).where(early)).all()
    for row in rows:
        _delete_row(session, row)
    return len(rows)


def _delete(session: Session, plan: ActionPlan, year: int) -> None:
    if (row := _find(session, plan, year)) is not None:
        _delete_row(session, row)


def _delete_row(session: Session, row: PlanMovement) -> None:
    """Delete a summary and withdraw its unsent e-mails."""
    mail_dates.withdraw(session, mail_dates.list_waiting(session, f"movement:{row.plan_id}:{row.year}:"))
    session.execute(delete(PlanMovement).where(PlanMovement.id == row.id))


def _list_people(session: Session, plan: ActionPlan) -> Sequence[Account]:
    """Return the people who work for the body or watch any of the plan's actions."""
    watched = select(ActionWatch.account_id).join(PlanAction, PlanAction.id == ActionWatch.action_id)
    works = select(BodyMember.account_id).where(BodyMember.body_id == plan.body_id)
    wanted = Account.id.in_(watched.where(PlanAction.plan_id == plan.id)) | Account.id.in_(works)
    return session.scalars(select(Account).where(wanted, Account.verified_at.is_not(None)).order_by(Account.id)).all()


def _write_letters(session: Session, plan: ActionPlan, row: PlanMovement, moved: YearMovement) -> int:
    """Create the e-mails and return their number."""
    people = _list_people(session, plan)
    watches.post_to_people(
        session,
        people,
        key=f"movement:{plan.id}:{row.year}:{row.id}",
        template="plans/mail/movement",
        title=plan.title,
        slug=plan.slug,
        year=row.year,
        at=row.at,
        moved=moved,
        most=MOST_NAMED,
        content_language=plan.language,
    )
    return len(people)
