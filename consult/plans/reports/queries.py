"""Queries on reports on actions: public ones, waiting ones, and those visible to their own side."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from consult.accounts.model import Account, Organisation
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.core.text import fingerprint
from consult.decisions.reasons import ReasonNames, load_names
from consult.plans.model import ActionPlan, ActionReport, PlanAction, Progress, ReportSide, ReportState
from consult.plans.reports.files import ShownReportFile, load_files


@dataclass(frozen=True)
class SaidReport:
    """A report with its organisation and files."""

    report: ActionReport
    organisation: Organisation | None
    files: Sequence[ShownReportFile] = ()
    counts: bool = False  # whether it is the last of its side, or of its organisation

    @property
    def speaker(self) -> ReportSide | int:
        """Return the reporting side: the government, or an organisation's id."""
        return self.report.organisation_id or self.report.side


def list_reports(session: Session, action: PlanAction) -> tuple[list[SaidReport], list[SaidReport], int]:
    """Return the government's reports on an action, those of organisations, and the number of waiting ones.

    Newest first. A government report stays in the list if moderators hide its words.
    """
    shown = or_(ActionReport.state != ReportState.WITHHELD, ActionReport.side == ReportSide.GOVERNMENT)
    rows = session.execute(
        select(ActionReport, Organisation)
        .outerjoin(Organisation, Organisation.id == ActionReport.organisation_id)
        .where(ActionReport.action_id == action.id, shown)
        .order_by(ActionReport.id.desc())
    ).all()
    public = [(report, organisation) for report, organisation in rows if report.state is not ReportState.WAITING]
    files = load_files(session, [report for report, _organisation in public if report.state is ReportState.PUBLISHED])
    sides: dict[ReportSide, list[SaidReport]] = {side: [] for side in ReportSide}
    seen: set[int | None] = set()
    for report, organisation in public:
        last = report.organisation_id not in seen
        sides[report.side].append(SaidReport(report, organisation, files.get(report.id, ()), last))
        seen.add(report.organisation_id)
    return sides[ReportSide.GOVERNMENT], sides[ReportSide.SOCIETY], len(rows) - len(public)


def fold_copies(reports: Sequence[SaidReport]) -> list[tuple[SaidReport, Sequence[SaidReport]]]:
    """Return the reports that count, each with its copies of the same progress and text. Pure.

    Identical texts of forty organisations are shown once, with forty names.
    """
    groups: dict[tuple[Progress, bytes | int], list[SaidReport]] = {}
    for item in reports:
        if item.counts:
            words = fingerprint(item.report.words) if item.report.words else item.report.id
            groups.setdefault((item.report.progress, words), []).append(item)
    return [(those[0], those[1:]) for those in groups.values()]


@dataclass(frozen=True)
class OwnReports:
    """Non-public reports on an action visible to one person, newest first, and names of reasons.

    `withheld` are the person's own. `waiting` are those of organisations they sign for.
    """

    withheld: Sequence[SaidReport]
    waiting: Sequence[SaidReport]
    reasons: ReasonNames


def list_own(session: Session, action: PlanAction, by: Account | None, signed: Collection[int]) -> OwnReports:
    """Return the non-public reports on an action that this person may see.

    `signed` are the organisations they sign for.
    """
    if by is None:
        return OwnReports([], [], ReasonNames())
    withheld = (ActionReport.account_id == by.id) & (ActionReport.state == ReportState.WITHHELD)
    waiting = ActionReport.organisation_id.in_(signed) & (ActionReport.state == ReportState.WAITING)
    rows = session.execute(
        select(ActionReport, Organisation)
        .outerjoin(Organisation, Organisation.id == ActionReport.organisation_id)
        .where(ActionReport.action_id == action.id, or_(withheld, waiting))
        .order_by(ActionReport.id.desc())
    ).all()
    files = load_files(session, [report for report, _organisation in rows])
    reports = [SaidReport(report, organisation, files.get(report.id, ())) for report, organisation in rows]
    kept = [item for item in reports if item.report.state is ReportState.WITHHELD]
    names = load_names(session, [item.report.reason for item in kept])
    return OwnReports(kept, [item for item in reports if item.report.state is ReportState.WAITING], names)


@dataclass(frozen=True)
class GivenActionReport:
    """A report for moderators, with its files."""

    report: ActionReport
    organisation: Organisation | None  # None: of the government
    action: PlanAction
    plan: ActionPlan | None
    files: Sequence[ShownReportFile]

    @property
    def speaker(self) -> str:
        """Return the name of the organisation, or “Government”."""
        return self.organisation.name if self.organisation else _("Government")

    @property
    def unchecked(self) -> bool:
        """Return whether a file is still being checked."""
        return any(file.waits for file in self.files)


def list_waiting(session: Session) -> Sequence[GivenActionReport]:
    """Return waiting reports, oldest first, at most fifty."""
    waiting = _select_given().where(ActionReport.state == ReportState.WAITING)
    return _load_given(session, waiting.order_by(ActionReport.id).limit(50))


def get_given(session: Session, report_id: int) -> GivenActionReport:
    """Return a report of the government or an organisation. Raises NotFound."""
    rows = _load_given(session, _select_given().where(ActionReport.id == report_id))
    if not rows:
        raise NotFound(_("We cannot find this report."))
    return rows[0]


def _select_given() -> Any:
    return (
        select(ActionReport, Organisation, PlanAction, ActionPlan)
        .outerjoin(Organisation, Organisation.id == ActionReport.organisation_id)
        .join(PlanAction, PlanAction.id == ActionReport.action_id)
        .outerjoin(ActionPlan, ActionPlan.id == PlanAction.plan_id)
    )


def _load_given(session: Session, wanted: Any) -> list[GivenActionReport]:
    rows = session.execute(wanted).all()
    files = load_files(session, [row.ActionReport for row in rows])
    return [
        GivenActionReport(report, organisation, action, plan, files.get(report.id, ()))
        for report, organisation, action, plan in rows
    ]
