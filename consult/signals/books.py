"""The books of reports: each stands in exactly one place, and what the ledger says adds up to the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from consult.ledger.model import Kind, LedgerEntry
from consult.signals.model import ReportStanding, SignalLink, SignalReport

_SINCE = timedelta(days=90)


@dataclass(frozen=True)
class ReportBooks:
    """`reports = linked + waiting + not signals + withdrawn + erased`, and how soon they were assessed.

    `received` is what the ledger has of reports. `in_time` of `assessed` were assessed within the promised time, of
    those of the last 90 days; `overdue` wait for longer than that.
    """

    reports: int
    linked: int
    waiting: int
    not_signals: int
    withdrawn: int
    erased: int
    received: int
    overdue: int
    assessed: int
    in_time: int

    @property
    def balanced(self) -> bool:
        """Whether every report that the ledger has is accounted for, once."""
        parts = self.linked + self.waiting + self.not_signals + self.withdrawn + self.erased
        return self.reports == parts == self.received


def count_books(session: Session, *, at: datetime) -> ReportBooks:
    """The books as they are. Two statements."""
    standing, late = SignalLink.standing, SignalLink.assessed_at > SignalLink.due_at
    recent = SignalLink.assessed_at.is_not(None) & (SignalLink.at >= at - _SINCE)
    counts = [func.count().filter(standing == kind) for kind in ReportStanding]
    row = session.execute(
        select(
            func.count(SignalReport.id),
            *counts,
            func.count().filter((standing == ReportStanding.WAITING) & (SignalLink.due_at < at)),
            func.count().filter(recent),
            func.count().filter(recent & ~late),
        )
        .select_from(SignalReport)
        .outerjoin(SignalLink, SignalLink.report_id == SignalReport.id)
    ).one()
    by_kind = dict(zip(ReportStanding, row[1:6], strict=True))
    received = session.scalar(
        select(func.count()).select_from(LedgerEntry).where(LedgerEntry.kind == Kind.SIGNAL_REPORTED)
    )
    return ReportBooks(
        reports=row[0],
        linked=by_kind[ReportStanding.LINKED],
        waiting=by_kind[ReportStanding.WAITING],
        not_signals=by_kind[ReportStanding.NOT_SIGNAL],
        withdrawn=by_kind[ReportStanding.WITHDRAWN],
        erased=by_kind[ReportStanding.ERASED],
        received=received or 0,
        overdue=row[6],
        assessed=row[7],
        in_time=row[8],
    )
