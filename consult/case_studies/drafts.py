"""Deletion of case studies that were never published, by their author or by a retention rule."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Date, cast, func, select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.case_studies import service
from consult.case_studies.model import CaseStudy, StudyState
from consult.core.clock import now
from consult.core.errors import Conflict, Forbidden
from consult.core.i18n import N_, _
from consult.operator import retention
from consult.operator.retention import DueDeletion, RetentionRule

RULE = "case_study_drafts"
_UNSENT = (CaseStudy.edition == 0, CaseStudy.state.in_((StudyState.DRAFT, StudyState.RETURNED)))


def delete(session: Session, row: CaseStudy, *, by: Account) -> None:
    """Delete a case study that was never public. Raises Forbidden and Conflict."""
    if row.account_id != by.id:
        raise Forbidden(_("Only the author can change a case study."))
    service.lock(session, row)
    if row.edition:
        raise Conflict(_("This case study was published, so you cannot delete it. You can withdraw it."))
    service.delete_unpublished(session, [row])


def purge(session: Session, *, at: datetime | None = None) -> int:
    """Delete drafts unchanged for the site's retention period and return their number."""
    kept = timedelta(days=retention.find_days(session, RULE))
    gone = select(CaseStudy).where(*_UNSENT, CaseStudy.touched_at < (at or now()) - kept)
    rows = session.scalars(gone.order_by(CaseStudy.id).limit(500).with_for_update(skip_locked=True)).all()
    service.delete_unpublished(session, rows)
    return len(rows)


def find_last_day(session: Session, row: CaseStudy) -> datetime | None:
    """Return the date until which an unchanged draft is kept, or None if it is not a draft."""
    if row.edition or row.state not in (StudyState.DRAFT, StudyState.RETURNED):
        return None
    return row.touched_at + timedelta(days=retention.find_days(session, RULE))


def list_due(session: Session, days: int) -> Sequence[DueDeletion]:
    """Return the number of drafts due for deletion on each day, for a retention period in days."""
    day = (cast(func.timezone("UTC", CaseStudy.touched_at), Date) + days).label("day")
    counted = select(day, func.count()).where(*_UNSENT).group_by("day").order_by("day")
    return [DueDeletion(RULE, None, "", "", *row) for row in session.execute(counted)]


retention.RULES[RULE] = RetentionRule(
    RULE,
    N_("Unfinished case studies"),
    N_("Counted from the author’s last change, or from the day a moderator returned the case study."),
    default=365,
    least=30,
    most=3650,
    list_due=list_due,
)
