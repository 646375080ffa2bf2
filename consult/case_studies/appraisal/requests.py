"""Requests for reviews to people on the public list.

People with a visible conflict of interest cannot be asked. Each person gets one e-mail and at most one reminder.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from consult.accounts.model import Account, Membership
from consult.case_studies import letters
from consult.case_studies.appraisal import appraisers, ties
from consult.case_studies.appraisal.model import AppraisalRequest
from consult.case_studies.labels import join_conflicts
from consult.case_studies.model import WAIT_DAYS, WANTED_APPRAISALS, Appraisal, Appraiser, CaseStudy, StudyState
from consult.core.clock import now
from consult.core.errors import Conflict, Forbidden, NotFound, Refusal
from consult.core.i18n import _
from consult.core.web.access import Role
from consult.decisions.conflicts import InterestConflict

PERIOD, REMIND_BEFORE = timedelta(days=WAIT_DAYS), timedelta(days=7)


class RequestState(StrEnum):
    OPEN = "open"
    DONE = "done"  # review written
    DECLINED = "declined"
    LAPSED = "lapsed"  # the due date has passed; a review is still accepted


@dataclass(frozen=True)
class ListedRequest:
    """A request, the person asked and its state."""

    request: AppraisalRequest
    person: Account
    state: RequestState


class AskedWithInterest(Refusal):
    """The person to be asked has a conflict of interest."""

    def __init__(self, person: Account, conflicts: Sequence[InterestConflict]) -> None:
        text = _(
            "%(name)s cannot review this case study: %(reasons)s.",
            name=person.display_name,
            reasons=join_conflicts(conflicts),
        )
        super().__init__(text, field="people")
        self.conflicts = conflicts


def may_ask(study: CaseStudy, by: Account) -> bool:
    """Return True if a person may request reviews: the author and moderators."""
    return study.account_id == by.id or by.role in (Role.MODERATOR, Role.ADMIN)


def get_study(session: Session, number: int, by: Account) -> CaseStudy:
    """Return the case study for a person who may request reviews. Raises NotFound."""
    study = session.get(CaseStudy, number)
    if study is None or not may_ask(study, by) or (study.account_id != by.id and not study.is_public):
        raise NotFound(_("We cannot find this case study."))
    return study


def ask(
    session: Session, study: CaseStudy, *, by: Account, account_ids: Collection[int], at: datetime | None = None
) -> None:
    """Ask reviewers, all of them or none, and e-mail each. Raises Forbidden, Conflict and Refusal."""
    session.execute(select(CaseStudy.id).where(CaseStudy.id == study.id).with_for_update())
    if not may_ask(study, by):
        raise Forbidden(_("Only the author and moderators can request an independent review."))
    if study.state is not StudyState.PUBLISHED:
        raise Conflict(_("Only a published case study can be reviewed."))
    if _has_appraised(session, study, by.id):
        raise Forbidden(_("You reviewed this case study, so someone else must ask other reviewers."))
    known = {it.person.id: it for it in list_requests(session, study, at=at)}
    chosen, left = sorted(set(account_ids)), count_left(study, list(known.values()))
    if not chosen:
        raise Refusal(_("Choose at least one person."), field="people")
    if len(chosen) > left:
        error = _("Two independent reviews are needed. Number of people you can still ask: %(most)s.", most=left)
        raise Refusal(error, field="people")
    moment = at or now()
    for number in chosen:
        _check_askable(session, study, by, number, known)
        row = AppraisalRequest(case_study_id=study.id, account_id=number, asked_by_id=by.id, asked_at=moment)
        row.due_at = moment + PERIOD
        session.add(row)
        session.flush()
        letters.post_request(session, study, row, again=False)


def _check_askable(session: Session, study: CaseStudy, by: Account, number: int, known: Collection[int]) -> None:
    """Raise a Refusal with the reason if a person cannot be asked."""
    person = session.get(Account, number)
    if person is None or appraisers.find_appraiser(session, person) is None or person.suspended_at is not None:
        raise Refusal(_("Choose people from the list of reviewers."), field="people")
    if person.id == by.id:
        raise Refusal(_("You are on the list. Review the case study yourself, or ask others."), field="people")
    if person.id in known:
        raise Refusal(_("You have already asked %(name)s.", name=person.display_name), field="people")
    if _has_appraised(session, study, number):
        raise Refusal(_("%(name)s has already reviewed this case study.", name=person.display_name), field="people")
    if conflicts := ties.list_conflicts(session, study, person):
        raise AskedWithInterest(person, conflicts)
    if _shares_organisation(session, study, number):
        error = _(
            "Someone from the same organisation as %(name)s is already reviewing this case study. Each "
            "organisation can give one review.",
            name=person.display_name,
        )
        raise Refusal(error, field="people")


def _has_appraised(session: Session, study: CaseStudy, account_id: int) -> bool:
    wanted = select(Appraisal.id).where(Appraisal.case_study_id == study.id, Appraisal.account_id == account_id)
    return session.scalar(wanted) is not None


def _shares_organisation(session: Session, study: CaseStudy, account_id: int) -> bool:
    """Return True if someone of the same organisation has reviewed the case study or is asked to."""
    own_organisations = select(Membership.organisation_id).where(Membership.account_id == account_id)
    done = select(Appraisal.account_id).where(Appraisal.case_study_id == study.id)
    asked = select(AppraisalRequest.account_id).where(
        AppraisalRequest.case_study_id == study.id, AppraisalRequest.declined_at.is_(None)
    )
    others = select(Membership.id).where(
        Membership.organisation_id.in_(own_organisations),
        Membership.account_id != account_id,
        Membership.account_id.in_(done.union(asked)),
    )
    return session.scalar(others.limit(1)) is not None


def list_requests(session: Session, study: CaseStudy, *, at: datetime | None = None) -> list[ListedRequest]:
    """Return the requests for a case study, oldest first, with one query."""
    rows = session.execute(
        select(AppraisalRequest, Account, Appraisal.id)
        .join(Account, Account.id == AppraisalRequest.account_id)
        .outerjoin(
            Appraisal,
            (Appraisal.case_study_id == AppraisalRequest.case_study_id)
            & (Appraisal.account_id == AppraisalRequest.account_id),
        )
        .where(AppraisalRequest.case_study_id == study.id)
        .order_by(AppraisalRequest.id)
    )
    moment = at or now()
    return [ListedRequest(row, person, _state(row, done is not None, moment)) for row, person, done in rows]


def _state(row: AppraisalRequest, done: bool, at: datetime) -> RequestState:
    if done:
        return RequestState.DONE
    if row.declined_at is not None:
        return RequestState.DECLINED
    return RequestState.OPEN if at < row.due_at else RequestState.LAPSED


def count_left(study: CaseStudy, asked: Collection[ListedRequest]) -> int:
    """Return how many more people can be asked now."""
    waiting = sum(it.state is RequestState.OPEN for it in asked)
    return max(WANTED_APPRAISALS - study.appraised - waiting, 0)


def list_choices(session: Session, study: CaseStudy, by: Account) -> Sequence[tuple[Appraiser, Account, str]]:
    """Return people on the public list who can be asked, with the name of their body.

    The author, and people who were asked or gave a review, are left out.
    """
    asked = {it.person.id for it in list_requests(session, study)}
    done = set(session.scalars(select(Appraisal.account_id).where(Appraisal.case_study_id == study.id)))
    return [
        (row, person, body.name)
        for row, person, body in appraisers.list_appraisers(session)
        if person.id not in asked | done | {by.id, study.account_id} and person.suspended_at is None
    ]


def find_request(session: Session, study: CaseStudy, by: Account) -> AppraisalRequest | None:
    """Return the request to a person that is neither completed nor declined, or None."""
    wanted = select(AppraisalRequest).where(AppraisalRequest.account_id == by.id, *_unanswered())
    return session.scalar(wanted.where(AppraisalRequest.case_study_id == study.id))


def _unanswered() -> tuple[ColumnElement[bool], ...]:
    done = select(Appraisal.id).where(
        Appraisal.case_study_id == AppraisalRequest.case_study_id, Appraisal.account_id == AppraisalRequest.account_id
    )
    return AppraisalRequest.declined_at.is_(None), ~done.exists()


def decline(session: Session, study: CaseStudy, *, by: Account, at: datetime | None = None) -> None:
    """Decline a request. Safe to repeat. Raises NotFound and Conflict."""
    wanted = select(AppraisalRequest).where(
        AppraisalRequest.case_study_id == study.id, AppraisalRequest.account_id == by.id
    )
    row = session.scalar(wanted.with_for_update())
    if row is None:
        raise NotFound(_("Nobody asked you to review this case study."))
    if _has_appraised(session, study, by.id):
        raise Conflict(_("You have already reviewed this case study, so you cannot decline."))
    row.declined_at = row.declined_at or at or now()
    session.flush()


def list_asked(session: Session, by: Account) -> list[tuple[AppraisalRequest, CaseStudy]]:
    """Return open requests to a person with their published case studies, by due date."""
    rows = session.execute(
        select(AppraisalRequest, CaseStudy)
        .join(CaseStudy, CaseStudy.id == AppraisalRequest.case_study_id)
        .where(AppraisalRequest.account_id == by.id, *_unanswered(), CaseStudy.state == StudyState.PUBLISHED)
        .order_by(AppraisalRequest.due_at, AppraisalRequest.id)
    )
    return [(request, other) for request, other in rows]


def list_others(session: Session, by: Account, *, most: int = 50) -> Sequence[CaseStudy]:
    """Return other case studies that wait for a second review and that the person may take, longest waiting first."""
    done = select(Appraisal.case_study_id).where(Appraisal.account_id == by.id)
    asked = select(AppraisalRequest.case_study_id).where(AppraisalRequest.account_id == by.id)
    wanted = select(CaseStudy).where(
        CaseStudy.state == StudyState.PUBLISHED,
        CaseStudy.appraised < WANTED_APPRAISALS,
        CaseStudy.account_id != by.id,
        CaseStudy.id.not_in(done.union(asked)),
    )
    return session.scalars(wanted.order_by(CaseStudy.published_at, CaseStudy.id).limit(most)).all()


def remind(session: Session, *, at: datetime | None = None) -> int:
    """Send one reminder, a week before the due date, to people still needed. Return their number."""
    moment = at or now()
    rows = session.execute(
        select(AppraisalRequest, CaseStudy)
        .join(CaseStudy, CaseStudy.id == AppraisalRequest.case_study_id)
        .join(Appraiser, Appraiser.account_id == AppraisalRequest.account_id)
        .where(
            *_unanswered(),
            AppraisalRequest.reminded_at.is_(None),
            AppraisalRequest.due_at > moment,
            AppraisalRequest.due_at <= moment + REMIND_BEFORE,
            Appraiser.ended_at.is_(None),
            CaseStudy.state == StudyState.PUBLISHED,
            CaseStudy.appraised < WANTED_APPRAISALS,
        )
        .order_by(AppraisalRequest.id)
        .limit(200)
        .with_for_update(of=AppraisalRequest.__table__, skip_locked=True)
    ).all()
    for row, study in rows:
        row.reminded_at = moment
        letters.post_request(session, study, row, again=True)
    session.flush()
    return len(rows)
