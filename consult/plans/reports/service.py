"""Reports on actions. A report by an organisation waits for a moderator without a conflict of interest.

A government report is public immediately. After a report by a reader, two moderators can hide its words: see
process.py.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from consult.accounts.model import Account, Membership, Organisation
from consult.core.clock import now
from consult.core.crypto import commit_public, pseudonym
from consult.core.errors import Conflict, Forbidden, NotFound, Refusal
from consult.core.i18n import _
from consult.core.text import clean_text
from consult.ledger import service as ledger
from consult.ledger.model import Kind
from consult.plans import entries, rights, watches
from consult.plans.model import (
    MAX_LINK_LENGTH,
    MAX_LINKS,
    MAX_WORDS_LENGTH,
    REPEATED,
    ActionPlan,
    ActionReport,
    PlanAction,
    Progress,
    ReportSide,
    ReportState,
)
from consult.plans.reports import files as report_files
from consult.plans.timetables import due
from consult.plans.watches import WatchedTurn

LEAST_MEMBERS = 2
"""Minimum number of members of a reporting organisation without a verified domain."""
_LINK = re.compile(r"https?://[^\s/@]+\.[^\s/@.]+(/\S*)?")


@dataclass(frozen=True)
class GivenReport:
    """The content of a report. `links` are web addresses of evidence, `files` ids of stored evidence files."""

    progress: Progress
    words: str
    links: Sequence[str]
    language: str
    interests: str = ""
    files: Sequence[int] = ()
    due_on: date | None = None  # of an action with several due dates: the one that it is about


def report_for_government(
    session: Session, action: PlanAction, *, by: Account, given: GivenReport, at: datetime | None = None
) -> ActionReport:
    """Add a government report, public at once. Raises Forbidden, Refusal."""
    if not rights.may_report(session, by, action):
        raise Forbidden(
            _(
                "To report for the government, you must work for the body that made the commitment, or for the "
                "body that carries out the action."
            )
        )
    moment, cleaned = at or now(), _name_due(session, action, _clean(given))
    if cleaned.progress is Progress.NO_EVIDENCE:
        raise Refusal(_("Choose one of the options."), field="progress")
    row = _add(session, action, by=by, given=cleaned, side=ReportSide.GOVERNMENT, at=moment)
    _record(session, row, action, by=by, at=moment)
    is_new = cleaned.due_on is not None or action.done_at is None
    if cleaned.progress is Progress.DONE and is_new:
        day = cleaned.due_on or action.due_on
        due.mark_done(session, action, cleaned.due_on, moment, moment.date())
        entries.record(session, Kind.ACTION_DONE, action, by=by, at=moment, detail={"due": day and day.isoformat()})
        watches.post_turn(session, action, WatchedTurn.DONE, moment.date())
    elif cleaned.progress is Progress.DROPPED:
        entries.record(session, Kind.ACTION_DROPPED, action, by=by, at=moment, detail={})
        watches.post_turn(session, action, WatchedTurn.DROPPED, moment.date())
    elif cleaned.progress is not Progress.DONE:
        due.mark_done(session, action, cleaned.due_on, None, moment.date())
    session.flush()
    return row


def report_for_organisation(
    session: Session,
    action: PlanAction,
    *,
    by: Account,
    organisation_id: int,
    given: GivenReport,
    at: datetime | None = None,
) -> ActionReport:
    """Add an organisation's report, which waits for a moderator. Raises Forbidden, Refusal, Conflict."""
    check_may_speak(session, by, organisation_id)
    if rights.works_for(session, by, action):
        raise Forbidden(
            _("You work for a body that carries out this action, so you cannot report on it for an organisation.")
        )
    waiting = (
        ActionReport.action_id == action.id,
        ActionReport.organisation_id == organisation_id,
        ActionReport.state == ReportState.WAITING,
    )
    if session.scalar(select(ActionReport.id).where(*waiting)) is not None:
        raise Conflict(
            _("This organisation already has a report on this action waiting for a moderator. Withdraw it first.")
        )
    return _add(
        session,
        action,
        by=by,
        given=_name_due(session, action, _clean(given)),
        side=ReportSide.SOCIETY,
        at=at or now(),
        organisation_id=organisation_id,
    )


def drop_for_answer(session: Session, action: PlanAction, *, by: Account, at: datetime) -> None:
    """Report publicly that a changed answer no longer leads to this action."""
    words = _("The answer with this commitment was changed and no longer leads to this action.")
    given = GivenReport(Progress.DROPPED, words, (), action.language)
    row = _add(session, action, by=by, given=given, side=ReportSide.GOVERNMENT, at=at)
    sealed = compute_commitment(row)
    entries.record(session, Kind.ACTION_DROPPED, action, by=by, at=at, detail={"report": row.id}, commitment=sealed)


def has_reports(session: Session, organisation_id: int) -> bool:
    """Return whether an organisation has reported on any action."""
    wanted = select(ActionReport.id).where(ActionReport.organisation_id == organisation_id).limit(1)
    return session.scalar(wanted) is not None


def list_speaking(session: Session, by: Account) -> Sequence[Organisation]:
    """Return the organisations the account may report for, as a signatory.

    The organisation needs a verified domain or two members.
    """
    count = select(func.count()).where(Membership.organisation_id == Organisation.id).scalar_subquery()
    is_member = exists().where(
        Membership.organisation_id == Organisation.id, Membership.account_id == by.id, Membership.signatory
    )
    return session.scalars(
        select(Organisation)
        .where(is_member, Organisation.proven_domain.is_not(None) | (count >= LEAST_MEMBERS))
        .order_by(Organisation.name)
    ).all()


def check_may_speak(session: Session, by: Account, organisation_id: int) -> None:
    """Raise Forbidden if the account may not report for the organisation."""
    if organisation_id not in {organisation.id for organisation in list_speaking(session, by)}:
        raise Forbidden(_("To report, an organisation needs a verified web address or two members here."))


def publish(session: Session, row: ActionReport, *, by: Account, at: datetime) -> None:
    """Publish a waiting report. The caller has checked that the person may decide: see process.py."""
    _set_state(session, row, ReportState.PUBLISHED, by, at)
    _record(session, row, session.get_one(PlanAction, row.action_id), by=by, at=at)


def withhold(session: Session, row: ActionReport, *, by: Account, at: datetime, reason: str | None) -> None:
    """Withhold a waiting report, or hide a public one. The progress of a hidden government report still counts."""
    was_public, action = row.state is ReportState.PUBLISHED, session.get_one(PlanAction, row.action_id)
    _set_state(session, row, ReportState.WITHHELD, by, at, reason)
    ledger.record(
        session,
        Kind.ACTION_REPORT_WITHHELD if was_public else Kind.ACTION_REPORTED,
        subject_id=action.id,
        consultation_id=action.consultation_id,
        actor=pseudonym("account", by.id),
        reason=reason,
        detail={"report": row.id, "side": str(row.side), "withheld": 1, "second_reader": True},
        commitment=compute_commitment(row),
        at=at,
    )


def restore(session: Session, row: ActionReport, *, by: Account, at: datetime) -> None:
    """Publish a withheld report, as its author's appeal was accepted. Raises Conflict."""
    check_files_seen(session, row)
    _set_state(session, row, ReportState.PUBLISHED, by, at)
    action, detail = session.get_one(PlanAction, row.action_id), {"report": row.id, "progress": str(row.progress)}
    sealed = compute_commitment(row)
    entries.record(session, Kind.ACTION_REPORT_RESTORED, action, by=by, at=at, detail=detail, commitment=sealed)


def _set_state(
    session: Session, row: ActionReport, state: ReportState, by: Account, at: datetime, reason: str | None = None
) -> None:
    row.state, row.reason, row.decided_at, row.decided_by = state, reason, at, by.id
    session.flush()


def check_files_seen(session: Session, row: ActionReport) -> None:
    """Raise Conflict if a file of the report has not been checked yet."""
    if any(file.waits for file in report_files.load_files(session, [row]).get(row.id, ())):
        raise Conflict(_("A file in this report is still being checked. View the file before you publish the report."))


def get_action(session: Session, number: int) -> PlanAction:
    """Return a public action by its id. Raises NotFound."""
    row = session.get(PlanAction, number)
    plan = session.get(ActionPlan, row.plan_id) if row and row.plan_id else None
    if row is None or (plan is not None and plan.published_at is None):
        raise NotFound(_("We cannot find this action."))
    return row


def compute_commitment(row: ActionReport) -> bytes:
    """Return the ledger's commitment to a report. It needs no salt, because the text is not personal data.

    Files are included by their sealed hashes. Without files the commitment equals that of older reports.
    """
    fields: dict[str, object] = {
        "side": str(row.side),
        "organisation": row.organisation_id,
        "progress": str(row.progress),
        "words": row.words,
        "language": row.language,
        "links": list(row.links),
        "interests": row.interests,
        "state": str(row.state),
    }
    more: dict[str, object] = {"files": list(row.files)} if row.files else {}
    more |= {"due": row.due_on.isoformat()} if row.due_on else {}
    return commit_public(fields | more)


def _record(session: Session, row: ActionReport, action: PlanAction, *, by: Account, at: datetime) -> None:
    detail: dict[str, object] = {"report": row.id, "side": str(row.side), "progress": str(row.progress)}
    detail |= {"organisation": row.organisation_id} if row.organisation_id else {}
    sealed = compute_commitment(row)
    entries.record(session, Kind.ACTION_REPORTED, action, by=by, at=at, detail=detail, commitment=sealed)


def _add(
    session: Session,
    action: PlanAction,
    *,
    by: Account,
    given: GivenReport,
    side: ReportSide,
    at: datetime,
    organisation_id: int | None = None,
) -> ActionReport:
    government, stored = side is ReportSide.GOVERNMENT, report_files.lock(session, given.files)
    hashes, salts = report_files.seal_hashes(stored)
    row = ActionReport(
        action_id=action.id,
        side=side,
        organisation_id=organisation_id,
        account_id=by.id,
        progress=given.progress,
        due_on=given.due_on,
        words=given.words,
        language=given.language,
        links=list(given.links),
        files=hashes,
        interests=given.interests,
        state=ReportState.PUBLISHED if government else ReportState.WAITING,
        at=at,
    )
    session.add(row)
    session.flush()
    report_files.attach(session, row, stored, salts)
    return row


def _name_due(session: Session, action: PlanAction, given: GivenReport) -> GivenReport:
    """Return the report with the due date that it is about. Raises a Refusal for a date that the action does not have.

    If the action has several, it is the one that decides its state, unless the report names another.
    """
    if action.timetable not in REPEATED:
        return replace(given, due_on=None)
    days = [row.due_on for row in due.list_due_rows(session, action.id)]
    if given.due_on is not None and given.due_on not in days:
        raise Refusal(_("Choose one of the options."), field="due_on")
    return replace(given, due_on=given.due_on or action.due_on)


def _clean(given: GivenReport) -> GivenReport:
    """Return a cleaned report. Raises a Refusal with its field."""
    words, links = clean_text(given.words), [link.strip() for link in given.links if link.strip()]
    if len(words) > MAX_WORDS_LENGTH:
        raise Refusal(_("Shorten this to %(most)s characters.", most=MAX_WORDS_LENGTH), field="words")
    if len(links) > MAX_LINKS:
        raise Refusal(_("Enter at most %(most)s web addresses, one per line.", most=MAX_LINKS), field="links")
    if wrong := next((link for link in links if len(link) > MAX_LINK_LENGTH or not _LINK.fullmatch(link)), None):
        raise Refusal(_("“%(link)s” is not a web address that begins with https://", link=wrong[:60]), field="links")
    if given.progress is Progress.DONE and not (links or given.files):
        raise Refusal(_("To report an action as done, give a link to evidence or a file."), field="links")
    if given.progress is Progress.DROPPED and not words:
        raise Refusal(_("To drop an action, give your reasons."), field="words")
    return replace(given, words=words, links=links, interests=clean_text(given.interests))
