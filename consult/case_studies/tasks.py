"""Periodic tasks: find citations and new conflicts of interest, send reminders, delete expired drafts."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from consult.case_studies import cited, drafts
from consult.case_studies.appraisal import requests, service
from consult.case_studies.model import CaseStudy, StudyState
from consult.core.clock import every, now
from consult.core.i18n import N_
from consult.decisions.model import FormerTie
from consult.decisions.ties import FORMER
from consult.operator import retention
from consult.operator.retention import FixedPeriod

retention.FIXED.append(
    FixedPeriod(
        N_("Records of people who left organisations and bodies, kept to find conflicts of interest"), FORMER.days
    )
)


@every(seconds=5, timeless=True)
def follow(session: Session) -> None:
    cited.FOLLOWER.follow_site(session)


@every(seconds=86_400, pauses=True)
def check_conflicts(session: Session) -> None:
    wanted = select(CaseStudy).where(CaseStudy.state == StudyState.PUBLISHED, CaseStudy.appraised > 0)
    for study in session.scalars(wanted.order_by(CaseStudy.id)).all():
        service.check_again(session, study)


@every(seconds=3600, pauses=True)
def remind(session: Session) -> None:
    requests.remind(session)


@every(seconds=3600)
def delete_drafts(session: Session) -> None:
    drafts.purge(session)


@every(seconds=86_400)
def forget_former_ties(session: Session) -> None:
    session.execute(delete(FormerTie).where(FormerTie.ended_at < now() - FORMER))
