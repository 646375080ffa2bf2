"""Appeals of authors against a return or a withdrawal by the site: as in moderation, another moderator answers once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.case_studies import letters, service
from consult.case_studies.content import StudyContent, from_json
from consult.case_studies.model import (
    AppealAgainst,
    CaseStudy,
    CaseStudyAppeal,
    CaseStudyEdition,
    StudyState,
    WithdrawnBy,
)
from consult.core.clock import now
from consult.core.errors import Conflict, Forbidden, NotFound, Refusal
from consult.core.i18n import _
from consult.core.text import clean_text
from consult.ledger.model import Kind
from consult.moderation.recourse.appeals import InvolvedInDecision, NothingToAppeal
from consult.moderation.recourse.model import AppealOutcome

MAX_WORDS = 2000


@dataclass(frozen=True)
class StudyAppealGround:
    """The decision on a case study against which its author can appeal, and the appeal where there is one."""

    against: AppealAgainst
    why: str
    until: datetime
    appeal: CaseStudyAppeal | None
    at: datetime

    @property
    def open(self) -> bool:
        """Whether an appeal can be made now."""
        return self.appeal is None and self.at < self.until


def find_ground(session: Session, row: CaseStudy, *, at: datetime | None = None) -> StudyAppealGround | None:
    """What can be appealed against; None where no decision of a moderator holds it back."""
    if row.decided_at is None:
        return None
    if row.state is StudyState.WITHDRAWN and row.withdrawn_by is not WithdrawnBy.AUTHOR:
        against, why = AppealAgainst.WITHDRAWAL, row.withdrawn_why
    elif row.next_state is StudyState.RETURNED:
        against, why = AppealAgainst.RETURN, row.returned_why
    else:
        return None
    wanted = select(CaseStudyAppeal).where(
        CaseStudyAppeal.case_study_id == row.id, CaseStudyAppeal.decided_at == row.decided_at
    )
    until = letters.get_appeal_deadline(session, row) or row.decided_at
    return StudyAppealGround(against, why, until, session.scalar(wanted), at or now())


def file(session: Session, row: CaseStudy, *, by: Account, words: str, at: datetime | None = None) -> CaseStudyAppeal:
    """Files the author's appeal; a second one is the same. Raises Forbidden, NothingToAppeal, a Refusal."""
    if row.account_id != by.id:
        raise Forbidden(_("Only who wrote a case study changes it."))
    service.lock(session, row)
    ground, said = find_ground(session, row, at=at), clean_text(words)
    if ground is None or row.decided_at is None or row.decided_by_id is None:
        raise NothingToAppeal(_("Nothing is held back by a decision that you could appeal against."))
    if ground.appeal is not None:
        return ground.appeal
    if not ground.open:
        raise NothingToAppeal(_("The time for an appeal against this decision is over."))
    if not said:
        raise Refusal(_("Say why somebody else should decide otherwise"), field="words")
    if len(said) > MAX_WORDS:
        raise Refusal(_("Shorten this to %(most)s characters.", most=MAX_WORDS), field="words")
    appeal = CaseStudyAppeal(
        case_study_id=row.id,
        against=ground.against,
        decided_at=row.decided_at,
        decided_by_id=row.decided_by_id,
        why=ground.why,
        words=said,
        received_at=ground.at,
    )
    session.add(appeal)
    session.flush()
    if ground.against is AppealAgainst.WITHDRAWAL:  # a text that is not public leaves no line
        service.record(session, Kind.CASE_STUDY_APPEALED, row, by, ground.at)
    letters.post_appeal(session, row, appeal)
    return appeal


def list_waiting(session: Session) -> Sequence[tuple[CaseStudyAppeal, CaseStudy]]:
    """Appeals that wait for an answer, the oldest first."""
    rows = session.execute(
        select(CaseStudyAppeal, CaseStudy)
        .join(CaseStudy, CaseStudy.id == CaseStudyAppeal.case_study_id)
        .where(CaseStudyAppeal.outcome.is_(None))
        .order_by(CaseStudyAppeal.received_at, CaseStudyAppeal.id)
        .limit(200)
    )
    return [(one, other) for one, other in rows]


def get_appeal(session: Session, number: int) -> tuple[CaseStudyAppeal, CaseStudy]:
    """Raises NotFound."""
    appeal = session.get(CaseStudyAppeal, number)
    if appeal is None:
        raise NotFound(_("There is no such appeal."))
    return appeal, session.get_one(CaseStudy, appeal.case_study_id)


def get_text(session: Session, row: CaseStudy, appeal: CaseStudyAppeal) -> StudyContent:
    """What was decided on: of a withdrawal what was public, and not what its author has written since."""
    withdrawal = appeal.against is AppealAgainst.WITHDRAWAL
    return from_json(_get_published(session, row) if withdrawal else row.working)


def _get_published(session: Session, row: CaseStudy) -> Mapping[str, Any]:
    return session.get_one(CaseStudyEdition, (row.id, row.edition)).content


def check_not_involved(row: CaseStudy, appeal: CaseStudyAppeal, by: Account) -> None:
    """Raises InvolvedInDecision for its author, and for whoever decided."""
    if by.id == row.account_id:
        raise InvolvedInDecision(_("You wrote this: another moderator decides on it."))
    if by.id == appeal.decided_by_id:
        raise InvolvedInDecision(_("You decided this: another moderator answers the appeal."))


def answer(
    session: Session, number: int, *, by: Account, overturn: bool, reasons: str, at: datetime | None = None
) -> CaseStudyAppeal:
    """Upholds the decision, or overturns it: it is published, or withdrawn no more. The author is told why.

    Raises InvolvedInDecision, Conflict where it was answered or its author changed the text, a Refusal.
    """
    appeal, row = get_appeal(session, number)
    service.lock(session, row)
    session.refresh(appeal, with_for_update=True)
    check_not_involved(row, appeal, by)
    why, moment = clean_text(reasons), at or now()
    if appeal.outcome is not None:
        raise Conflict(_("This appeal is answered, or what it is about was changed."))
    if not why:
        raise Refusal(_("Say why: the author is told it."), field="reasons")
    if len(why) > service.MAX_REASON:
        raise Refusal(_("Shorten this to %(most)s characters.", most=service.MAX_REASON), field="reasons")
    appeal.outcome = AppealOutcome.OVERTURNED if overturn else AppealOutcome.UPHELD
    appeal.answered_at, appeal.moderator_id, appeal.answer = moment, by.id, why
    session.flush()
    withdrawal = appeal.against is AppealAgainst.WITHDRAWAL
    if overturn and not withdrawal:
        row.next_state = StudyState.WAITING
        session.flush()
        service.publish(session, row, by=by, appealed=why, at=at)
        return appeal
    if overturn:
        _restore(session, row, by, moment)
    elif withdrawal:
        service.record(session, Kind.CASE_STUDY_UPHELD, row, by, moment)
    letters.post_appeal(session, row, appeal)
    return appeal


def _restore(session: Session, row: CaseStudy, by: Account, at: datetime) -> None:
    """A withdrawn case study is published again, as it was; whoever cited it is told. What was a draft is one again."""
    row.state, row.withdrawn_at, row.withdrawn_by, row.withdrawn_why = StudyState.PUBLISHED, None, None, ""
    if row.working != _get_published(session, row):
        row.next_state = StudyState.DRAFT
    session.flush()
    service.record(session, Kind.CASE_STUDY_RESTORED, row, by, at)
    letters.post_withdrawal(session, row, restored=True)
