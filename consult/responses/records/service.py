"""Records of bodies, counted from their answers and cached for up to a minute.

An answer is on time if given by the promised or deferred date, `response.promised_for`, which the ledger holds too
(`consult audit` recounts). An answer deferred to a future day is neither on time nor late.

The scheduler counts all bodies twice a minute. A cached record is used for at most a minute, on the same day, and only
if its body has given no answer since. Otherwise, and if the scheduler has stopped, the record is counted on demand.
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
"""Minimum number of due answers for showing a body's record."""
FRESH = timedelta(seconds=60)
"""Maximum age of a cached record."""
FIRST = 8
"""Number of a body's due answers that are stored by id."""


@dataclass(frozen=True)
class Record:
    """The record of a body. `days` is the median number of days from closing to an answer."""

    kept: int = 0
    late: int = 0
    overdue: int = 0
    days: int | None = None
    changed: int = 0  # answers after which the words of the draft changed
    deferred: int = 0  # until a day to come
    oldest: date | None = None  # since when the longest is overdue

    @property
    def promised(self) -> int:
        """Return the number of answers that were due or given early."""
        return self.kept + self.late + self.overdue

    @property
    def told(self) -> bool:
        return self.promised >= FLOOR


@dataclass(frozen=True)
class CountedRecord:
    """A record, the number of answers a body owes, and the first of them by due date: argument id and date."""

    record: Record = field(default_factory=Record)
    owing: int = 0
    owed: Sequence[tuple[int, date]] = ()


def get_record(session: Session, body_id: int) -> CountedRecord:
    """Return the record of a body, in one statement if cached, else three."""
    rows = session.scalars(_select_fresh(now()).where(BodyRecord.body_id == body_id)).all()
    return _from_row(rows[0]) if rows else count(session, body_id).get(body_id, CountedRecord())


def find_with_record(session: Session, slug: str) -> tuple[PublicBody, CountedRecord] | None:
    """Return the body with this slug and its record, in one statement if cached, else three."""
    fresh = _is_fresh(now()) & (BodyRecord.body_id == PublicBody.id)
    query = select(PublicBody, BodyRecord).outerjoin(BodyRecord, fresh).where(PublicBody.slug == slug)
    row = session.execute(query.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        return None
    body, kept = row
    return body, _from_row(kept) if kept else count(session, body.id).get(body.id, CountedRecord())


def list_records(session: Session, body_ids: Sequence[int]) -> Mapping[int, CountedRecord]:
    """Return records by body id, in one statement if all are cached, else three."""
    records = {row.body_id: _from_row(row) for row in session.scalars(_select_fresh(now()))}
    if records.keys() >= set(body_ids):
        return records
    counted = count(session)
    return {number: counted.get(number, CountedRecord()) for number in body_ids}


def count(session: Session, body_id: int | None = None, *, at: datetime | None = None) -> dict[int, CountedRecord]:
    """Count the records of one body or all, by id. Bodies without answers are left out. Two statements."""
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
    """Count and store the records of all bodies. Four statements."""
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
    """Return a condition for records counted today, less than a minute ago and since the body's last answer."""
    since = max(at - FRESH, at.replace(hour=0, minute=0, second=0, microsecond=0))
    newer = select(Response.id).where(
        Response.body_id == BodyRecord.body_id, Response.answered_at >= BodyRecord.counted_at
    )
    return BodyRecord.counted_at.between(since, at) & ~newer.exists()


@lru_cache(maxsize=1)
def _select_given() -> Any:
    """Select counts of the answers of each body."""
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
    """Select the first answers a body or each body owes, by due date, with the totals due and overdue."""
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
    """Return a condition for the consultations in which answers are owed, and the body that owes them."""
    handed = select(Argument.consultation_id).join(Obligation, Obligation.argument_id == Argument.id)
    if body_id is None:
        to_any = Consultation.id.in_(handed.where(Obligation.body_id.is_not(None)))
        return or_(Consultation.body_id.is_not(None), to_any), HOLDER
    to_it = Consultation.id.in_(handed.where(Obligation.body_id == body_id))
    return or_(Consultation.body_id == body_id, to_it), body_id
