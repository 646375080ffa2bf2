"""Public tables of action plans, their indicators, and the reports on actions."""

from __future__ import annotations

from consult.decisions.room import declare_appeals, declare_decisions, declare_reader_reports
from consult.ledger.statements import PublicTable
from consult.plans.indicators.model import ActionIndicator, IndicatorImport, Observation, PlanIndicator
from consult.plans.model import (
    ActionDoer,
    ActionDue,
    ActionMilestone,
    ActionPlan,
    ActionReport,
    ActionReportAppeal,
    ActionReportDecision,
    ActionReportFile,
    ActionReportReaderReport,
    ActionTerm,
    Doer,
    PlanAction,
    PlanMovement,
    PlanReview,
    ReportState,
)

PLAN = PublicTable(
    ActionPlan,
    public="id slug title summary language body_id consultation_id version_id period_from period_to review_every "
    "published_at",
    private="created_at revision",
    shown=ActionPlan.published_at.is_not(None),
)
ACTION = PublicTable(
    PlanAction,
    public="id plan_id consultation_id body_id wid number position objective title language owner_id owner_name "
    "begins_on due_on timetable timetable_words every_months repeats_until kept_on measured_by assessed_by cost moved "
    "overdue_at done_at",
    private="created_at revision",
)
ACTION_DUE = PublicTable(ActionDue, public="id action_id due_on overdue_at done_at")
DOER = PublicTable(Doer, public="id plan_id words body_id")
ACTION_DOER = PublicTable(ActionDoer, public="action_id doer_id position")
ACTION_TERM = PublicTable(ActionTerm, public="action_id term_id confirmed_at", people="confirmed_by")
MILESTONE = PublicTable(ActionMilestone, public="id action_id title due_on done_on")
ACTION_REPORT = PublicTable(
    ActionReport,
    public="id action_id side organisation_id progress due_on words language links files interests state at "
    "decided_at reason",
    people="account_id decided_by",
    shown=ActionReport.state != ReportState.WAITING,
)
ACTION_REPORT_DECISION = declare_decisions(ActionReportDecision, "action_report_id")
ACTION_REPORT_APPEAL = declare_appeals(ActionReportAppeal, "action_report_id")
ACTION_REPORT_READER_REPORT = declare_reader_reports(ActionReportReaderReport, "action_report_id")
ACTION_REPORT_FILE = PublicTable(ActionReportFile, public="report_id position file_id taken_at", private="salt")
PLAN_REVIEW = PublicTable(PlanReview, public="id plan_id consultation_id balance at")
PLAN_MOVEMENT = PublicTable(PlanMovement, public="id plan_id year content at")
INDICATOR = PublicTable(
    PlanIndicator,
    public="id plan_id code position titles units unit better source licence baseline baseline_period target "
    "target_period method headline headline_name",
    private="created_at",
)
ACTION_INDICATOR = PublicTable(ActionIndicator, public="action_id indicator_id")
INDICATOR_IMPORT = PublicTable(
    IndicatorImport,
    public="id indicator_id name sha256 content metadata_file kind choices kept_at rows left_out note replaced_by_id",
    private="account_id at",
    shown=IndicatorImport.kept_at.is_not(None),
)
OBSERVATION = PublicTable(Observation, public="import_id line column period starts_on breakdown value flag")
