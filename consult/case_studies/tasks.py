"""Periodic tasks: note what comments cite, and look for conflicts of interest that came up since."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.case_studies import cited
from consult.case_studies.appraisal import service
from consult.case_studies.model import CaseStudy, StudyState
from consult.core.clock import every


@every(seconds=5, timeless=True)
def follow(session: Session) -> None:
    cited.FOLLOWER.follow_site(session)


@every(seconds=86_400)
def check_conflicts(session: Session) -> None:
    wanted = select(CaseStudy).where(CaseStudy.state == StudyState.PUBLISHED, CaseStudy.appraised > 0)
    for study in session.scalars(wanted.order_by(CaseStudy.id)).all():
        service.check_again(session, study)
