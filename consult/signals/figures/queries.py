"""Queries on public figures: reports of open and closed signals by region and day, counted by the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from consult.signals.figures.cells import CountedReport, CountryFigures, count_weeks
from consult.signals.model import Signal, SignalLink, SignalReport, SignalState

WEEKS = 52
"""Number of weeks covered."""
_COUNTED = (SignalState.OPEN, SignalState.CLOSED)


def get_figures(session: Session, country: str, at: datetime) -> CountryFigures:
    """Return the figures of a country over the last WEEKS, empty if it has no signal. One statement."""
    day = func.date(func.timezone("UTC", SignalReport.received_at))
    since = at - timedelta(weeks=WEEKS, days=at.weekday())
    region = func.coalesce(func.nullif(SignalReport.region, ""), SignalReport.country)
    rows = session.execute(
        select(region, day, Signal.level, func.count())
        .join(SignalLink, SignalLink.report_id == SignalReport.id)
        .join(Signal, Signal.id == SignalLink.signal_id)
        .where(SignalLink.held_until.is_(None))
        .where(SignalReport.country == country, Signal.state.in_(_COUNTED), day >= since.date())
        .group_by(region, day, Signal.level)
    )
    return count_weeks(country, [CountedReport(where, on, str(level), n) for where, on, level, n in rows], at.date())


def list_counted_countries(session: Session) -> Sequence[str]:
    """Return the countries with counted signals, those with most reports first."""
    return session.scalars(
        select(Signal.country)
        .join(SignalLink, SignalLink.signal_id == Signal.id)
        .where(Signal.state.in_(_COUNTED), SignalLink.held_until.is_(None))
        .group_by(Signal.country)
        .order_by(func.count().desc(), Signal.country)
    ).all()
