"""Reads of reports on actions: what is public of them, what waits for a moderator, and what only its own side sees."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from consult.accounts.model import Account, Organisation
from consult.core.text import fingerprint
from consult.moderation.policy.reasons import ReasonNames, load_names
from consult.plans.model import ActionPlan, ActionReport, PlanAction, Progress, ReportSide, ReportState
from consult.plans.reports.files import ShownReportFile, load_files


@dataclass(frozen=True)
class SaidReport:
    """A report with who gave it, and its files."""

    report: ActionReport
    organisation: Organisation | None
    files: Sequence[ShownReportFile] = ()
    counts: bool = False  # whether it is the last of its side, or of its organisation

    @property
    def speaker(self) -> ReportSide | int:
        """In whose name it was given: the government's, or that of an organisation by its number."""
        return self.report.organisation_id or self.report.side


def list_reports(session: Session, action: PlanAction) -> tuple[list[SaidReport], list[SaidReport], int]:
    """What the government has said of an action, what organisations have, the newest first; and how many wait."""
    rows = session.execute(
        select(ActionReport, Organisation)
        .outerjoin(Organisation, Organisation.id == ActionReport.organisation_id)
        .where(ActionReport.action_id == action.id, ActionReport.state != ReportState.WITHHELD)
        .order_by(ActionReport.id.desc())
    ).all()
    public = [(report, organisation) for report, organisation in rows if report.state is ReportState.PUBLISHED]
    files = load_files(session, [report for report, _organisation in public])
    sides: dict[ReportSide, list[SaidReport]] = {side: [] for side in ReportSide}
    seen: set[int | None] = set()
    for report, organisation in public:
        last = report.organisation_id not in seen
        sides[report.side].append(SaidReport(report, organisation, files.get(report.id, ()), last))
        seen.add(report.organisation_id)
    return sides[ReportSide.GOVERNMENT], sides[ReportSide.SOCIETY], len(rows) - len(public)


def fold_copies(said: Sequence[SaidReport]) -> list[tuple[SaidReport, Sequence[SaidReport]]]:
    """The reports that count, each with those of the same progress and the same words, which are shown below it.

    One text that forty organisations send is one text of forty organisations. Pure.
    """
    groups: dict[tuple[Progress, bytes | int], list[SaidReport]] = {}
    for one in said:
        if one.counts:
            words = fingerprint(one.report.words) if one.report.words else one.report.id
            groups.setdefault((one.report.progress, words), []).append(one)
    return [(those[0], those[1:]) for those in groups.values()]


@dataclass(frozen=True)
class OwnReports:
    """Reports on an action that are not public, the newest first, and the names of reasons.

    `withheld`: somebody's own. `waiting`: those of the organisations that they sign for.
    """

    withheld: Sequence[SaidReport]
    waiting: Sequence[SaidReport]
    reasons: ReasonNames


def list_own(session: Session, action: PlanAction, by: Account | None, signed: Collection[int]) -> OwnReports:
    """What nobody else sees beside the action. `signed`: the organisations that they sign for."""
    if by is None:
        return OwnReports([], [], ReasonNames())
    withheld = (ActionReport.account_id == by.id) & (ActionReport.state == ReportState.WITHHELD)
    waiting = ActionReport.organisation_id.in_(signed) & (ActionReport.state == ReportState.WAITING)
    rows = session.execute(
        select(ActionReport, Organisation)
        .join(Organisation, Organisation.id == ActionReport.organisation_id)
        .where(ActionReport.action_id == action.id, or_(withheld, waiting))
        .order_by(ActionReport.id.desc())
    ).all()
    files = load_files(session, [report for report, _organisation in rows])
    said = [SaidReport(report, organisation, files.get(report.id, ())) for report, organisation in rows]
    kept = [one for one in said if one.report.state is ReportState.WITHHELD]
    names = load_names(session, [one.report.reason for one in kept])
    return OwnReports(kept, [one for one in said if one.report.state is ReportState.WAITING], names)


@dataclass(frozen=True)
class WaitingReport:
    """A report of an organisation that waits for a moderator, with its files."""

    report: ActionReport
    organisation: Organisation
    action: PlanAction
    plan: ActionPlan | None
    files: Sequence[ShownReportFile]

    @property
    def unchecked(self) -> bool:
        """Whether a file of it cannot be seen yet."""
        return any(one.waits for one in self.files)


def list_waiting(session: Session) -> Sequence[WaitingReport]:
    """Reports that wait, the oldest first; at most fifty."""
    rows = session.execute(
        select(ActionReport, Organisation, PlanAction, ActionPlan)
        .join(Organisation, Organisation.id == ActionReport.organisation_id)
        .join(PlanAction, PlanAction.id == ActionReport.action_id)
        .outerjoin(ActionPlan, ActionPlan.id == PlanAction.plan_id)
        .where(ActionReport.state == ReportState.WAITING)
        .order_by(ActionReport.id)
        .limit(50)
    ).all()
    files = load_files(session, [row.ActionReport for row in rows])
    return [WaitingReport(*row, files.get(row.ActionReport.id, ())) for row in rows]
