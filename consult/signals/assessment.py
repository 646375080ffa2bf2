"""How sure a signal is, and the level that its reports reach by the rule. A person decides; this proposes."""

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
"""The year and the week that the rule of two in seven days looks at."""


def rule_of(level: SignalLevel) -> LevelRule:
    """What the protocol says of a level."""
    return next(rule for rule in load_levels() if rule.name == level)


def assess_due(received_at: datetime) -> datetime:
    """By when a report is to be assessed."""
    return received_at + timedelta(hours=rule_of(SignalLevel.WATCH).assess_within_hours)


def warning_due(level: SignalLevel, since: datetime) -> datetime | None:
    """By when a warning is to be out at a level; None where none is due."""
    hours = rule_of(level).warn_within_hours
    return since + timedelta(hours=hours) if hours is not None else None


def is_higher(one: SignalLevel, other: SignalLevel) -> bool:
    """Whether one level is above the other.

    >>> is_higher(SignalLevel.ALERT, SignalLevel.WATCH), is_higher(SignalLevel.ALERT, SignalLevel.ALERT)
    (True, False)
    """
    return LEVEL_ORDER.index(one) > LEVEL_ORDER.index(other)


def to_seen(report: SignalReport) -> SeenReport:
    """What the rule looks at of a report. Nobody named is one speaker: two who say no name count as one."""
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
    """The reports of a signal, the first that happened first."""
    rows = select(SignalReport).join(SignalLink, SignalLink.report_id == SignalReport.id)
    return session.scalars(
        rows.where(SignalLink.signal_id == signal_id).order_by(SignalReport.happened_on, SignalReport.id)
    ).all()


def propose_level(session: Session, signal: Signal, *, at: datetime) -> LevelReached | None:
    """The level that the reports of this substance in this place reach; of a signal without a substance, its own."""
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
    """Whether one report by itself says what an emergency is."""
    reached = reach_level([to_seen(report)])
    return reached is not None and reached.level.name == SignalLevel.EMERGENCY


def measure_confidence(reports: Iterable[SignalReport]) -> Confidence:
    """The surest basis; two laboratories where findings of two are among them.

    Laboratories are told apart by their names, or else by the organisations that sent their findings.
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
    """The same as a condition, for reads that put such reports first."""
    alone = [it for it in rule_of(SignalLevel.EMERGENCY).when if max(it.reports, it.independent) <= 1]
    deaths, overdoses = func.coalesce(SignalReport.deaths, 0), func.coalesce(SignalReport.overdoses, 0)
    harmed = ((deaths >= it.deaths) & (overdoses >= it.overdoses) for it in alone if not it.laboratory)
    return or_(false(), *harmed)
