"""Answers with a due date, and the ledger entry when that date passes without one."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Date, Subquery, and_, bindparam, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, aliased

from consult.arguments.model import Argument
from consult.consultations.model import Consultation, Phase
from consult.ledger import service as ledger
from consult.ledger.model import Kind, LedgerEntry
from consult.responses.model import AnswerOutcome, Obligation, Response

TODAY: Any = bindparam("today", type_=Date)
HOLDER: Any = func.coalesce(Obligation.body_id, Consultation.body_id)
"""The body that answers an argument."""


def select_owing(of: ColumnElement[bool], holder: Any) -> Subquery:
    """Select arguments that wait for an answer with a due date: never answered, or with an expired deferral.

    `of` is a condition on consultations.
    """
    part = aliased(Argument)
    answered = (
        select(func.coalesce(part.merged_into_id, part.id).label("id"), Response.outcome, Response.due_on)
        .join(part, part.id == Response.argument_id)
        .where(Response.consultation_id.in_(select(Consultation.id).where(of)))
        .ext(distinct_on(func.coalesce(part.merged_into_id, part.id)))
        .order_by(func.coalesce(part.merged_into_id, part.id), part.merged_into_id.nulls_first(), Response.id)
        .subquery()
    )
    lapsed = and_(answered.c.outcome == AnswerOutcome.DEFERRED, answered.c.due_on < TODAY)
    return (
        select(
            Argument.id,
            Argument.name,
            Argument.voices,
            Argument.consultation_id,
            func.coalesce(Obligation.body_id, Consultation.body_id).label("body_id"),
            func.coalesce(answered.c.due_on, Consultation.answer_by).label("due"),
        )
        .join(Consultation, Consultation.id == Argument.consultation_id)
        .outerjoin(Obligation, Obligation.argument_id == Argument.id)
        .outerjoin(answered, answered.c.id == Argument.id)
        .where(
            of,
            Consultation.phase != Phase.DRAFT,
            Argument.merged_into_id.is_(None),
            Argument.statements > 0,
            or_(and_(answered.c.id.is_(None), Argument.checked, Consultation.answer_by.is_not(None)), lapsed),
            func.coalesce(Obligation.body_id, Consultation.body_id) == holder,
        )
        .subquery()
    )


def record_missed(session: Session, *, at: datetime) -> int:
    """Record each answer of a body that became overdue, once for each due date, and return their number."""
    owing = select_owing(Consultation.body_id.is_not(None), HOLDER)
    told = select(LedgerEntry.id).where(
        LedgerEntry.subject_id == owing.c.id,
        LedgerEntry.kind == Kind.PROMISE_MISSED,
        LedgerEntry.detail["due"].astext == func.to_char(owing.c.due, "YYYY-MM-DD"),
    )
    today: date = at.date()
    rows = session.execute(
        select(owing).where(owing.c.due < TODAY, ~told.exists()).order_by(owing.c.id), {"today": today}
    ).all()
    for row in rows:
        ledger.record(
            session,
            Kind.PROMISE_MISSED,
            subject_id=row.id,
            consultation_id=row.consultation_id,
            detail={"body": row.body_id, "due": row.due.isoformat()},
            at=at,
        )
    return len(rows)
