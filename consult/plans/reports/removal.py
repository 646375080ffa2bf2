"""Withdrawal of reports on actions before a decision, and removal of files."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account, Membership
from consult.core.clock import now
from consult.core.crypto import pseudonym
from consult.core.errors import Conflict, Forbidden, NotFound
from consult.core.i18n import _
from consult.core.web.access import Allow, is_allowed
from consult.decisions.kinds import check_uninvolved
from consult.ledger import service as ledger
from consult.ledger.model import Kind
from consult.plans import rights
from consult.plans.model import ActionReport, PlanAction, ReportSide, ReportState
from consult.plans.reports import files as report_files
from consult.plans.reports import service as reports
from consult.plans.reports.interests import REPORTS


def list_signed(session: Session, by: Account | None) -> Sequence[int]:
    """Return the ids of organisations that the account signs for."""
    if by is None:
        return []
    is_signatory = Membership.account_id == by.id, Membership.signatory
    return session.scalars(select(Membership.organisation_id).where(*is_signatory)).all()


def get_waiting(session: Session, report_id: int, *, by: Account, lock: bool = False) -> ActionReport:
    """Return a waiting report of an organisation that the account signs for. Raises NotFound, Conflict."""
    wanted = select(ActionReport).where(ActionReport.id == report_id)
    row = session.scalar(wanted.with_for_update() if lock else wanted)
    if row is None or row.organisation_id not in list_signed(session, by):
        raise NotFound(_("We cannot find this report."))
    if row.state is not ReportState.WAITING:
        raise Conflict(_("A moderator has already decided on this report. To replace it, send a newer report."))
    return row


def withdraw(session: Session, report_id: int, *, by: Account) -> PlanAction:
    """Delete a waiting report with its files and return its action.

    It was not public and has no ledger entry. Raises NotFound, Conflict.
    """
    row = get_waiting(session, report_id, by=by, lock=True)
    action = session.get_one(PlanAction, row.action_id)
    report_files.destroy_all(session, row)
    session.delete(row)
    session.flush()
    return action


def list_sides(
    session: Session, action: PlanAction, by: Account | None, signed: Collection[int]
) -> set[ReportSide | int]:
    """Return the sides of an action that the account represents: the government, and organisations by id."""
    if by is None:
        return set()
    return {*signed, *([ReportSide.GOVERNMENT] if rights.may_report(session, by, action) else [])}


def may_take_away(session: Session, report_id: int, *, by: Account) -> ActionReport:
    """Return the report if the account may remove its files: for its side, or as an uninvolved moderator.

    Raises NotFound, Forbidden.
    """
    row = session.get(ActionReport, report_id)
    if row is None:
        raise NotFound(_("We cannot find this report."))
    action = session.get_one(PlanAction, row.action_id)
    own = list_sides(session, action, by, list_signed(session, by))
    if (row.organisation_id or row.side) in own:
        return row
    if not is_allowed(Allow.MODERATOR, by.role):
        raise Forbidden(_("Only the author of the report or a moderator can remove this file."))
    check_uninvolved(session, REPORTS, row.id, by)
    return row


def take_away_file(
    session: Session, report_id: int, number: int, *, by: Account, at: datetime | None = None
) -> PlanAction:
    """Delete a file of a report and record it in the ledger. The text remains. Raises NotFound, Forbidden."""
    row, moment = may_take_away(session, report_id, by=by), at or now()
    session.refresh(row, with_for_update=True)  # a moderator may be deciding on it
    action = session.get_one(PlanAction, row.action_id)
    report_files.take_away(session, row.id, number, moment)
    if row.state is not ReportState.WAITING:  # A waiting report has no ledger entry yet.
        ledger.record(
            session,
            Kind.ACTION_REPORTED,
            subject_id=action.id,
            consultation_id=action.consultation_id,
            actor=pseudonym("account", by.id),
            detail={"report": row.id, "side": str(row.side), "file_taken_away": number},
            commitment=reports.compute_commitment(row),
            at=moment,
        )
    return action
