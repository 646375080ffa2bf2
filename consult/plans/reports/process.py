"""Decision process of reports on actions: which decisions need two people, and the effect of each."""

from __future__ import annotations

from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.core.clock import now
from consult.core.errors import Conflict, Refusal
from consult.core.i18n import N_, _
from consult.core.text import excerpt
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
from consult.plans import entries
from consult.plans.model import (
    ActionReport,
    ActionReportAppeal,
    ActionReportDecision,
    ActionReportReaderReport,
    PlanAction,
    ReportState,
)
from consult.plans.reports import service as reports
from consult.plans.reports.interests import REPORTS

_STEPS = {
    ProcessStep.APPEALED: Kind.ACTION_REPORT_APPEALED,
    ProcessStep.APPEAL_REJECTED: Kind.ACTION_REPORT_APPEAL_REJECTED,
    ProcessStep.REPORTED: Kind.ACTION_NOTICE_FILED,
    ProcessStep.REPORTS_CLOSED: Kind.ACTION_NOTICE_CLOSED,
}


def _check(session: Session, row: ActionReport, decision: DecisionColumns) -> None:
    """Raise a Refusal if this decision on the report is not possible."""
    if decision.outcome not in (Outcome.PUBLISH, Outcome.WITHHOLD):
        raise Refusal(_("Choose one of the options"), field="outcome")
    published = row.state is ReportState.PUBLISHED and decision.outcome == Outcome.PUBLISH
    if row.state is ReportState.WITHHELD or published:
        raise Conflict(_("Someone else has already decided on this report."))
    if decision.outcome == Outcome.PUBLISH:
        reports.check_files_seen(session, row)
    elif decision.reason is None:
        raise Refusal(_("Choose a reason."), field="reason")


def _apply(session: Session, row: ActionReport, decision: DecisionColumns) -> None:
    by, at = session.get_one(Account, decision.moderator_id), decision.ended_at or now()
    if decision.outcome == Outcome.WITHHOLD:
        reports.withhold(session, row, by=by, at=at, reason=decision.reason)
    elif decision.outcome == Outcome.PUBLISH:
        reports.publish(session, row, by=by, at=at)
    else:
        reports.restore(session, row, by=by, at=at)


def _record(session: Session, row: ActionReport, taken: RecordedStep) -> None:
    action = session.get_one(PlanAction, row.action_id)
    detail = {"report": row.id, **(taken.detail or {})}
    entries.record(session, _STEPS[taken.step], action, by=taken.by, detail=detail, reason=taken.reason, at=taken.at)


def _describe(session: Session, row: ActionReport) -> StatementFacts:
    action = session.get_one(PlanAction, row.action_id)
    short = excerpt(action.title, 40)
    return StatementFacts(action.title, action.language, short, "plans.action", {"number": action.id})


PROCESS = DecisionProcess(
    kind=REPORTS,
    name=N_("Progress report on an action"),
    queue_title=N_("Progress reports"),
    item=ActionReport,
    decision=ActionReportDecision,
    appeal=ActionReportAppeal,
    report=ActionReportReaderReport,
    choices=PUBLISH_OR_WITHHOLD,
    endpoints={
        DecisionMatter.TEXT: "action_report_review.decide",
        DecisionMatter.PUBLIC: "action_report_review.decide",
        DecisionMatter.APPEAL: "action_report_review.appeal",
    },
    list_endpoint="action_report_review.review",
    get_mark=lambda row: str(row.state),
    get_title=lambda row: row.words[:80] or str(row.progress),
    describe=_describe,
    # Nobody reads a government's report before it is public. Readers can report it, and moderators hide its words.
    is_public=lambda row: row.state is ReportState.PUBLISHED,
    is_held=lambda row, decision: decision.outcome == Outcome.WITHHOLD and row.state is ReportState.WITHHELD,
    # Organisations and governments report: one person alone does not silence them.
    speaks_for_many=lambda _session, _row: True,
    check=_check,
    apply=_apply,
    record=_record,
)
