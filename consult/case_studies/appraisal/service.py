"""Reviews of case studies: certainty is computed, interests are declared, visible conflicts are refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account, Membership
from consult.case_studies import letters
from consult.case_studies.appraisal import appraisers, ties
from consult.case_studies.appraisal.certainty import Certainty, Concern, GradedCertainty, GradeDomain, grade, tally
from consult.case_studies.commitments import commit_appraisal
from consult.case_studies.model import (
    Appraisal,
    Appraiser,
    CaseStudy,
    CaseStudySource,
    Direction,
    SourceDesign,
    StudyState,
)
from consult.core.clock import now
from consult.core.crypto import pseudonym
from consult.core.errors import Conflict, Forbidden, Refusal
from consult.core.i18n import _
from consult.core.text import clean_text, one_line
from consult.decisions.conflicts import InterestConflict
from consult.ledger import service as ledger
from consult.ledger.model import Kind

MAX_WHY, MAX_NOTE = 300, 800


class InterestedAppraiser(Forbidden):
    """The reviewer has a conflict of interest. `conflicts` lists the kinds."""

    def __init__(self, conflicts: Sequence[InterestConflict]) -> None:
        super().__init__(
            _("You cannot review this case study because you, or people you work with, have a conflict of interest.")
        )
        self.conflicts = conflicts


@dataclass(frozen=True)
class AppraisalInput:
    """The content of a review. `concerns` maps each domain to a concern and its reason."""

    direction: Direction
    concerns: Mapping[GradeDomain, tuple[Concern, str]]
    equity: str
    rights: str
    interests: str


def check_may_appraise(session: Session, study: CaseStudy, by: Account) -> Appraiser:
    """Return the reviewer role if the person may review.

    Raises Forbidden, Conflict if no interests are declared, and InterestedAppraiser.
    """
    row = appraisers.get_appraiser(session, by)
    if study.state is not StudyState.PUBLISHED:
        raise Conflict(_("Only a published case study can be reviewed."))
    if not row.interests:
        raise Conflict(_("Declare your interests first. They appear in the public list of reviewers."))
    if conflicts := ties.list_conflicts(session, study, by):
        raise InterestedAppraiser(conflicts)
    if _is_of_another_appraiser(session, study, by):
        raise Forbidden(
            _(
                "Someone from your organisation has already reviewed this case study. Each organisation can give one "
                "review."
            )
        )
    return row


def _is_of_another_appraiser(session: Session, study: CaseStudy, by: Account) -> bool:
    own_organisations = select(Membership.organisation_id).where(Membership.account_id == by.id)
    others = (
        select(Appraisal.id)
        .join(Membership, Membership.account_id == Appraisal.account_id)
        .where(
            Appraisal.case_study_id == study.id,
            Appraisal.account_id != by.id,
            Membership.organisation_id.in_(own_organisations),
        )
    )
    return session.scalar(others.limit(1)) is not None


def appraise(
    session: Session, study: CaseStudy, *, by: Account, said: AppraisalInput, at: datetime | None = None
) -> Appraisal:
    """Store a review. A trigger keeps the reviewer's previous one. Safe to repeat.

    Raises Forbidden, Conflict and Refusal.
    """
    session.execute(select(CaseStudy.id).where(CaseStudy.id == study.id).with_for_update())
    check_may_appraise(session, study, by)
    domains = _clean_domains(said.concerns)
    interests = one_line(said.interests)
    if not interests:
        raise Refusal(_("State your interests in this case study. If you have none, type: none"), field="interests")
    graded = grade(list_designs(session, study.id), {domain: how for domain, (how, _why) in said.concerns.items()})
    row = session.scalar(select(Appraisal).where(Appraisal.case_study_id == study.id, Appraisal.account_id == by.id))
    own = select(Membership.organisation_id).where(Membership.account_id == by.id).order_by(Membership.id).limit(1)
    values: dict[str, Any] = {"organisation_id": session.scalar(own), "edition": study.edition, "conflicts": []}
    values |= {"certainty": graded.certainty, "direction": said.direction, "domains": domains, "interests": interests}
    values |= {"equity": _note(said.equity, "equity"), "rights": _note(said.rights, "rights")}
    replaces = row is not None
    if row is None:
        row = Appraisal(case_study_id=study.id, account_id=by.id)
        session.add(row)
    elif all(getattr(row, name) == value for name, value in values.items()):
        return row
    for name, value in {**values, "at": at or now()}.items():
        setattr(row, name, value)
    session.flush()
    sum_up(session, study)
    _record(session, study, row, by, at)
    letters.post_appraisal(session, study, row, name=by.display_name, replaces=replaces)
    return row


def _record(session: Session, study: CaseStudy, row: Appraisal, by: Account, at: datetime | None) -> None:
    """Record the review in the ledger."""
    detail = {
        "reference": study.reference,
        "appraisal": row.id,
        "certainty": Certainty(row.certainty).name.lower(),
        "direction": row.direction.value,
    }
    actor, sealed = pseudonym("account", by.id), commit_appraisal(row)
    ledger.record(
        session, Kind.CASE_STUDY_APPRAISED, subject_id=study.id, actor=actor, detail=detail, commitment=sealed, at=at
    )


def find_moment(session: Session, study: CaseStudy, by: Account) -> datetime | None:
    """Return the time of a person's review of a case study, or None."""
    return session.scalar(
        select(Appraisal.at).where(Appraisal.case_study_id == study.id, Appraisal.account_id == by.id)
    )


def _clean_domains(concerns: Mapping[GradeDomain, tuple[Concern, str]]) -> dict[str, dict[str, str]]:
    """Return the domains as stored. Raises a Refusal for a concern without a reason."""
    domains = {}
    for domain in GradeDomain:
        concern, why = concerns.get(domain, (Concern.NONE, ""))
        words = clean_text(why)
        if concern is not Concern.NONE and not words:
            raise Refusal(_("Explain the concern in one sentence."), field=f"why_{domain.value}")
        if len(words) > MAX_WHY:
            raise Refusal(_("Shorten this to %(most)s characters.", most=MAX_WHY), field=f"why_{domain.value}")
        domains[domain.value] = {"concern": concern.value, "why": words}
    return domains


def _note(words: str, field: str) -> str:
    note = clean_text(words)
    if len(note) > MAX_NOTE:
        raise Refusal(_("Shorten this to %(most)s characters.", most=MAX_NOTE), field=field)
    return note


def list_designs(session: Session, study_id: int) -> Sequence[SourceDesign]:
    """Return the designs of the sources of a published case study."""
    wanted = select(CaseStudySource.design).where(CaseStudySource.case_study_id == study_id)
    return session.scalars(wanted.order_by(CaseStudySource.position)).all()


def explain(designs: Iterable[SourceDesign], row: Appraisal) -> GradedCertainty:
    """Return how the certainty of a review was computed."""
    return grade(designs, {GradeDomain(name): Concern(judgement["concern"]) for name, judgement in row.domains.items()})


def sum_up(session: Session, study: CaseStudy) -> None:
    """Store the combined result of valid reviews with the case study, for lists."""
    rows = session.execute(
        select(Appraisal.certainty, Appraisal.direction, Appraisal.conflicts).where(Appraisal.case_study_id == study.id)
    )
    summed = tally((row.certainty, row.direction) for row in rows if not row.conflicts)
    study.certainty, study.direction, study.appraised = summed.certainty, summed.direction, summed.appraised
    session.flush()


def grade_anew(session: Session, study: CaseStudy) -> None:
    """Recalculate all certainties after the sources of a case study changed."""
    designs = list_designs(session, study.id)
    for row in session.scalars(select(Appraisal).where(Appraisal.case_study_id == study.id)).all():
        certainty = explain(designs, row).certainty
        if row.certainty != certainty:
            row.certainty = certainty
    session.flush()
    check_again(session, study)


def check_again(session: Session, study: CaseStudy) -> int:
    """Find new conflicts of interest and return the number of changed reviews.

    Reviews with a conflict remain visible but are not counted.
    """
    changed = 0
    for row, account in session.execute(
        select(Appraisal, Account)
        .join(Account, Account.id == Appraisal.account_id)
        .where(Appraisal.case_study_id == study.id)
    ).all():
        conflicts = sorted(
            f"{conflict.part}:{conflict.kind}" for conflict in ties.list_conflicts(session, study, account)
        )
        if conflicts != row.conflicts:
            row.conflicts = conflicts
            changed += 1
    session.flush()
    sum_up(session, study)
    return changed
