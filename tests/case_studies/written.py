"""Case studies in tests: one that is complete, published, appraised."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.bodies.model import PublicBody
from consult.case_studies import service
from consult.case_studies.appraisal import appraisers
from consult.case_studies.appraisal import service as appraisal
from consult.case_studies.appraisal.certainty import Concern, GradeDomain
from consult.case_studies.appraisal.service import AppraisalInput
from consult.case_studies.content import StudyContent, StudySource
from consult.case_studies.model import Appraisal, CaseStudy, Direction, PartKind, SourceDesign
from consult.case_studies.review.process import PROCESS
from consult.core.clock import now
from consult.core.crypto import unseal
from consult.core.web.access import Role
from consult.decisions import appeals
from consult.decisions import service as decisions
from consult.decisions.model import DecisionColumns, Outcome
from tests import factories
from tests.bodies.working import make_body, work

_numbers = itertools.count(1)
CONTENT = StudyContent(
    title="Evening hours for syringe exchange, Mombasa",
    country="KE",
    region="Mombasa",
    began=2024,
    ended=2025,
    setting="Drop-in centre",
    run_by="Pwani Night Service",
    paid_by="Coast Health Fund",
    summary="The exchange stayed open until ten at night.",
    language="en",
    told=Direction.HELPED,
    parts={kind: f"Something about {kind.value}." for kind in PartKind},
    sources=[StudySource(SourceDesign.BEFORE_AFTER, "Register of the centre, 2024–25", 412)],
)


def person(session: Session, role: Role = Role.CONTRIBUTOR, **values: Any) -> Account:
    """Somebody whose address is at a domain of their own, so that nobody shares it."""
    number = next(_numbers)
    return factories.account(session, role, email=f"somebody@domain{number}.example", **values)


def written(session: Session, by: Account | None = None, **values: Any) -> CaseStudy:
    """A draft."""
    given = {key: values.pop(key) for key in ("organisation_id", "evidence_id") if key in values}
    return service.begin(session, by=by or person(session), content=replace(CONTENT, **values), **given)


def publish(session: Session, row: CaseStudy) -> CaseStudy:
    service.send(session, row, by=session.get_one(Account, row.account_id), asked=True)
    service.publish(session, row, by=factories.account(session, Role.MODERATOR))
    return row


def decide(
    session: Session, row: Any, by: Account, outcome: Outcome, note: str = "", process: Any = PROCESS, **more: Any
) -> DecisionColumns:
    """A decision on a case study with its effect at this moment."""
    return decisions.decide_at_once(session, process, item_id=row.id, by=by, outcome=outcome, note=note, **more)


def file_appeal(session: Session, row: Any, words: str, process: Any = PROCESS, **more: Any) -> Any:
    """The appeal of the author of a case study."""
    by = session.get_one(Account, row.account_id)
    return appeals.file(session, process, item_id=row.id, by=by, words=words, **more)


def half_a_minute_later(session: Session) -> int:
    """Lets what was decided on case studies take effect."""
    return decisions.apply_due(session, PROCESS, at=now() + timedelta(seconds=31))


def published(session: Session, by: Account | None = None, **values: Any) -> CaseStudy:
    return publish(session, written(session, by, **values))


def appraiser(
    session: Session, *interests: str, account: Account | None = None, body: PublicBody | None = None
) -> Account:
    """Somebody whom a body has asked, and who has declared these interests, or none."""
    body = body or make_body(session)
    account = account or person(session)
    lead = work(session, body)
    appraisers.give_role(session, body, email=unseal(account.email_sealed), by=lead)
    appraisers.declare_interests(session, account, typed="\n".join(interests) or "none")
    return account


def judge(
    session: Session, study: CaseStudy, by: Account, *serious: GradeDomain, direction: Direction = Direction.HELPED
) -> Appraisal:
    concerns = dict.fromkeys(serious, (Concern.SERIOUS, "Counted by themselves."))
    said = AppraisalInput(direction, concerns, "", "", "none")
    return appraisal.appraise(session, study, by=by, said=said)
