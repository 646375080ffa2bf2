"""Bundles: the urgent reports and signals of a country that nobody is assessing, grouped into rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from consult.core.crypto import keyed_hash
from consult.core.text import normalise
from consult.signals.model import (
    ReportStanding,
    Signal,
    SignalLevel,
    SignalLink,
    SignalReport,
    SignalState,
    Urgency,
)
from consult.signals.on_call.model import AlarmKind, SignalAlarm

MAX_ROWS = 12
FLOOD = 100
"""Unverified urgent reports an hour from one country, above which new ones are folded by the hour."""


@dataclass(frozen=True)
class BundleRow:
    """A group of similar reports: their number, and place, product, harms and reference of the first.

    `verified` marks an emergency.
    """

    reports: int
    reference: str
    region: str
    product: str
    deaths: int
    overdoses: int
    verified: bool


@dataclass(frozen=True)
class AlarmBundle:
    """The urgent reports and signals of a country. `more` counts the reports beyond MAX_ROWS rows."""

    country: str
    signals: Sequence[Signal]
    rows: Sequence[BundleRow]
    more: int

    @property
    def is_empty(self) -> bool:
        return not self.signals and not self.rows


def is_open(urgency: ColumnElement[Any] | Any = SignalLink.urgency) -> ColumnElement[bool]:
    """Return the SQL condition of an urgent report that nobody is assessing."""
    waits = (SignalLink.standing == ReportStanding.WAITING) & SignalLink.taken_by_id.is_(None)
    return waits & (urgency > Urgency.USUAL)


def list_signals(session: Session, country: str) -> Sequence[Signal]:
    """Return the open emergencies of a country that nobody is assessing."""
    rows = select(Signal).where(
        Signal.country == country,
        Signal.level == SignalLevel.EMERGENCY,
        Signal.state == SignalState.OPEN,
        Signal.taken_by_id.is_(None),
    )
    return session.scalars(rows.order_by(Signal.level_at)).all()


def list_countries(session: Session) -> set[str]:
    """Return the countries with something urgent, or with an alarm."""
    emergency = (Signal.level == SignalLevel.EMERGENCY) & (Signal.state == SignalState.OPEN)
    reports = select(SignalReport.country).join(SignalLink, SignalLink.report_id == SignalReport.id).where(is_open())
    signals = select(Signal.country).where(emergency & Signal.taken_by_id.is_(None))
    alarms = select(SignalAlarm.country).where(SignalAlarm.kind != AlarmKind.PRACTICE)
    return set(session.scalars(reports.union(signals, alarms)))


def find_newest(session: Session, country: str, urgency: Urgency) -> int:
    """Return the id of the newest urgent report that nobody is assessing, or 0."""
    rows = select(func.max(SignalReport.id)).join(SignalLink, SignalLink.report_id == SignalReport.id)
    return session.scalar(rows.where(is_open(), SignalLink.urgency == urgency, SignalReport.country == country)) or 0


def build(session: Session, country: str) -> AlarmBundle:
    """Return the urgent reports and signals of a country, emergencies first. Runs three SQL statements."""
    fold = (func.max(SignalLink.urgency).desc(), func.min(SignalReport.id))
    rows = (
        select(
            func.count(),
            func.min(SignalReport.reference),
            func.min(SignalReport.region),
            func.min(SignalReport.product),
            func.coalesce(func.max(SignalReport.deaths), 0),
            func.coalesce(func.max(SignalReport.overdoses), 0),
            func.max(SignalLink.urgency) == Urgency.VERIFIED,
        )
        .join(SignalLink, SignalLink.report_id == SignalReport.id)
        .where(is_open(), SignalReport.country == country)
        .group_by(SignalLink.fold)
        .order_by(*fold)
    )
    total = session.scalar(
        select(func.count())
        .select_from(SignalLink)
        .join(SignalReport, SignalReport.id == SignalLink.report_id)
        .where(is_open(), SignalReport.country == country)
    )
    folded_rows = [_to_row(row) for row in session.execute(rows.limit(MAX_ROWS))]
    return AlarmBundle(
        country, list_signals(session, country), folded_rows, (total or 0) - sum(row.reports for row in folded_rows)
    )


def _to_row(row: Any) -> BundleRow:
    return BundleRow(*row)


def compute_fold(report: SignalReport, urgency: Urgency, *, flooded: bool, at: datetime) -> bytes:
    """Return the key of the row in which an urgent report is shown. Empty for usual ones.

    Reports share a row if region, day and organisation are the same and the texts differ only in digits and
    punctuation. In a flood, the unverified reports of a country and hour share a row.
    """
    if urgency is Urgency.USUAL:
        return b""
    if flooded:
        return keyed_hash("signal fold", f"{report.country} {at:%Y%m%d%H}".encode())
    words = "".join(c for c in normalise(f"{report.product} {report.body}") if c.isalpha())
    words = f"{report.region} {report.country} {report.happened_on} {report.organisation_id or ''} {words}"
    return keyed_hash("signal fold", words.encode())


def is_flooded(session: Session, country: str, at: datetime) -> bool:
    """Return whether more than FLOOD unverified urgent reports of a country arrived within an hour and wait."""
    rows = (
        select(SignalReport.id)
        .join(SignalLink, SignalLink.report_id == SignalReport.id)
        .where(
            SignalReport.country == country,
            SignalReport.received_at > at - timedelta(hours=1),
            SignalLink.standing == ReportStanding.WAITING,
            SignalLink.urgency == Urgency.UNVERIFIED,
        )
    )
    return session.scalar(rows.offset(FLOOD).limit(1)) is not None
