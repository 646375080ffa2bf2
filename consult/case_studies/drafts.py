"""Case studies that were never published, and their end: by their author, or by a rule of retention."""

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
    """Destroys a case study that never was public, with its words. Raises Forbidden, Conflict."""
    if row.account_id != by.id:
        raise Forbidden(_("Only who wrote a case study changes it."))
    service.lock(session, row)
    if row.edition:
        raise Conflict(_("It was published, so it stays. You can withdraw it."))
    service.delete_unpublished(session, [row])


def purge(session: Session, *, at: datetime | None = None) -> int:
    """Destroys drafts that nobody has touched for the period of the site; gives how many."""
    kept = timedelta(days=retention.find_days(session, RULE))
    gone = select(CaseStudy).where(*_UNSENT, CaseStudy.touched_at < (at or now()) - kept)
    rows = session.scalars(gone.order_by(CaseStudy.id).limit(500).with_for_update(skip_locked=True)).all()
    service.delete_unpublished(session, rows)
    return len(rows)


def find_last_day(session: Session, row: CaseStudy) -> datetime | None:
    """Until when a draft is kept if nobody touches it; None of what is no draft."""
    if row.edition or row.state not in (StudyState.DRAFT, StudyState.RETURNED):
        return None
    return row.touched_at + timedelta(days=retention.find_days(session, RULE))


def list_due(session: Session, days: int) -> Sequence[DueDeletion]:
    """On which day how many drafts go, where the site keeps them for so many days."""
    day = (cast(func.timezone("UTC", CaseStudy.touched_at), Date) + days).label("day")
    counted = select(day, func.count()).where(*_UNSENT).group_by("day").order_by("day")
    return [DueDeletion(RULE, None, "", "", *row) for row in session.execute(counted)]


retention.RULES[RULE] = RetentionRule(
    RULE,
    N_("Drafts of case studies"),
    N_("Counted from the day on which the author last wrote in it, or on which it was returned."),
    default=365,
    least=30,
    most=3650,
    list_due=list_due,
)
