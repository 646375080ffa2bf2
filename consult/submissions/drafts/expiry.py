"""Deletion of unsent drafts, as a retention rule."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Date, cast, delete, func, select
from sqlalchemy.orm import Session

from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.i18n import N_
from consult.operator import retention
from consult.operator.retention import DueDeletion, RetentionRule
from consult.submissions.model import Draft

RULE = "drafts"
_LAST = func.greatest(Consultation.closes_at, Consultation.late_until)


def purge(session: Session, *, at: datetime | None = None) -> int:
    """Delete drafts whose consultation closed long ago, and return their number."""
    kept = timedelta(days=retention.find_days(session, RULE))
    closed = select(Consultation.id).where((at or now()) - kept > _LAST)
    gone = session.execute(delete(Draft).where(Draft.consultation_id.in_(closed)))
    return int(gone.rowcount)  # type: ignore[attr-defined]


def list_due(session: Session, days: int) -> Sequence[DueDeletion]:
    """Return when the drafts of each consultation are deleted, for a retention in days."""
    day = (cast(func.timezone("UTC", _LAST), Date) + days).label("day")
    wanted = select(Consultation.id, Consultation.title, Consultation.language, day, func.count())
    counted = wanted.join(Draft, Draft.consultation_id == Consultation.id).group_by(Consultation.id)
    return [DueDeletion(RULE, *row) for row in session.execute(counted.order_by("day", Consultation.id))]


retention.RULES[RULE] = RetentionRule(
    RULE,
    N_("Unfinished submissions"),
    N_("Counted from the closing date."),
    default=30,
    least=1,
    most=365,
    list_due=list_due,
)
