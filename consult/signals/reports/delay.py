"""Delayed entry of anonymous reports: they are recorded in the ledger and counted at a random full hour.

Until then only assessors see them, at once, because a report may warn of a death. Decisions on a held report are
recorded together with it. Public numbers therefore do not show when it was sent. See
docs/decisions/0082-hold-traceless-reports-from-public-counts.md.
"""

from __future__ import annotations

from datetime import datetime
from random import SystemRandom

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.core.crypto import pseudonym
from consult.ledger import service as ledger
from consult.ledger.model import Kind
from consult.signals.model import ReportStanding, SignalLink, SignalReport
from consult.submissions.private.delay import draw_hour

__all__ = ["draw_hour", "record", "release", "round_down"]
_random = SystemRandom()
_KINDS = {
    ReportStanding.NOT_SIGNAL: Kind.SIGNAL_DECLINED,
    ReportStanding.WITHDRAWN: Kind.SIGNAL_REPORT_WITHDRAWN,
    ReportStanding.ERASED: Kind.SIGNAL_REPORT_ERASED,
}


def round_down(at: datetime) -> datetime:
    """Return the full hour before, so that no row has the minute in which a report was sent."""
    return at.replace(minute=0, second=0, microsecond=0)


def record(
    session: Session,
    link: SignalLink,
    kind: Kind,
    *,
    at: datetime,
    commitment: bytes | None = None,
    actor: str | None = None,
    reason: str | None = None,
) -> None:
    """Write a ledger entry about a report, unless it is held: `release` then records its current state."""
    if link.held_until is None:
        ledger.record(
            session, kind, subject_id=link.report_id, commitment=commitment, actor=actor, reason=reason, at=at
        )


def release(session: Session, *, at: datetime) -> int:
    """Record all due reports in random order, with their standing, and return their number. Safe to repeat."""
    due = select(SignalLink, SignalReport.commitment).join(SignalReport, SignalReport.id == SignalLink.report_id)
    found = list(session.execute(due.where(SignalLink.held_until <= at).with_for_update(of=SignalLink)))
    _random.shuffle(found)
    for link, commitment in found:
        link.held_until = None
        record(session, link, Kind.SIGNAL_REPORTED, commitment=bytes(commitment), at=at)
        if (kind := _KINDS.get(link.standing)) is not None:
            declined = kind is Kind.SIGNAL_DECLINED
            actor = pseudonym("account", link.linked_by_id) if declined and link.linked_by_id else None
            record(session, link, kind, actor=actor, reason=link.reason if declined else None, at=at)
    session.flush()
    return len(found)
