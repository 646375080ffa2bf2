"""Reports on actions. One of an organisation waits for a moderator who has no part in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from consult.accounts.model import Account, Membership, Organisation
from consult.core.clock import now
from consult.core.crypto import commit_public, pseudonym
from consult.core.errors import Conflict, Forbidden, NotFound, Refusal
from consult.core.i18n import _
from consult.core.text import clean_text
from consult.core.web.access import Allow, is_allowed
from consult.ledger import service as ledger
from consult.ledger.model import Kind
from consult.moderation.policy import reasons
from consult.plans import rights, service, watches
from consult.plans.model import (
    MAX_LINK_LENGTH,
    MAX_LINKS,
    MAX_WORDS_LENGTH,
    ActionPlan,
    ActionReport,
    PlanAction,
    Progress,
    ReportSide,
    ReportState,
)
from consult.plans.reports import files as report_files
from consult.plans.reports.interests import list_interests
from consult.plans.reports.withheld import post_withheld
from consult.plans.watches import WatchedTurn

LEAST_MEMBERS = 2
"""An organisation that has not proven its domain needs so many members to report."""
_LINK = re.compile(r"https?://[^\s/@]+\.[^\s/@]+(/\S*)?")


class NotForYou(Forbidden):
    """Whoever has a part in an action decides on no report about it."""


@dataclass(frozen=True)
class GivenReport:
    """What one side says of an action. `links` are addresses of what shows it, `files` stored files that do."""

    progress: Progress
    words: str
    links: Sequence[str]
    language: str
    interests: str = ""
    files: Sequence[int] = ()


def report_for_government(
    session: Session, action: PlanAction, *, by: Account, given: GivenReport, at: datetime | None = None
) -> ActionReport:
    """What the government says of an action; it is public at once. Raises Forbidden, Refusal."""
    if not rights.may_report(session, by, action):
        raise Forbidden(_("Only those who work for the body that promised it, or does it, report for the government."))
    moment, said = at or now(), _clean(given)
    if said.progress is Progress.NO_EVIDENCE:
        raise Refusal(_("Choose what is offered here."), field="progress")
    row = _add(session, action, by=by, given=said, side=ReportSide.GOVERNMENT, at=moment)
    _record(session, row, action, by=by, at=moment)
    if said.progress is Progress.DONE and action.done_at is None:
        action.done_at = moment
        service.record(session, Kind.ACTION_DONE, action, by=by, at=moment, detail={"due": action.due_on.isoformat()})
        watches.post_turn(session, action, WatchedTurn.DONE, moment.date())
    elif said.progress is Progress.DROPPED:
        service.record(session, Kind.ACTION_DROPPED, action, by=by, at=moment, detail={})
        watches.post_turn(session, action, WatchedTurn.DROPPED, moment.date())
    elif said.progress is not Progress.DONE:
        action.done_at = None
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
    """What an organisation sees of an action; a moderator reads it first. Raises Forbidden, Refusal, Conflict."""
    check_may_speak(session, by, organisation_id)
    if rights.works_for(session, by, action):
        raise Forbidden(_("You work for a body that does this: you cannot report on it for an organisation."))
    waiting = (
        ActionReport.action_id == action.id,
        ActionReport.organisation_id == organisation_id,
        ActionReport.state == ReportState.WAITING,
    )
    if session.scalar(select(ActionReport.id).where(*waiting)) is not None:
        raise Conflict(
            _("A report of this organisation on this action waits for a moderator already. Take it back first.")
        )
    return _add(
        session,
        action,
        by=by,
        given=_clean(given),
        side=ReportSide.SOCIETY,
        at=at or now(),
        organisation_id=organisation_id,
    )


def drop_for_answer(session: Session, action: PlanAction, *, by: Account, at: datetime) -> None:
    """Says in public that an answer no longer leads to this action."""
    words = _("The answer that promised this was changed, and no longer leads to it.")
    given = GivenReport(Progress.DROPPED, words, (), action.language)
    row = _add(session, action, by=by, given=given, side=ReportSide.GOVERNMENT, at=at)
    sealed = compute_commitment(row)
    service.record(session, Kind.ACTION_DROPPED, action, by=by, at=at, detail={"report": row.id}, commitment=sealed)


def has_reports(session: Session, organisation_id: int) -> bool:
    """Whether an organisation has reported on anything."""
    found = select(ActionReport.id).where(ActionReport.organisation_id == organisation_id).limit(1)
    return session.scalar(found) is not None


def list_speaking(session: Session, by: Account) -> Sequence[Organisation]:
    """The organisations in whose name somebody may report: a signatory, of one with a proven domain or two members."""
    count = select(func.count()).where(Membership.organisation_id == Organisation.id).scalar_subquery()
    mine = exists().where(
        Membership.organisation_id == Organisation.id, Membership.account_id == by.id, Membership.signatory
    )
    return session.scalars(
        select(Organisation)
        .where(mine, Organisation.proven_domain.is_not(None) | (count >= LEAST_MEMBERS))
        .order_by(Organisation.name)
    ).all()


def check_may_speak(session: Session, by: Account, organisation_id: int) -> None:
    """Raises Forbidden."""
    if organisation_id not in {one.id for one in list_speaking(session, by)}:
        raise Forbidden(
            _("To report, an organisation has shown that its web address is its own, or has two members here.")
        )


def decide(
    session: Session, *, report_id: int, by: Account, reason: str | None = None, at: datetime | None = None
) -> ActionReport:
    """Publishes a waiting report of an organisation, or withholds it for a reason of the policy, by letter.

    Raises NotFound, NotForYou, Conflict, Refusal.
    """
    if not is_allowed(Allow.MODERATOR, by.role):
        raise Forbidden(_("Only moderators decide on reports."))
    row = session.scalar(select(ActionReport).where(ActionReport.id == report_id).with_for_update())
    if row is None or row.side is not ReportSide.SOCIETY:
        raise NotFound(_("There is no such report."))
    action, moment = session.get_one(PlanAction, row.action_id), at or now()
    if said := list_interests(session, by, [(row, action)]).get(row.id):
        raise NotForYou(_("Another moderator must decide on this. %(why)s", why=said))
    if row.state is not ReportState.WAITING:
        raise Conflict(_("Somebody else has decided on this report already."))
    if reason is None:
        _check_read(session, row)
    if reason is not None and reason not in dict(reasons.list_choices(session)):
        raise Refusal(_("Choose a reason."), field="reason")
    row.state = ReportState.WITHHELD if reason else ReportState.PUBLISHED
    row.reason, row.decided_at, row.decided_by = reason, moment, by.id
    if row.state is ReportState.PUBLISHED:
        _record(session, row, action, by=by, at=moment)
    else:
        ledger.record(
            session,
            Kind.ACTION_REPORTED,
            subject_id=action.id,
            consultation_id=action.consultation_id,
            actor=pseudonym("account", by.id),
            reason=reason,
            detail={"report": row.id, "side": str(row.side), "withheld": 1},
            commitment=compute_commitment(row),
            at=moment,
        )
        post_withheld(session, row, action)
    session.flush()
    return row


def _check_read(session: Session, row: ActionReport) -> None:
    """Raises Conflict where nobody can have seen a file that would become public."""
    if any(one.waits for one in report_files.load_files(session, [row]).get(row.id, ())):
        raise Conflict(_("A file of this report is still being checked. Publish it once you have seen the file."))


def get_action(session: Session, number: int) -> PlanAction:
    """A public action by the number of its row. Raises NotFound."""
    row = session.get(PlanAction, number)
    plan = session.get(ActionPlan, row.plan_id) if row and row.plan_id else None
    if row is None or (plan is not None and plan.published_at is None):
        raise NotFound(_("There is no such action."))
    return row


def compute_commitment(row: ActionReport) -> bytes:
    """The ledger's commitment to a report. Its words are public, or stay with the decision, so it needs no salt.

    Files are in it by their sealed hashes; a report without any has the commitment of before there were files.
    """
    said: dict[str, object] = {
        "side": str(row.side),
        "organisation": row.organisation_id,
        "progress": str(row.progress),
        "words": row.words,
        "language": row.language,
        "links": list(row.links),
        "interests": row.interests,
        "state": str(row.state),
    }
    return commit_public(said | ({"files": list(row.files)} if row.files else {}))


def _record(session: Session, row: ActionReport, action: PlanAction, *, by: Account, at: datetime) -> None:
    said: dict[str, object] = {"report": row.id, "side": str(row.side), "progress": str(row.progress)}
    said |= {"organisation": row.organisation_id} if row.organisation_id else {}
    sealed = compute_commitment(row)
    service.record(session, Kind.ACTION_REPORTED, action, by=by, at=at, detail=said, commitment=sealed)


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


def _clean(given: GivenReport) -> GivenReport:
    """What can be kept of a report. Raises a Refusal with its field."""
    words, links = clean_text(given.words), [link.strip() for link in given.links if link.strip()]
    if len(words) > MAX_WORDS_LENGTH:
        raise Refusal(_("Shorten this to %(most)s characters.", most=MAX_WORDS_LENGTH), field="words")
    if len(links) > MAX_LINKS:
        raise Refusal(_("Give %(most)s addresses at most, each on a line of its own.", most=MAX_LINKS), field="links")
    if wrong := next((link for link in links if len(link) > MAX_LINK_LENGTH or not _LINK.fullmatch(link)), None):
        raise Refusal(_("“%(link)s” is not a web address that begins with https://", link=wrong[:60]), field="links")
    if given.progress is Progress.DONE and not (links or given.files):
        raise Refusal(
            _("To say that it is done, give the address of something that shows it, or a file."), field="links"
        )
    if given.progress is Progress.DROPPED and not words:
        raise Refusal(_("To drop an action, give the reasons."), field="words")
    return replace(given, words=words, links=links, interests=clean_text(given.interests))
