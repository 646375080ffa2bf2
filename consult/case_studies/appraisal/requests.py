"""Ask people of the public list to appraise a case study: conflicts are refused at once; one letter, one reminder."""

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
from consult.case_studies.appraisal.conflicts import InterestConflict
from consult.case_studies.appraisal.model import AppraisalRequest
from consult.case_studies.labels import join_conflicts
from consult.case_studies.model import WAIT_DAYS, WANTED_APPRAISALS, Appraisal, Appraiser, CaseStudy, StudyState
from consult.core.clock import now
from consult.core.errors import Conflict, Forbidden, NotFound, Refusal
from consult.core.i18n import _
from consult.core.web.access import Role

PERIOD, REMIND_BEFORE = timedelta(days=WAIT_DAYS), timedelta(days=7)


class RequestState(StrEnum):
    OPEN = "open"
    DONE = "done"  # appraised
    DECLINED = "declined"
    LAPSED = "lapsed"  # the day has passed; an appraisal is welcome all the same


@dataclass(frozen=True)
class ListedRequest:
    """A request with whom it went to."""

    request: AppraisalRequest
    person: Account
    state: RequestState


class AskedWithInterest(Refusal):
    """Somebody who was to be asked has a part in the case study."""

    def __init__(self, person: Account, conflicts: Sequence[InterestConflict]) -> None:
        said = _(
            "%(name)s cannot appraise this: %(reasons)s.", name=person.display_name, reasons=join_conflicts(conflicts)
        )
        super().__init__(said, field="people")
        self.conflicts = conflicts


def may_ask(study: CaseStudy, by: Account) -> bool:
    """Whether somebody may ask for appraisals: its author, and moderators."""
    return study.account_id == by.id or by.role in (Role.MODERATOR, Role.ADMIN)


def get_study(session: Session, number: int, by: Account) -> CaseStudy:
    """The case study, for whoever may ask for its appraisal. Raises NotFound."""
    study = session.get(CaseStudy, number)
    if study is None or not may_ask(study, by) or (study.account_id != by.id and not study.is_public):
        raise NotFound(_("There is no such case study."))
    return study


def ask(
    session: Session, study: CaseStudy, *, by: Account, account_ids: Collection[int], at: datetime | None = None
) -> None:
    """Asks appraisers, all or none of them; each gets a letter. Raises Forbidden, Conflict, a Refusal."""
    session.execute(select(CaseStudy.id).where(CaseStudy.id == study.id).with_for_update())
    if not may_ask(study, by):
        raise Forbidden(_("Only its author and moderators ask for an appraisal."))
    if study.state is not StudyState.PUBLISHED:
        raise Conflict(_("Only a case study that is published can be appraised."))
    if _has_appraised(session, study, by.id):
        raise Forbidden(_("You have appraised it yourself: somebody else asks others."))
    known = {it.person.id: it for it in list_requests(session, study, at=at)}
    chosen, left = sorted(set(account_ids)), count_left(study, list(known.values()))
    if not chosen:
        raise Refusal(_("Choose somebody."), field="people")
    if len(chosen) > left:
        said = _("Two appraisals are wanted: you can ask %(most)s more now.", most=left)
        raise Refusal(said, field="people")
    moment = at or now()
    for number in chosen:
        _check_askable(session, study, by, number, known)
        row = AppraisalRequest(case_study_id=study.id, account_id=number, asked_by_id=by.id, asked_at=moment)
        row.due_at = moment + PERIOD
        session.add(row)
        session.flush()
        letters.post_request(session, study, row, again=False)


def _check_askable(session: Session, study: CaseStudy, by: Account, number: int, known: Collection[int]) -> None:
    """Raises a Refusal for whoever cannot be asked, and says why."""
    person = session.get(Account, number)
    if person is None or appraisers.find_appraiser(session, person) is None or person.suspended_at is not None:
        raise Refusal(_("Choose people from the list of appraisers."), field="people")
    if person.id == by.id:
        raise Refusal(_("You are on the list yourself: appraise it, or ask others."), field="people")
    if person.id in known:
        raise Refusal(_("%(name)s was asked already.", name=person.display_name), field="people")
    if _has_appraised(session, study, number):
        raise Refusal(_("%(name)s has appraised it already.", name=person.display_name), field="people")
    if found := ties.list_conflicts(session, study, person):
        raise AskedWithInterest(person, found)
    if _shares_organisation(session, study, number):
        said = _(
            "Somebody of the organisation of %(name)s appraises this already: one organisation, one voice.",
            name=person.display_name,
        )
        raise Refusal(said, field="people")


def _has_appraised(session: Session, study: CaseStudy, account_id: int) -> bool:
    wanted = select(Appraisal.id).where(Appraisal.case_study_id == study.id, Appraisal.account_id == account_id)
    return session.scalar(wanted) is not None


def _shares_organisation(session: Session, study: CaseStudy, account_id: int) -> bool:
    """Whether somebody of the same organisation has appraised it, or is asked to."""
    mine = select(Membership.organisation_id).where(Membership.account_id == account_id)
    done = select(Appraisal.account_id).where(Appraisal.case_study_id == study.id)
    asked = select(AppraisalRequest.account_id).where(
        AppraisalRequest.case_study_id == study.id, AppraisalRequest.declined_at.is_(None)
    )
    others = select(Membership.id).where(
        Membership.organisation_id.in_(mine),
        Membership.account_id != account_id,
        Membership.account_id.in_(done.union(asked)),
    )
    return session.scalar(others.limit(1)) is not None


def list_requests(session: Session, study: CaseStudy, *, at: datetime | None = None) -> list[ListedRequest]:
    """Who was asked to appraise a case study, the first first. One statement."""
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
    """How many more can be asked now."""
    waiting = sum(it.state is RequestState.OPEN for it in asked)
    return max(WANTED_APPRAISALS - study.appraised - waiting, 0)


def list_choices(session: Session, study: CaseStudy, by: Account) -> Sequence[tuple[Appraiser, Account, str]]:
    """Whom of the public list one can choose: who was not asked and has not appraised it; with the body's name."""
    asked = {it.person.id for it in list_requests(session, study)}
    done = set(session.scalars(select(Appraisal.account_id).where(Appraisal.case_study_id == study.id)))
    return [
        (row, person, body.name)
        for row, person, body in appraisers.list_appraisers(session)
        if person.id not in asked | done | {by.id, study.account_id} and person.suspended_at is None
    ]


def find_request(session: Session, study: CaseStudy, by: Account) -> AppraisalRequest | None:
    """What somebody was asked, and has neither done nor declined."""
    wanted = select(AppraisalRequest).where(AppraisalRequest.account_id == by.id, *_unanswered())
    return session.scalar(wanted.where(AppraisalRequest.case_study_id == study.id))


def _unanswered() -> tuple[ColumnElement[bool], ...]:
    done = select(Appraisal.id).where(
        Appraisal.case_study_id == AppraisalRequest.case_study_id, Appraisal.account_id == AppraisalRequest.account_id
    )
    return AppraisalRequest.declined_at.is_(None), ~done.exists()


def decline(session: Session, study: CaseStudy, *, by: Account, at: datetime | None = None) -> None:
    """Somebody who was asked does not appraise it. The same again changes nothing. Raises NotFound, Conflict."""
    wanted = select(AppraisalRequest).where(
        AppraisalRequest.case_study_id == study.id, AppraisalRequest.account_id == by.id
    )
    row = session.scalar(wanted.with_for_update())
    if row is None:
        raise NotFound(_("You were not asked to appraise this case study."))
    if _has_appraised(session, study, by.id):
        raise Conflict(_("You have appraised this case study: nothing is left to decline."))
    row.declined_at = row.declined_at or at or now()
    session.flush()


def list_asked(session: Session, by: Account) -> list[tuple[AppraisalRequest, CaseStudy]]:
    """The published case studies that somebody was asked to appraise and has not yet; the first day first."""
    rows = session.execute(
        select(AppraisalRequest, CaseStudy)
        .join(CaseStudy, CaseStudy.id == AppraisalRequest.case_study_id)
        .where(AppraisalRequest.account_id == by.id, *_unanswered(), CaseStudy.state == StudyState.PUBLISHED)
        .order_by(AppraisalRequest.due_at, AppraisalRequest.id)
    )
    return [(one, other) for one, other in rows]


def list_others(session: Session, by: Account, *, most: int = 50) -> Sequence[CaseStudy]:
    """What else waits for a second appraisal, and is not theirs nor appraised by them; the longest waiting first."""
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
    """Writes once more, a week before the day, to whoever was asked and is still wanted; gives to how many."""
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
