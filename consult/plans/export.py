"""Export of a plan as JSON and rows: actions with both sides' reports, indicators with their headline. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from consult.core.web.addresses import public_url
from consult.plans.indicators.model import PlanIndicator
from consult.plans.queries import PlanPage
from consult.plans.standings import ActionStatus


def build_plan(page: PlanPage) -> Mapping[str, Any]:
    """Return the record of a plan. Days are ISO 8601, and values are strings with the original digits."""
    row = page.plan
    return {
        "title": row.title,
        "language": row.language,
        "body": page.body.name,
        "from": row.period_from,
        "to": row.period_to,
        "address": public_url("plans.plan", slug=row.slug),
        "balance": {str(state): page.balance.states.get(state, 0) for state in page.balance.states},
        "differ": page.balance.differ,
        "actions": [_build_action(line.status, line.indicator) for part in page.objectives for line in part.lines],
        "indicators": [_build_indicator(part, row.language) for part in page.indicators],
    }


def _build_action(status: ActionStatus, indicator: PlanIndicator | None) -> Mapping[str, Any]:
    action, standing = status.action, status.standing
    return {
        "number": action.number,
        "objective": action.objective,
        "title": action.title,
        "responsible_party": action.owner_name,
        "begins_on": action.begins_on.isoformat() if action.begins_on else None,
        "due_on": action.due_on.isoformat() if action.due_on else None,
        "timetable": str(action.timetable or "by"),
        "every_months": action.every_months,
        "timetable_words": action.timetable_words or "",
        "due_before": [move["was"] for move in action.moved],
        "indicators": action.measured_by,
        "data_collection": action.assessed_by,
        "state": str(status.state),
        "government": str(standing.government) if standing.government else None,
        "government_on": standing.reported_on.isoformat() if standing.reported_on else None,
        "organisations": {str(progress): n for progress, n in standing.society.items()},
        "differ": status.differs,
        "figure_got_worse": status.against.code if status.against else None,
        "indicator": indicator.code if indicator else None,
    }


def _build_indicator(row: PlanIndicator, language: str) -> Mapping[str, Any]:
    return {
        "code": row.code,
        "titles": row.titles,
        "unit": row.unit_in(language),
        "units": row.units,
        "better": str(row.better),
        "source": row.source,
        "licence": row.licence,
        "baseline": _text(row.baseline),
        "target": _text(row.target),
        "headline": row.headline,
        "headline_name": row.headline_name,
    }


def _text(value: Any) -> str | None:
    return f"{value:f}" if value is not None else None


def list_rows(page: PlanPage) -> list[Sequence[Any]]:
    """Return the actions of a plan as rows with both sides' reports. The header is first."""
    rows: list[Sequence[Any]] = [EXPORTED]
    for objective in page.objectives:
        for line in objective.lines:
            action, standing = line.status.action, line.status.standing
            society = "; ".join(f"{progress}: {n}" for progress, n in standing.society.items())
            rows.append(
                (
                    action.number,
                    action.objective,
                    action.title,
                    action.owner_name,
                    action.begins_on or "",
                    action.due_on or "",
                    str(action.timetable or "by"),
                    action.every_months or "",
                    action.timetable_words or "",
                    action.measured_by,
                    action.assessed_by,
                    action.cost,
                    str(line.status.state),
                    standing.government or "",
                    standing.reported_on or "",
                    society,
                    "yes" if line.status.differs else "no",
                )
            )
    return rows


EXPORTED = (
    "number",
    "objective",
    "action",
    "responsible_party",
    "begins",
    "due",
    "timetable",
    "every_months",
    "timetable_words",
    "indicators",
    "data_collection",
    "cost",
    "state",
    "government",
    "government_on",
    "organisations",
    "differ",
)
