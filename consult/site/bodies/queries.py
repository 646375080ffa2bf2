"""Pages of bodies: the record of each, and what it asks now. A fixed number of statements each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, DateTime, Row, bindparam, func, select, union, union_all
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from consult.arguments.model import Argument
from consult.bodies import service as bodies
from consult.bodies.model import PublicBody
from consult.consultations.joint.model import ConsultationBody, PartInConsultation
from consult.consultations.model import Consultation, Phase
from consult.core.clock import now
from consult.responses.model import Response
from consult.responses.records import service as records
from consult.responses.records.service import CountedRecord, Record
from consult.site.consultation_search import LISTED_COLUMNS

_OPEN, _ANSWERED, _ASKED = 10, 5, 10


@dataclass(frozen=True)
class OwedAnswer:
    """An argument that waits for an answer of the body: its number, name, and the consultation's; and until when."""

    argument: Row[Any]
    due: date


@dataclass(frozen=True)
class BodyPage:
    body: PublicBody
    record: Record
    owed: Sequence[OwedAnswer]  # the oldest first
    open: Sequence[Row[Any]]
    asked: Sequence[Row[Any]]  # the last that closed
    answered: Sequence[Row[Any]]
    owing: int  # how many it owes, with those that are not shown
    today: date = field(default_factory=lambda: now().date())


def get_body_page(session: Session, slug: str) -> BodyPage:
    """The page of a body, in five statements, or seven where its record is not kept. Raises NotFound."""
    body, at = bodies.get(session, slug), now()
    counted = records.get_record(session, body.id)
    own = session.execute(_select_own(), {"body": body.id, "at": at}).all()
    return BodyPage(
        body,
        counted.record,
        _list_owed(session, counted),
        [row for row in own if row.closes_at > at],
        [row for row in own if row.closes_at <= at],
        session.execute(_select_answered(), {"body": body.id}).all(),
        counted.owing,
        at.date(),
    )


def get_record(session: Session, body_id: int) -> Record:
    """The record of one body."""
    return records.get_record(session, body_id).record


def list_records(session: Session) -> list[tuple[PublicBody, Record]]:
    """Every body with its record, by name. Two statements, or four where not all records are kept."""
    rows = bodies.list_bodies(session)
    found = records.list_records(session, [body.id for body in rows])
    return [(body, found[body.id].record) for body in rows]


def _list_owed(session: Session, counted: CountedRecord) -> list[OwedAnswer]:
    """What is shown of the first answers that a body owes; without those that nobody waits for any more."""
    rows = session.execute(_select_owed(), {"numbers": [number for number, _due in counted.owed]})
    found = {row.id: row for row in rows}
    return [OwedAnswer(found[number], due) for number, due in counted.owed if number in found]


@lru_cache(maxsize=1)
def _select_owed() -> Any:
    return (
        select(Argument.id, Argument.name, Consultation.slug, Consultation.title, Consultation.language)
        .join(Consultation, Consultation.id == Argument.consultation_id)
        .where(
            Argument.id == func.any(bindparam("numbers", type_=ARRAY(BigInteger))),
            Consultation.phase != Phase.DRAFT,
            Argument.merged_into_id.is_(None),
            Argument.statements > 0,
        )
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
    ids = [select(part.limit(most).subquery().c.id) for part, most in ((coming, _OPEN), (over, _ASKED))]
    return (
        select(*LISTED_COLUMNS)
        .where(Consultation.id.in_(union_all(*ids)))
        .order_by((Consultation.closes_at <= at), func.abs(func.extract("epoch", Consultation.closes_at - at)))
    )


@lru_cache(maxsize=1)
def _select_answered() -> Any:
    return (
        select(
            Response.answered_at,
            Response.promised_for,
            Response.outcome,
            Response.lateness,
            Response.reasons,
            func.coalesce(Argument.merged_into_id, Argument.id).label("argument_id"),
            Argument.name,
            Argument.checked,
            Consultation.slug,
            Consultation.title,
            Consultation.language,
        )
        .join(Argument, Argument.id == Response.argument_id)
        .join(Consultation, Consultation.id == Response.consultation_id)
        .where(Response.body_id == bindparam("body"), Consultation.phase != Phase.DRAFT)
        .order_by(Response.answered_at.desc(), Response.id.desc())
        .limit(_ANSWERED)
    )
