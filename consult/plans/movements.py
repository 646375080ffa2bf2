"""What moved in a plan in a year: compiled once by the clock, told by letter, and shown under an address of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, exists, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.bodies.model import BodyMember
from consult.core.clock import now
from consult.core.crypto import unseal
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.mail import date_repair as mail_dates
from consult.mail import service as mail
from consult.mail.render import letter_language
from consult.mail.service import LetterCopy
from consult.plans import queries
from consult.plans.indicators.model import PlanIndicator, WantedTurn
from consult.plans.model import ActionPlan, ActionWatch, PlanAction, PlanMovement
from consult.plans.standings import ActionStatus


@dataclass(frozen=True)
class MovedIndicator:
    """An indicator that went away from where it should: its last two values."""

    code: str
    title: str
    before: str
    before_period: str
    last: str
    last_period: str
    unit: str


@dataclass(frozen=True)
class YearMovement:
    """The numbers of the actions that were done or went late in the year, and of those on which both sides differ."""

    done: Sequence[str]
    late: Sequence[str]
    differ: Sequence[str]
    wrong: Sequence[MovedIndicator]


def compile_movement(
    statuses: Sequence[ActionStatus], indicators: Sequence[PlanIndicator], year: int, language: str
) -> YearMovement:
    """What moved in a year. Pure."""

    def numbers(those: list[ActionStatus]) -> list[str]:
        return [one.action.number or "" for one in those]

    return YearMovement(
        numbers([one for one in statuses if one.action.done_at and one.action.done_at.year == year]),
        numbers([one for one in statuses if one.action.overdue_at and one.action.due_on.year == year]),
        numbers([one for one in statuses if one.differs]),
        [moved for one in indicators if (moved := find_wrong_turn(one, language)) is not None],
    )


def find_wrong_turn(row: PlanIndicator, language: str) -> MovedIndicator | None:
    """The last two values of an indicator, where the last is on the wrong side of the one before."""
    values = [(period, Decimal(value)) for period, value in row.headline if value is not None][-2:]
    if len(values) < 2 or row.better is WantedTurn.NEITHER:
        return None
    (before_period, before), (last_period, last) = values
    if last == before or (last > before) == (row.better is WantedTurn.UP):
        return None
    return MovedIndicator(
        row.code, row.title_in(language), f"{before:f}", before_period, f"{last:f}", last_period, row.unit
    )


def load(content: Mapping[str, Any]) -> YearMovement:
    """A movement from what is kept of it."""
    wrong = [MovedIndicator(**one) for one in content["wrong"]]
    return YearMovement(content["done"], content["late"], content["differ"], wrong)


def get_movement(session: Session, plan: ActionPlan, year: int) -> PlanMovement:
    """The movement of a year. Raises NotFound."""
    row = session.scalar(select(PlanMovement).where(PlanMovement.plan_id == plan.id, PlanMovement.year == year))
    if row is None:
        raise NotFound(_("There is no such year of this plan."))
    return row


def compile_due(session: Session, *, at: datetime | None = None) -> int:
    """Compiles the last year of each plan that was public in it, once; gives how many. Safe to repeat."""
    moment = at or now()
    year = moment.year - 1
    there = exists().where(PlanMovement.plan_id == ActionPlan.id, PlanMovement.year == year)
    began = func.extract("year", ActionPlan.published_at) <= year
    plans = session.scalars(
        select(ActionPlan).where(began, ActionPlan.period_from <= year, ActionPlan.period_to + 1 >= year, ~there)
    ).all()
    for plan in plans:
        page = queries.get_plan_page(session, plan)
        statuses = [line.status for one in page.objectives for line in one.lines]
        moved = compile_movement(statuses, page.indicators, year, plan.language)
        row = insert(PlanMovement).values(plan_id=plan.id, year=year, content=asdict(moved), at=moment)
        made = session.scalar(row.on_conflict_do_nothing().returning(PlanMovement.id))
        if made is not None:
            _write_letters(session, plan, year, moved, made)
    return len(plans)


def undo_early(session: Session, *, at: datetime) -> int:
    """Deletes what a wrong clock compiled of years that have not ended; gives how many there were."""
    early = (PlanMovement.at > at) & (PlanMovement.year >= at.year)
    years = session.execute(delete(PlanMovement).where(early).returning(PlanMovement.plan_id, PlanMovement.year)).all()
    for plan_id, year in years:
        mail_dates.withdraw(session, mail_dates.list_waiting(session, f"movement:{plan_id}:{year}:"))
    return len(years)


def _write_letters(session: Session, plan: ActionPlan, year: int, moved: YearMovement, made: int) -> None:
    """To those who work for the body, and to those who watch any of its actions. `made`: the row of the movement."""
    key = f"movement:{plan.id}:{year}:{made}"
    watched = select(ActionWatch.account_id).join(PlanAction, PlanAction.id == ActionWatch.action_id)
    works = select(BodyMember.account_id).where(BodyMember.body_id == plan.body_id)
    wanted = Account.id.in_(watched.where(PlanAction.plan_id == plan.id)) | Account.id.in_(works)
    copies: dict[str, list[LetterCopy]] = {}
    for person in session.scalars(select(Account).where(wanted, Account.verified_at.is_not(None)).order_by(Account.id)):
        copy = LetterCopy(f"{key}:{person.id}", unseal(person.email_sealed))
        copies.setdefault(letter_language(person.language), []).append(copy)
    for language, those in sorted(copies.items()):
        mail.post_all(
            session,
            shared_key=key,
            template="plans/mail/movement",
            language=language,
            copies=those,
            title=plan.title,
            slug=plan.slug,
            year=year,
            moved=moved,
            content_language=plan.language,
        )
