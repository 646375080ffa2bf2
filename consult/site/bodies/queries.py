"""The record of bodies: promises kept, late and overdue, and what one asks now. A fixed number of statements each.

An answer is in time by the day it was promised for, or put off to: `response.promised_for`, which its entries in the
ledger say as well (`consult audit` counts them again). What is put off to a day to come is neither kept nor late.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import Date, DateTime, Float, Row, bindparam, case, cast, func, or_, select, union
from sqlalchemy.orm import Session

from consult.arguments.model import Argument
from consult.bodies import service as bodies
from consult.bodies.model import PublicBody
from consult.consultations.joint.model import ConsultationBody, PartInConsultation
from consult.consultations.model import Consultation, Phase
from consult.core.clock import now
from consult.responses.model import AnswerOutcome, Obligation, Response
from consult.responses.overdue import TODAY, select_owing
from consult.site.consultation_search import LISTED_COLUMNS

FLOOR = 5
"""From how many promises whose day has come a body's record is told."""
_OWED, _OPEN, _ANSWERED, _ASKED = 8, 10, 5, 10


@dataclass(frozen=True)
class Record:
    """How a body kept its promises. `days`: half of its answers came within so many days after closing."""

    kept: int = 0
    late: int = 0
    overdue: int = 0
    days: int | None = None
    changed: int = 0  # answers after which the words of the draft changed
    deferred: int = 0  # until a day to come
    oldest: date | None = None  # since when the longest is overdue

    @property
    def promised(self) -> int:
        """Promises whose day has come, or that were kept before."""
        return self.kept + self.late + self.overdue

    @property
    def told(self) -> bool:
        return self.promised >= FLOOR


@dataclass(frozen=True)
class BodyPage:
    body: PublicBody
    record: Record
    owed: Sequence[Row[Any]]  # the oldest first
    open: Sequence[Row[Any]]
    asked: Sequence[Row[Any]]  # the last that closed
    answered: Sequence[Row[Any]]
    today: date = field(default_factory=lambda: now().date())


def get_body_page(session: Session, slug: str) -> BodyPage:
    """The page of a body, in five statements. Raises NotFound."""
    body, today = bodies.get(session, slug), now().date()
    owed = session.execute(_select_owed(), {"body": body.id, "today": today}).all()
    own = session.execute(_select_own(), {"body": body.id, "at": now()}).all()
    at = now()
    return BodyPage(
        body,
        get_record(session, body.id, owed),
        owed,
        [row for row in own if row.closes_at > at],
        [row for row in own if row.closes_at <= at],
        session.execute(_select_answered(), {"body": body.id}).all(),
        today,
    )


def get_record(session: Session, body_id: int, owed: Sequence[Row[Any]] | None = None) -> Record:
    """The record of one body; `owed` where it is known already."""
    today = now().date()
    if owed is None:
        owed = session.execute(_select_owed(), {"body": body_id, "today": today}).all()
    row = session.execute(_select_given().where(Response.body_id == body_id), {"today": today}).one_or_none()
    overdue = owed[0].overdue if owed else 0
    return _to_record(row, overdue, owed[0].due if overdue else None)


def list_records(session: Session) -> list[tuple[PublicBody, Record]]:
    """Every body with its record, by name. Three statements."""
    today = {"today": now().date()}
    given: dict[int, Row[Any]] = {row.body_id: row for row in session.execute(_select_given(), today)}
    owing: Mapping[int, tuple[int, date]] = {
        row.body_id: (row.n, row.oldest) for row in session.execute(_select_overdue(), today)
    }
    return [
        (body, _to_record(given.get(body.id), *owing.get(body.id, (0, None)))) for body in bodies.list_bodies(session)
    ]


def _to_record(row: Row[Any] | None, overdue: int, oldest: date | None) -> Record:
    if row is None:
        return Record(overdue=overdue, oldest=oldest)
    days = None if row.days is None else round(row.days)
    return Record(row.kept, row.late, overdue, days, row.changed, row.deferred, oldest)


@lru_cache(maxsize=1)
def _select_given() -> Any:
    """Counts of the answers of each body."""
    stands = Response.outcome != AnswerOutcome.DEFERRED
    answered_on = cast(func.timezone("UTC", Response.answered_at), Date)
    after = answered_on - cast(func.timezone("UTC", Consultation.closes_at), Date)
    half = func.percentile_cont(0.5).within_group(case((after > 0, after), else_=0).asc())
    return (
        select(
            Response.body_id,
            func.count().filter(stands & (answered_on <= Response.promised_for)).label("kept"),
            func.count().filter(stands & (answered_on > Response.promised_for)).label("late"),
            cast(half.filter(stands), Float).label("days"),
            func.count().filter(stands & Response.version_id.is_not(None)).label("changed"),
            func.count().filter(~stands & (Response.due_on >= TODAY)).label("deferred"),
        )
        .join(Consultation, Consultation.id == Response.consultation_id)
        .where(Response.body_id.is_not(None))
        .group_by(Response.body_id)
    )


@lru_cache(maxsize=1)
def _select_owed() -> Any:
    """What a body owes, the oldest first, and with each row how much of it is overdue."""
    body: Any = bindparam("body")
    handed = select(Argument.consultation_id).join(Obligation, Obligation.argument_id == Argument.id)
    own = or_(Consultation.body_id == body, Consultation.id.in_(handed.where(Obligation.body_id == body)))
    owing = select_owing(own, body)
    return (
        select(
            owing,
            func.count().filter(owing.c.due < TODAY).over().label("overdue"),
            func.count().over().label("all"),
            Consultation.slug,
            Consultation.title,
            Consultation.language,
        )
        .join(Consultation, Consultation.id == owing.c.consultation_id)
        .order_by(owing.c.due, owing.c.voices.desc(), owing.c.id)
        .limit(_OWED)
    )


@lru_cache(maxsize=1)
def _select_overdue() -> Any:
    """How many answers of each body are overdue, and since when the oldest is."""
    with_body = Consultation.body_id.is_not(None) & Consultation.answer_by.is_not(None)
    owing = select_owing(with_body, func.coalesce(Obligation.body_id, Consultation.body_id))
    return (
        select(owing.c.body_id, func.count().label("n"), func.min(owing.c.due).label("oldest"))
        .where(owing.c.due < TODAY)
        .group_by(owing.c.body_id)
    )


@lru_cache(maxsize=1)
def _select_own() -> Any:
    """What a body asks, also with others: all that is open or to come first, then the last that closed."""
    body: Any = bindparam("body")
    at: Any = bindparam("at", type_=DateTime(timezone=True))
    joint = select(ConsultationBody.consultation_id).where(
        ConsultationBody.body_id == body, ConsultationBody.part == PartInConsultation.ASKS
    )
    own = select(Consultation.id).where(Consultation.body_id == body)
    seen = (Consultation.phase != Phase.DRAFT) & Consultation.id.in_(union(own, joint))
    coming = select(Consultation.id).where(seen, Consultation.closes_at > at).order_by(Consultation.closes_at)
    over = select(Consultation.id).where(seen, Consultation.closes_at <= at).order_by(Consultation.closes_at.desc())
    ids = [part.limit(most).subquery() for part, most in ((coming, _OPEN), (over, _ASKED))]
    return (
        select(*LISTED_COLUMNS)
        .where(or_(*(Consultation.id.in_(select(part.c.id)) for part in ids)))
        .order_by((Consultation.closes_at <= at), func.abs(func.extract("epoch", Consultation.closes_at - at)))
    )


@lru_cache(maxsize=1)
def _select_answered() -> Any:
    return (
        select(Response, Argument, Consultation)
        .join(Argument, Argument.id == Response.argument_id)
        .join(Consultation, Consultation.id == Response.consultation_id)
        .where(Response.body_id == bindparam("body"), Consultation.phase != Phase.DRAFT)
        .order_by(Response.answered_at.desc(), Response.id.desc())
        .limit(_ANSWERED)
    )
