"""Decision processes for case studies and reports of use: who decides, and the effect of each decision."""

from __future__ import annotations

from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.case_studies import service, uses
from consult.case_studies.appraisal.ties import CASE_STUDIES, USES
from consult.case_studies.model import (
    CaseStudy,
    CaseStudyAppeal,
    CaseStudyDecision,
    CaseStudyReaderReport,
    CaseStudyUse,
    CaseStudyUseAppeal,
    CaseStudyUseDecision,
    CaseStudyUseReaderReport,
    StudyState,
    WithdrawnBy,
)
from consult.core.clock import now
from consult.core.errors import Conflict, Refusal
from consult.core.i18n import N_, _
from consult.decisions import ties
from consult.decisions.conflicts import names_in
from consult.decisions.model import DecisionColumns, Outcome
from consult.decisions.process import (
    PUBLISH_OR_WITHHOLD,
    DecisionMatter,
    DecisionProcess,
    ProcessStep,
    RecordedStep,
    StatementFacts,
)
from consult.ledger.model import Kind

_WITHDRAWALS = {Outcome.WITHDRAW: WithdrawnBy.SITE, Outcome.RETRACT: WithdrawnBy.PUBLISHER}
_NOTICES = {
    ProcessStep.REPORTED: Kind.CASE_STUDY_NOTICE_FILED,
    ProcessStep.REPORTS_CLOSED: Kind.CASE_STUDY_NOTICE_CLOSED,
}


def _get_mark(row: CaseStudy) -> str:
    """Return a mark of the state decided on: public edition and time of sending the next one."""
    return f"{row.edition} {row.sent_at.isoformat() if row.sent_at else ''}"


def _is_held(row: CaseStudy, decision: DecisionColumns) -> bool:
    """Return True if this decision is what keeps it returned or withdrawn."""
    if decision.ended_at != row.decided_at:
        return False
    if decision.outcome == Outcome.RETURN:
        return row.next_state is StudyState.RETURNED
    return row.state is StudyState.WITHDRAWN and row.withdrawn_by is not WithdrawnBy.AUTHOR


def _check(_session: Session, row: CaseStudy, decision: DecisionColumns) -> None:
    """Raise a Refusal if the case study is not in a state for this decision."""
    if decision.outcome in (Outcome.PUBLISH, Outcome.RETURN):
        if row.next_state is not StudyState.WAITING:
            raise Conflict(_("A decision is no longer needed."))
        if decision.outcome == Outcome.RETURN:
            service.check_return_reason(decision.note)
    elif decision.outcome in _WITHDRAWALS:
        if row.state is not StudyState.PUBLISHED:
            raise Conflict(_("Only a published case study can be withdrawn."))
        service.check_withdrawal_reason(decision.note)
    else:
        raise Refusal(_("Choose one of the options"), field="outcome")


def _apply(session: Session, row: CaseStudy, decision: DecisionColumns) -> None:
    by, at = session.get_one(Account, decision.moderator_id), decision.ended_at or now()
    second = session.get_one(Account, decision.second_id) if decision.second_id else None
    if decision.outcome == Outcome.PUBLISH:
        service.publish(session, row, by=by, at=at)
    elif decision.outcome == Outcome.RETURN:
        service.return_to_author(session, row, by=by, reason=decision.note, at=at)
    elif decision.outcome in _WITHDRAWALS:
        who = _WITHDRAWALS[decision.outcome]
        service.withdraw(session, row, by=by, who=who, reason=decision.note, second=second, at=at)
    elif row.state is StudyState.WITHDRAWN:
        service.restore(session, row, by=by, at=at)
    else:
        row.next_state = StudyState.WAITING
        session.flush()
        service.publish(session, row, by=by, at=at)


def _record(session: Session, row: CaseStudy, taken: RecordedStep) -> None:
    """Record a step in the ledger. Appeals about texts that are not public are not recorded."""
    if kind := _NOTICES.get(taken.step):
        service.record(session, kind, row, taken.by, taken.at, reason=taken.reason, detail=taken.detail)
    elif row.state is StudyState.WITHDRAWN:
        kind = Kind.CASE_STUDY_APPEALED if taken.step is ProcessStep.APPEALED else Kind.CASE_STUDY_APPEAL_REJECTED
        service.record(session, kind, row, taken.by, taken.at)


def _describe(_session: Session, row: CaseStudy) -> StatementFacts:
    title, language = row.title or row.working["title"], row.language or row.working.get("language", "")
    if row.slug is None:
        return StatementFacts(title, language, row.reference, "case_study_author.edit", {"number": row.id})
    return StatementFacts(title, language, row.reference, "case_studies.one", {"slug": row.slug})


PROCESS = DecisionProcess(
    kind=CASE_STUDIES,
    name=N_("Case study"),
    queue_title=N_("Case studies waiting"),
    item=CaseStudy,
    decision=CaseStudyDecision,
    appeal=CaseStudyAppeal,
    report=CaseStudyReaderReport,
    choices={
        DecisionMatter.TEXT: (Outcome.PUBLISH, Outcome.RETURN),
        DecisionMatter.PUBLIC: (Outcome.WITHDRAW, Outcome.RETRACT),
    },
    endpoints={
        DecisionMatter.TEXT: "case_study_review.decide",
        DecisionMatter.PUBLIC: "case_study_review.withdraw",
        DecisionMatter.APPEAL: "case_study_review.appeal",
    },
    list_endpoint="case_study_review.waiting",
    get_mark=_get_mark,
    get_title=lambda row: row.title or row.working["title"],
    describe=_describe,
    is_public=lambda row: row.state is StudyState.PUBLISHED,
    is_held=_is_held,
    speaks_for_many=lambda _session, row: row.organisation_id is not None,
    check=_check,
    apply=_apply,
    record=_record,
    letter="case_studies/mail/decided",
)


def _speaks_for_user(session: Session, use: CaseStudyUse) -> bool:
    """Return True if the reporter belongs to the organisation or body that used the case study."""
    person = ties.load_people(session, [use.account_id])[use.account_id]
    return any(names_in(name, use.organisation) for name in person.names)


def _check_use(_session: Session, use: CaseStudyUse, decision: DecisionColumns) -> None:
    """Raise a Refusal if the report of use is not in a state for this decision."""
    if decision.outcome not in (Outcome.PUBLISH, Outcome.WITHHOLD):
        raise Refusal(_("Choose one of the options"), field="outcome")
    if use.state is StudyState.RETURNED or (use.state is StudyState.PUBLISHED and decision.outcome == Outcome.PUBLISH):
        raise Conflict(_("A decision is no longer needed."))
    if decision.outcome == Outcome.WITHHOLD and decision.reason is None:
        raise Refusal(_("Choose a reason."), field="reason")


def _apply_to_use(session: Session, use: CaseStudyUse, decision: DecisionColumns) -> None:
    by, at = session.get_one(Account, decision.moderator_id), decision.ended_at or now()
    if decision.outcome == Outcome.PUBLISH:
        uses.publish(session, use, by=by, at=at)
    elif decision.outcome == Outcome.WITHHOLD:
        second = session.get(Account, decision.second_id) if decision.second_id else None
        uses.withhold(session, use, by=by, at=at, reason=decision.reason, second=second)
    else:
        uses.restore(session, use, by=by, at=at)


_USE_STEPS = _NOTICES | {
    ProcessStep.APPEALED: Kind.CASE_STUDY_USE_APPEALED,
    ProcessStep.APPEAL_REJECTED: Kind.CASE_STUDY_USE_APPEAL_REJECTED,
}


def _record_of_use(session: Session, use: CaseStudyUse, taken: RecordedStep) -> None:
    row = session.get_one(CaseStudy, use.case_study_id)
    detail = {"use": use.id, **(taken.detail or {})}
    service.record(session, _USE_STEPS[taken.step], row, taken.by, taken.at, reason=taken.reason, detail=detail)


def _describe_use(session: Session, use: CaseStudyUse) -> StatementFacts:
    row = session.get_one(CaseStudy, use.case_study_id)
    return StatementFacts(row.title, row.language, row.reference, "case_studies.one", {"slug": row.slug})


USE_PROCESS = DecisionProcess(
    kind=USES,
    name=N_("Report of use"),
    queue_title=N_("Case studies waiting"),
    item=CaseStudyUse,
    decision=CaseStudyUseDecision,
    appeal=CaseStudyUseAppeal,
    report=CaseStudyUseReaderReport,
    choices=PUBLISH_OR_WITHHOLD,
    endpoints={
        DecisionMatter.TEXT: "case_study_review.use",
        DecisionMatter.PUBLIC: "case_study_review.use",
        DecisionMatter.APPEAL: "case_study_review.use_appeal",
    },
    list_endpoint="case_study_review.waiting",
    get_mark=lambda use: str(use.state),
    get_title=lambda use: use.organisation,
    describe=_describe_use,
    is_public=lambda use: use.state is StudyState.PUBLISHED,
    is_held=lambda use, decision: decision.outcome == Outcome.WITHHOLD and use.state is StudyState.RETURNED,
    speaks_for_many=_speaks_for_user,
    check=_check_use,
    apply=_apply_to_use,
    record=_record_of_use,
)
