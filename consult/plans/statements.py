"""SQL statements of a plan's page, built once, because building them takes half as long as rendering the page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BindParameter, bindparam, func, literal, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from consult.bodies.model import PublicBody
from consult.consultations.model import Consultation
from consult.plans.indicators.model import ActionIndicator, PlanIndicator
from consult.plans.model import ActionPlan, ActionReport, PlanAction, PlanMovement, ReportState

PLAN: BindParameter[int] = bindparam("plan_id")
_YEARS = select(func.array_agg(aggregate_order_by(PlanMovement.year, PlanMovement.year.desc())))
ABOUT_PLAN = (
    select(PublicBody, Consultation, _YEARS.where(PlanMovement.plan_id == PLAN).scalar_subquery())
    .outerjoin(Consultation, Consultation.id == bindparam("consultation_id"))
    .where(PublicBody.id == bindparam("body_id"))
)


def _columns(names: Sequence[str]) -> list[Any]:
    return [getattr(PlanAction, name) for name in names]


_MORE = ("measured_by", "assessed_by", "cost", "moved", "overdue_at", "timetable_words", "repeats_until")
_TIMES = ("begins_on", "due_on", "timetable", "every_months", "kept_on", "done_at", "created_at")
_SHOWN = ("id", "number", "objective", "title", "owner_name", *_TIMES)
_MEASURES = select(
    func.array_agg(aggregate_order_by(ActionIndicator.indicator_id, ActionIndicator.indicator_id))
).where(ActionIndicator.action_id == PlanAction.id)
_COLUMNS: Sequence[Any] = (*_columns(_SHOWN), _MEASURES.scalar_subquery().label("measured"))
ACTION_LINES = select(*_COLUMNS).where(PlanAction.plan_id == PLAN).order_by(PlanAction.position, PlanAction.id)
ACTION_ROWS = ACTION_LINES.add_columns(*_columns(_MORE))
"""`measured` is the ids of the indicators of an action, or None."""


INDICATORS = (
    select(PlanIndicator).where(PlanIndicator.plan_id == PLAN).order_by(PlanIndicator.position, PlanIndicator.id)
)


def _select_stamp() -> Any:
    of = select(PlanAction.id).where(PlanAction.plan_id == PLAN)
    shown = ActionReport.action_id.in_(of), ActionReport.state == ReportState.PUBLISHED
    words = func.concat(
        PlanIndicator.id,
        PlanIndicator.code,
        PlanIndicator.titles,
        PlanIndicator.units,
        PlanIndicator.target,
        PlanIndicator.baseline,
        PlanIndicator.better,
        PlanIndicator.headline,
        PlanIndicator.headline_name,
    )
    parts = (
        select(func.concat(func.count(), "-", func.max(ActionReport.id))).where(*shown),
        select(func.concat(func.count(), "-", func.sum(PlanAction.revision))).where(PlanAction.plan_id == PLAN),
        select(func.concat(func.count(), "-", func.sum(ActionIndicator.action_id))).where(
            ActionIndicator.action_id.in_(of)
        ),
        select(func.md5(func.string_agg(words, aggregate_order_by(literal("|"), PlanIndicator.id)))).where(
            PlanIndicator.plan_id == PLAN
        ),
        select(PublicBody.revision).where(PublicBody.id == bindparam("body_id")),
        select(func.max(PlanMovement.id)).where(PlanMovement.plan_id == PLAN),
    )
    return select(*(part.scalar_subquery() for part in parts))


STAMP = _select_stamp()


def _select_list_stamp() -> Any:
    parts: Sequence[Any] = (
        select(func.concat(func.count(), "-", func.max(ActionReport.id))).where(
            ActionReport.state == ReportState.PUBLISHED
        ),
        *(
            select(func.concat(func.count(), "-", func.sum(table.revision)))
            for table in (ActionPlan, PlanAction, PublicBody, Consultation)
        ),
    )
    return select(*(part.scalar_subquery() for part in parts))


LIST_STAMP = _select_list_stamp()
"""Values that change whenever the lists of plans or promised actions change."""
