"""Queries for the pages of bodies: records and consultations. A fixed number of statements each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, DateTime, Row, bindparam, func, null, select, union, union_all
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from consult.arguments.model import Argument
from consult.bodies import service as bodies
from consult.bodies.model import PublicBody
from consult.consultations.joint.model import ConsultationBody, PartInConsultation
from consult.consultations.model import Consultation, Phase
from consult.core.clock import now
from consult.countries import queries as countries
from consult.countries.queries import Member
from consult.responses.model import Response
from consult.responses.records import service as records
from consult.responses.records.service import CountedRecord, Record
from consult.site.consultation_search import LISTED_COLUMNS

_OPEN, _ANSWERED, _ASKED = 10, 5, 10


@dataclass(frozen=True)
class OwedAnswer:
    """An argument that waits for an answer of the body, with its consultation and due date."""

    argument: Row[Any]
    due: date


@dataclass(frozen=True)
class BodyPage:
    body: PublicBody
    record: Record
    owed: Sequence[OwedAnswer]  # earliest due date first
    open: Sequence[Row[Any]]
    asked: Sequence[Row[Any]]  # latest closed first
    answered: Sequence[Row[Any]]
    owing: int  # total number owed, including those not shown
    members: Sequence[Member] = ()  # its members, and its own memberships
    today: date = field(default_factory=lambda: now().date())


def get_body_page(session: Session, slug: str) -> BodyPage:
    """Return the page of a body, in five statements at most, or seven if its record is not cached. Raises NotFound."""
    at = now()
    body, counted = records.find_with_record(session, slug) or (bodies.get(session, slug), CountedRecord())
    asked = session.execute(_select_asked(), {"body": body.id, "at": at}).all()
    numbers = [number for number, _due in counted.owed]
    answers = session.execute(_select_answers(), {"body": body.id, "numbers": numbers}).all()
    owed = {row.id: row for row in answers if row.answered_at is None}
    return BodyPage(
        body,
        counted.record,
        [OwedAnswer(owed[number], due) for number, due in counted.owed if number in owed],
        sorted((row for row in asked if row.closes_at > at), key=_by_closing)[:_OPEN],
        sorted((row for row in asked if row.closes_at <= at), key=_by_closing, reverse=True)[:_ASKED],
        sorted((row for row in answers if row.answered_at is not None), key=lambda row: row.answered_at, reverse=True),
        counted.owing,
        countries.list_members(session, body),
        at.date(),
    )


def get_record(session: Session, body_id: int) -> Record:
    """Return the record of a body."""
    return records.get_record(session, body_id).record


def list_records(session: Session) -> list[tuple[PublicBody, Record]]:
    """Return every body with its record, by name. Two statements, or four if not all records are cached."""
    rows = bodies.list_bodies(session)
    found = records.list_records(session, [body.id for body in rows])
    return [(body, found[body.id].record) for body in rows]


def _by_closing(row: Row[Any]) -> tuple[datetime, int]:
    return row.closes_at, row.id


@lru_cache(maxsize=1)
def _select_asked() -> Any:
    """Select a body's own and joint consultations: the next to close and the last closed. Each reads few rows."""
    body: Any = bindparam("body")
    at: Any = bindparam("at", type_=DateTime(timezone=True))
    joint = select(ConsultationBody.consultation_id).where(
        ConsultationBody.body_id == body, ConsultationBody.part == PartInConsultation.ASKS
    )
    closes, each = Consultation.closes_at, []
    for of_the_body in (Consultation.body_id == body, Consultation.id.in_(joint)):
        seen = select(Consultation.id).where(of_the_body, Consultation.phase != Phase.DRAFT)
        each.append(seen.where(closes > at).order_by(closes).limit(_OPEN))
        each.append(seen.where(closes <= at).order_by(closes.desc()).limit(_ASKED))
    ids = [select(part.subquery().c.id) for part in each]
    return select(*LISTED_COLUMNS).where(Consultation.id.in_(union(*ids)))


@lru_cache(maxsize=1)
def _select_answers() -> Any:
    """Select the latest answers of a body, and those of the given arguments that have no answer yet."""
    about: Any = (Argument.name, Argument.checked, Consultation.slug, Consultation.title, Consultation.language)
    given = (Response.answered_at, Response.promised_for, Response.outcome, Response.lateness, Response.reasons)
    lately = (
        select(*given, func.coalesce(Argument.merged_into_id, Argument.id).label("id"), *about)
        .join(Argument, Argument.id == Response.argument_id)
        .join(Consultation, Consultation.id == Response.consultation_id)
        .where(Response.body_id == bindparam("body"), Consultation.phase != Phase.DRAFT)
        .order_by(Response.answered_at.desc(), Response.id.desc())
        .limit(_ANSWERED)
    )
    owed = (
        select(*(null().label(column.key) for column in given), Argument.id, *about)
        .join(Consultation, Consultation.id == Argument.consultation_id)
        .where(
            Argument.id == func.any(bindparam("numbers", type_=ARRAY(BigInteger))),
            Consultation.phase != Phase.DRAFT,
            Argument.merged_into_id.is_(None),
            Argument.statements > 0,
        )
    )
    first = lately.subquery()
    return union_all(select(first), owed)
