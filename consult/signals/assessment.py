"""Assessment of signals: certainty, and the alert level that the reports reach by rule. People decide."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, false, func, or_, select
from sqlalchemy.orm import Session

from consult.signals.detection.levels import LevelReached, LevelRule, SeenReport, load_levels, reach_level
from consult.signals.model import (
    CONFIDENCE_ORDER,
    LABORATORY_BASES,
    LEVEL_ORDER,
    Basis,
    Confidence,
    ReportStanding,
    Signal,
    SignalLevel,
    SignalLink,
    SignalReport,
)

_LOOKED_BACK = timedelta(days=380)
"""A year, and the week examined by the rule of two reports in seven days."""


def rule_of(level: SignalLevel) -> LevelRule:
    """Return the rule of a level in the protocol."""
    return next(rule for rule in load_levels() if rule.name == level)


def assess_due(received_at: datetime) -> datetime:
    """Return the time by which a report must be assessed."""
    return received_at + timedelta(hours=rule_of(SignalLevel.WATCH).assess_within_hours)


def warning_due(level: SignalLevel, since: datetime) -> datetime | None:
    """Return the time by which a warning must be published at a level, or None."""
    hours = rule_of(level).warn_within_hours
    return since + timedelta(hours=hours) if hours is not None else None


def is_higher(one: SignalLevel, other: SignalLevel) -> bool:
    """Return whether the first level is higher than the second.

    >>> is_higher(SignalLevel.ALERT, SignalLevel.WATCH), is_higher(SignalLevel.ALERT, SignalLevel.ALERT)
    (True, False)
    """
    return LEVEL_ORDER.index(one) > LEVEL_ORDER.index(other)


def to_seen(report: SignalReport) -> SeenReport:
    """Return the parts of a report that rules use. All reports without an organisation count as one speaker."""
    return SeenReport(
        on=report.happened_on,
        speaker=str(report.organisation_id or ""),
        basis=report.basis,
        laboratory=report.basis in LABORATORY_BASES,
        deaths=report.deaths or 0,
        overdoses=report.overdoses or 0,
        text=bytes(report.content_mark),
    )


def list_reports(session: Session, signal_id: int) -> Sequence[SignalReport]:
    """Return the reports of a signal in the order of events."""
    rows = select(SignalReport).join(SignalLink, SignalLink.report_id == SignalReport.id)
    return session.scalars(
        rows.where(SignalLink.signal_id == signal_id).order_by(SignalReport.happened_on, SignalReport.id)
    ).all()


def propose_level(session: Session, signal: Signal, *, at: datetime) -> LevelReached | None:
    """Return the level reached by the reports of this substance and place, or of this signal if it has no substance."""
    rows = (
        select(SignalReport)
        .join(SignalLink, SignalLink.report_id == SignalReport.id)
        .join(Signal, Signal.id == SignalLink.signal_id)
        .where(SignalLink.standing == ReportStanding.LINKED, SignalReport.happened_on >= (at - _LOOKED_BACK).date())
    )
    same = Signal.id == signal.id
    if signal.substance_id is not None:
        alike = (Signal.substance_id == signal.substance_id) & (Signal.country == signal.country)
        same = same | (alike & (Signal.region == signal.region))
    seen = [to_seen(report) for report in session.scalars(rows.where(same))]
    return reach_level(seen)


def is_emergency(report: SignalReport) -> bool:
    """Return whether a single report reaches the level Emergency."""
    reached = reach_level([to_seen(report)])
    return reached is not None and reached.level.name == SignalLevel.EMERGENCY


def measure_confidence(reports: Iterable[SignalReport]) -> Confidence:
    """Return the certainty of the most certain basis, or TWO_LABORATORIES if two of them reported findings.

    Laboratories are distinguished by name, else by the organisation that sent the finding.
    """
    rows = list(reports)
    found = [row for row in rows if row.basis in LABORATORY_BASES]
    named = {(row.laboratory.casefold() or f"organisation {row.organisation_id}") for row in found}
    if len(named) > 1:
        return Confidence.TWO_LABORATORIES
    order = list(Basis)
    surest = max((order.index(row.basis) for row in rows), default=0)
    return CONFIDENCE_ORDER[surest]


def names_emergency() -> ColumnElement[bool]:
    """Return `is_emergency` as an SQL condition, to list such reports first."""
    alone = [it for it in rule_of(SignalLevel.EMERGENCY).when if max(it.reports, it.independent) <= 1]
    deaths, overdoses = func.coalesce(SignalReport.deaths, 0), func.coalesce(SignalReport.overdoses, 0)
    harmed = ((deaths >= it.deaths) & (overdoses >= it.overdoses) for it in alone if not it.laboratory)
    return or_(false(), *harmed)
