"""Totals of reports by standing, for comparison with the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, literal, select
from sqlalchemy.orm import Session

from consult.ledger.model import Kind, LedgerEntry
from consult.signals.model import ReportStanding, SignalLink, SignalReport

_SINCE = timedelta(days=90)
_IS_REPORT = LedgerEntry.kind == literal(str(Kind.SIGNAL_REPORTED), literal_execute=True)
"""A literal, because a prepared statement would not use the partial index of these entries with a parameter."""


@dataclass(frozen=True)
class ReportBooks:
    """Totals: `reports = linked + waiting + not signals + withdrawn + erased`, and timeliness of assessment.

    `received` counts ledger entries. Held reports are not counted yet. `due` counts reports of the last 90 days whose
    deadline is over, and `in_time` those assessed by then. `overdue` ones still wait.
    """

    reports: int
    linked: int
    waiting: int
    not_signals: int
    withdrawn: int
    erased: int
    received: int
    overdue: int
    due: int
    in_time: int

    @property
    def balanced(self) -> bool:
        """Return whether the parts add up to the total, and the total equals the number of ledger entries."""
        parts = self.linked + self.waiting + self.not_signals + self.withdrawn + self.erased
        return self.reports == parts == self.received


def count_books(session: Session, *, at: datetime) -> ReportBooks:
    """Return the totals of reports. Runs two SQL statements."""
    standing, waits = SignalLink.standing, SignalLink.standing == ReportStanding.WAITING
    ended = standing.in_((ReportStanding.WITHDRAWN, ReportStanding.ERASED)) & SignalLink.assessed_at.is_(None)
    taken_back = ended & (SignalLink.at <= SignalLink.due_at)  # withdrawn before the deadline of the assessment
    due = SignalLink.due_at.between(at - _SINCE, at) & ~taken_back
    counts = [func.count().filter(standing == kind) for kind in ReportStanding]
    row = session.execute(
        select(
            func.count(SignalReport.id),
            *counts,
            func.count().filter(waits & (SignalLink.due_at < at)),
            func.count().filter(due),
            func.count().filter(due & ~waits & (SignalLink.assessed_at <= SignalLink.due_at)),
        )
        .select_from(SignalReport)
        .outerjoin(SignalLink, SignalLink.report_id == SignalReport.id)
        .where(SignalLink.held_until.is_(None))
    ).one()
    by_kind = dict(zip(ReportStanding, row[1:6], strict=True))
    received = session.scalar(select(func.count()).select_from(LedgerEntry).where(_IS_REPORT))
    return ReportBooks(
        reports=row[0],
        linked=by_kind[ReportStanding.LINKED],
        waiting=by_kind[ReportStanding.WAITING],
        not_signals=by_kind[ReportStanding.NOT_SIGNAL],
        withdrawn=by_kind[ReportStanding.WITHDRAWN],
        erased=by_kind[ReportStanding.ERASED],
        received=received or 0,
        overdue=row[6],
        due=row[7],
        in_time=row[8],
    )
