"""How bodies kept their promises: counted from the answers, and kept for as long as it is surely true.

An answer is in time by the day it was promised for, or put off to: `response.promised_for`, which its entries in the
ledger say as well (`consult audit` counts again). What is put off to a day to come is neither kept nor late.

The clock counts all bodies twice a minute. A kept record is read for a minute at most, on the same day, and only while
its body has given no answer since; in every other case, also where the clock stands still, the record is counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Date, Float, Row, case, cast, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.arguments.model import Argument
from consult.bodies.model import PublicBody
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.responses.model import AnswerOutcome, Obligation, Response
from consult.responses.overdue import HOLDER, TODAY, select_owing
from consult.responses.records.model import BodyRecord

FLOOR = 5
"""From how many promises whose day has come a body's record is told."""
FRESH = timedelta(seconds=60)
"""How long a kept record is read."""
FIRST = 8
"""How many of the answers that a body owes are kept by number."""


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
class CountedRecord:
    """A record, how many answers a body owes, and the first of them, the oldest first: number of argument and day."""

    record: Record = field(default_factory=Record)
    owing: int = 0
    owed: Sequence[tuple[int, date]] = ()


def get_record(session: Session, body_id: int) -> CountedRecord:
    """The record of one body: one statement where it is kept, three where not."""
    rows = session.scalars(_select_fresh(now()).where(BodyRecord.body_id == body_id)).all()
    return _from_row(rows[0]) if rows else count(session, body_id).get(body_id, CountedRecord())


def find_with_record(session: Session, slug: str) -> tuple[PublicBody, CountedRecord] | None:
    """The body at an address with its record: one statement where that is kept, three where not."""
    fresh = _is_fresh(now()) & (BodyRecord.body_id == PublicBody.id)
    query = select(PublicBody, BodyRecord).outerjoin(BodyRecord, fresh).where(PublicBody.slug == slug)
    row = session.execute(query.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        return None
    body, kept = row
    return body, _from_row(kept) if kept else count(session, body.id).get(body.id, CountedRecord())


def list_records(session: Session, body_ids: Sequence[int]) -> Mapping[int, CountedRecord]:
    """Records by the numbers of bodies: one statement where all are kept, three where not."""
    found = {row.body_id: _from_row(row) for row in session.scalars(_select_fresh(now()))}
    if found.keys() >= set(body_ids):
        return found
    counted = count(session)
    return {number: counted.get(number, CountedRecord()) for number in body_ids}


def count(session: Session, body_id: int | None = None, *, at: datetime | None = None) -> dict[int, CountedRecord]:
    """The records of a body, or of all, counted now, by number; none where nothing is to count. Two statements."""
    today = {"today": (at or now()).date()}
    given = _select_given()
    if body_id is not None:
        given = given.where(Response.body_id == body_id)
    answers: dict[int, Row[Any]] = {row.body_id: row for row in session.execute(given, today)}
    owed: dict[int, list[Row[Any]]] = {}
    for row in session.execute(_select_owed(body_id), today):
        owed.setdefault(row.body_id, []).append(row)
    return {number: _count_one(answers.get(number), owed.get(number, ())) for number in answers | owed}


def recount(session: Session, *, at: datetime | None = None) -> None:
    """Counts and keeps the records of all bodies. Four statements."""
    moment = at or now()
    counted = count(session, at=moment)
    bodies = select(PublicBody.id).order_by(PublicBody.id).with_for_update(read=True, key_share=True)
    numbers = session.scalars(bodies).all()
    if not numbers:
        return
    values = [_to_values(number, counted.get(number, CountedRecord()), moment) for number in numbers]
    adding = insert(BodyRecord)
    fresh = {name: adding.excluded[name] for name in values[0] if name != "body_id"}
    session.execute(adding.on_conflict_do_update(index_elements=["body_id"], set_=fresh), values)


def _count_one(answers: Row[Any] | None, owed: Sequence[Row[Any]]) -> CountedRecord:
    overdue = owed[0].overdue if owed else 0
    oldest = owed[0].due if overdue else None
    first = tuple((row.id, row.due) for row in owed)
    if answers is None:
        record = Record(overdue=overdue, oldest=oldest)
    else:
        days = None if answers.days is None else round(answers.days)
        record = Record(answers.kept, answers.late, overdue, days, answers.changed, answers.deferred, oldest)
    return CountedRecord(record, owed[0].all if owed else 0, first)


def _to_values(number: int, counted: CountedRecord, at: datetime) -> dict[str, Any]:
    owed = [[argument, due.isoformat()] for argument, due in counted.owed]
    return {"body_id": number, "counted_at": at, "owing": counted.owing, "owed": owed, **asdict(counted.record)}


def _from_row(row: BodyRecord) -> CountedRecord:
    record = Record(row.kept, row.late, row.overdue, row.days, row.changed, row.deferred, row.oldest)
    owed = tuple((number, date.fromisoformat(due)) for number, due in row.owed)
    return CountedRecord(record, row.owing, owed)


def _select_fresh(at: datetime) -> Any:
    return select(BodyRecord).where(_is_fresh(at)).execution_options(populate_existing=True)


def _is_fresh(at: datetime) -> ColumnElement[bool]:
    """Whether it was counted less than a minute ago, today, and after the last answer of its body."""
    since = max(at - FRESH, at.replace(hour=0, minute=0, second=0, microsecond=0))
    newer = select(Response.id).where(
        Response.body_id == BodyRecord.body_id, Response.answered_at >= BodyRecord.counted_at
    )
    return BodyRecord.counted_at.between(since, at) & ~newer.exists()


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


def _select_owed(body_id: int | None) -> Any:
    """What a body owes, or each: the oldest first, and with each row how many there are and are overdue."""
    owing = select_owing(*_of(body_id))
    order = owing.c.due, owing.c.voices.desc(), owing.c.id
    each: dict[str, Any] = {"partition_by": owing.c.body_id}
    ranked = select(
        owing.c.body_id,
        owing.c.id,
        owing.c.due,
        func.count().filter(owing.c.due < TODAY).over(**each).label("overdue"),
        func.count().over(**each).label("all"),
        func.row_number().over(**each, order_by=order).label("rank"),
    ).subquery()
    return select(ranked).where(ranked.c.rank <= FIRST).order_by(ranked.c.body_id, ranked.c.rank)


def _of(body_id: int | None) -> tuple[ColumnElement[bool], Any]:
    """Which consultations may hold what is owed, and by whom."""
    handed = select(Argument.consultation_id).join(Obligation, Obligation.argument_id == Argument.id)
    if body_id is None:
        to_any = Consultation.id.in_(handed.where(Obligation.body_id.is_not(None)))
        return or_(Consultation.body_id.is_not(None), to_any), HOLDER
    to_it = Consultation.id.in_(handed.where(Obligation.body_id == body_id))
    return or_(Consultation.body_id == body_id, to_it), body_id
