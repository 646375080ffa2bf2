"""What is taken away of reports on actions: one that no moderator has decided on, and a file of any."""

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
from consult.ledger import service as ledger
from consult.ledger.model import Kind
from consult.plans import rights
from consult.plans.model import ActionReport, PlanAction, ReportSide, ReportState
from consult.plans.reports import files as report_files
from consult.plans.reports import service as reports
from consult.plans.reports.interests import list_interests


def list_signed(session: Session, by: Account | None) -> Sequence[int]:
    """The organisations that somebody signs for."""
    if by is None:
        return []
    mine = Membership.account_id == by.id, Membership.signatory
    return session.scalars(select(Membership.organisation_id).where(*mine)).all()


def get_waiting(session: Session, report_id: int, *, by: Account, lock: bool = False) -> ActionReport:
    """A report of an organisation that somebody signs for, where it still waits. Raises NotFound, Conflict."""
    found = select(ActionReport).where(ActionReport.id == report_id)
    row = session.scalar(found.with_for_update() if lock else found)
    if row is None or row.organisation_id not in list_signed(session, by):
        raise NotFound(_("There is no such report."))
    if row.state is not ReportState.WAITING:
        raise Conflict(_("A moderator has decided on this report. A newer report counts in its place."))
    return row


def withdraw(session: Session, report_id: int, *, by: Account) -> PlanAction:
    """Takes back a report that waits for a moderator, with its files, for good; gives its action.

    Nothing of it was public, and the ledger has no entry of it. Raises NotFound, Conflict.
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
    """For which sides of an action somebody speaks: the government, and organisations by their numbers."""
    if by is None:
        return set()
    return {*signed, *([ReportSide.GOVERNMENT] if rights.may_report(session, by, action) else [])}


def may_take_away(session: Session, report_id: int, *, by: Account) -> ActionReport:
    """The report, where somebody may have its files destroyed: who speaks for its side, or a moderator without a part.

    Raises NotFound, Forbidden.
    """
    row = session.get(ActionReport, report_id)
    if row is None:
        raise NotFound(_("There is no such report."))
    action = session.get_one(PlanAction, row.action_id)
    own = list_sides(session, action, by, list_signed(session, by))
    if (row.organisation_id or row.side) in own:
        return row
    if not is_allowed(Allow.MODERATOR, by.role):
        raise Forbidden(_("Only who sent this file, or a moderator, can have it taken away."))
    if said := list_interests(session, by, [(row, action)]).get(row.id):
        raise reports.NotForYou(_("Another moderator must decide on this. %(why)s", why=said))
    return row


def take_away_file(
    session: Session, report_id: int, number: int, *, by: Account, at: datetime | None = None
) -> PlanAction:
    """Destroys a file of a report for good; its words stay, and the ledger says so. Raises NotFound, Forbidden."""
    row, moment = may_take_away(session, report_id, by=by), at or now()
    session.refresh(row, with_for_update=True)  # a moderator may decide on it at this moment
    action = session.get_one(PlanAction, row.action_id)
    report_files.take_away(session, row.id, number, moment)
    if row.state is not ReportState.WAITING:  # of one that waits the ledger has nothing yet
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
