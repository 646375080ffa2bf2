"""Appraise a case study: certainty is computed, interests are typed, visible conflicts are refused."""

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
from consult.case_studies.appraisal.conflicts import InterestConflict
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
from consult.ledger import service as ledger
from consult.ledger.model import Kind

MAX_WHY, MAX_NOTE = 300, 800


class InterestedAppraiser(Forbidden):
    """The appraiser has a stake in the case study; `conflicts` says which."""

    def __init__(self, conflicts: Sequence[InterestConflict]) -> None:
        super().__init__(_("You cannot appraise this case study: you, or whom you work with, have a part in it."))
        self.conflicts = conflicts


@dataclass(frozen=True)
class AppraisalInput:
    """What an appraiser says. `concerns` has each domain with its concern and a sentence."""

    direction: Direction
    concerns: Mapping[GradeDomain, tuple[Concern, str]]
    equity: str
    rights: str
    interests: str


def check_may_appraise(session: Session, study: CaseStudy, by: Account) -> Appraiser:
    """Raises Forbidden for whoever may not, Conflict where interests are not declared, InterestedAppraiser."""
    row = appraisers.get_appraiser(session, by)
    if study.state is not StudyState.PUBLISHED:
        raise Conflict(_("Only a case study that is published can be appraised."))
    if not row.interests:
        raise Conflict(_("Declare your interests first: they stand in the public list of appraisers."))
    if found := ties.list_conflicts(session, study, by):
        raise InterestedAppraiser(found)
    if _is_of_another_appraiser(session, study, by):
        raise Forbidden(_("Somebody of your organisation has appraised this case study: one organisation, one voice."))
    return row


def _is_of_another_appraiser(session: Session, study: CaseStudy, by: Account) -> bool:
    mine = select(Membership.organisation_id).where(Membership.account_id == by.id)
    others = (
        select(Appraisal.id)
        .join(Membership, Membership.account_id == Appraisal.account_id)
        .where(Appraisal.case_study_id == study.id, Appraisal.account_id != by.id, Membership.organisation_id.in_(mine))
    )
    return session.scalar(others.limit(1)) is not None


def appraise(
    session: Session, study: CaseStudy, *, by: Account, said: AppraisalInput, at: datetime | None = None
) -> Appraisal:
    """Writes an appraisal in place of the appraiser's former one, which is kept; the same again changes nothing.

    Raises Forbidden, Conflict, a Refusal.
    """
    session.execute(select(CaseStudy.id).where(CaseStudy.id == study.id).with_for_update())
    check_may_appraise(session, study, by)
    domains = _clean_domains(said.concerns)
    interests = one_line(said.interests)
    if not interests:
        raise Refusal(_("Say your interests in this case study. If you have none, type: none"), field="interests")
    found = grade(list_designs(session, study.id), {domain: how for domain, (how, _why) in said.concerns.items()})
    row = session.scalar(select(Appraisal).where(Appraisal.case_study_id == study.id, Appraisal.account_id == by.id))
    own = select(Membership.organisation_id).where(Membership.account_id == by.id).order_by(Membership.id).limit(1)
    values: dict[str, Any] = {"organisation_id": session.scalar(own), "edition": study.edition, "conflicts": []}
    values |= {"certainty": found.certainty, "direction": said.direction, "domains": domains, "interests": interests}
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
    """A line in the public record."""
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
    """When somebody's appraisal of a case study was written; None where there is none."""
    return session.scalar(
        select(Appraisal.at).where(Appraisal.case_study_id == study.id, Appraisal.account_id == by.id)
    )


def _clean_domains(concerns: Mapping[GradeDomain, tuple[Concern, str]]) -> dict[str, dict[str, str]]:
    """Each domain as it is stored. Raises a Refusal where a concern has no sentence."""
    found = {}
    for domain in GradeDomain:
        concern, why = concerns.get(domain, (Concern.NONE, ""))
        words = clean_text(why)
        if concern is not Concern.NONE and not words:
            raise Refusal(_("Say in a sentence what the concern is."), field=f"why_{domain.value}")
        if len(words) > MAX_WHY:
            raise Refusal(_("Shorten this to %(most)s characters.", most=MAX_WHY), field=f"why_{domain.value}")
        found[domain.value] = {"concern": concern.value, "why": words}
    return found


def _note(words: str, field: str) -> str:
    said = clean_text(words)
    if len(said) > MAX_NOTE:
        raise Refusal(_("Shorten this to %(most)s characters.", most=MAX_NOTE), field=field)
    return said


def list_designs(session: Session, study_id: int) -> Sequence[SourceDesign]:
    """The designs of the sources of a published case study."""
    wanted = select(CaseStudySource.design).where(CaseStudySource.case_study_id == study_id)
    return session.scalars(wanted.order_by(CaseStudySource.position)).all()


def explain(designs: Iterable[SourceDesign], row: Appraisal) -> GradedCertainty:
    """Why an appraisal has the certainty it has."""
    return grade(designs, {GradeDomain(name): Concern(said["concern"]) for name, said in row.domains.items()})


def sum_up(session: Session, study: CaseStudy) -> None:
    """Writes what the appraisals that count say together beside the case study, for lists."""
    rows = session.execute(
        select(Appraisal.certainty, Appraisal.direction, Appraisal.conflicts).where(Appraisal.case_study_id == study.id)
    )
    found = tally((row.certainty, row.direction) for row in rows if not row.conflicts)
    study.certainty, study.direction, study.appraised = found.certainty, found.direction, found.appraised
    session.flush()


def grade_anew(session: Session, study: CaseStudy) -> None:
    """Computes each certainty again, as the sources of a new edition have other designs."""
    designs = list_designs(session, study.id)
    for row in session.scalars(select(Appraisal).where(Appraisal.case_study_id == study.id)).all():
        certainty = explain(designs, row).certainty
        if row.certainty != certainty:
            row.certainty = certainty
    session.flush()
    check_again(session, study)


def check_again(session: Session, study: CaseStudy) -> int:
    """Looks for conflicts that came up since: such an appraisal is shown, and not counted. Gives how many changed."""
    changed = 0
    for row, account in session.execute(
        select(Appraisal, Account)
        .join(Account, Account.id == Appraisal.account_id)
        .where(Appraisal.case_study_id == study.id)
    ).all():
        found = sorted(f"{one.part}:{one.kind}" for one in ties.list_conflicts(session, study, account))
        if found != row.conflicts:
            row.conflicts = found
            changed += 1
    session.flush()
    sum_up(session, study)
    return changed
