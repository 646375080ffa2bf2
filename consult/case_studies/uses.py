"""Reports that a case study was applied elsewhere, published after a moderator's review."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.case_studies.model import CaseStudy, CaseStudyUse, StudyState
from consult.case_studies.service import record
from consult.core.clock import now
from consult.core.errors import Conflict, Refusal
from consult.core.i18n import _
from consult.core.text import clean_text, one_line
from consult.ledger.model import Kind

MAX_USE = 1500


def report_use(
    session: Session,
    row: CaseStudy,
    *,
    by: Account,
    country: str,
    organisation: str,
    happened: str,
    at: datetime | None = None,
) -> CaseStudyUse:
    """Report that a case study was applied elsewhere. Raises Conflict and Refusal."""
    if row.state is not StudyState.PUBLISHED:
        raise Conflict(_("This case study was withdrawn."))
    text, where = clean_text(happened), one_line(organisation)
    if not where:
        raise Refusal(_("Enter who used the practice"), field="organisation")
    if not text:
        raise Refusal(_("Enter what happened there"), field="happened")
    if len(text) > MAX_USE:
        raise Refusal(_("Shorten this to %(most)s characters.", most=MAX_USE), field="happened")
    use = CaseStudyUse(case_study_id=row.id, account_id=by.id, country=country, organisation=where, happened=text)
    use.at = at or now()
    session.add(use)
    session.flush()
    return use


def publish(session: Session, use: CaseStudyUse, *, by: Account, at: datetime) -> None:
    """Publish a waiting report of use."""
    use.state = StudyState.PUBLISHED
    session.flush()
    row = session.get_one(CaseStudy, use.case_study_id)
    record(session, Kind.CASE_STUDY_USED, row, by, at, country=use.country)


def withhold(
    session: Session, use: CaseStudyUse, *, by: Account, at: datetime, reason: str | None, second: Account | None
) -> None:
    """Withhold a report of use. If it was public, the ledger records that."""
    was_public, use.state = use.state is StudyState.PUBLISHED, StudyState.RETURNED
    session.flush()
    if was_public:
        row = session.get_one(CaseStudy, use.case_study_id)
        detail = {"use": use.id} | ({"second_reader": True} if second else {})
        record(session, Kind.CASE_STUDY_USE_WITHHELD, row, by, at, reason=reason, detail=detail)


def restore(session: Session, use: CaseStudyUse, *, by: Account, at: datetime) -> None:
    """Publish a withheld report of use again."""
    use.state = StudyState.PUBLISHED
    session.flush()
    row = session.get_one(CaseStudy, use.case_study_id)
    record(session, Kind.CASE_STUDY_USE_RESTORED, row, by, at, use=use.id, country=use.country)
