"""The page of a case study: text, sources, reviews, uses and citations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from consult.accounts.model import Account, Organisation
from consult.case_studies import queries
from consult.case_studies.appraisal import service as appraisal
from consult.case_studies.appraisal.certainty import GradedCertainty, GradeDomain, JudgementTally, tally
from consult.case_studies.appraisal.model import AppraisalRequest
from consult.case_studies.model import (
    Appraisal,
    CaseStudy,
    CaseStudyCitation,
    CaseStudyEdition,
    CaseStudyPart,
    CaseStudySource,
    CaseStudyTerm,
    CaseStudyUse,
    FormerAppraisal,
    PartKind,
    SourceDesign,
    StudyState,
)
from consult.consultations.model import Consultation
from consult.submissions.model import Comment, Evidence
from consult.taxonomy.model import Term


@dataclass(frozen=True)
class ShownAppraisal:
    """A review with its author, and how its certainty was computed."""

    row: Appraisal
    name: str
    organisation: str | None
    grading: GradedCertainty
    former: int = 0  # number of replaced versions
    asked_by: int | None = None  # account that requested it, if any

    @property
    def domains(self) -> list[tuple[GradeDomain, Mapping[str, str]]]:
        """Return the concern and reason of each domain, in order."""
        return [(domain, self.row.domains[domain.value]) for domain in GradeDomain if domain.value in self.row.domains]


@dataclass(frozen=True)
class SourceOnCard:
    """A source, and the published evidence with its file."""

    row: CaseStudySource
    evidence: tuple[str, int] | None  # slug of the consultation, number of the evidence


@dataclass(frozen=True)
class StudyCard:
    """A case study with everything shown on its page. `tally` covers valid reviews."""

    study: CaseStudy
    author: str
    organisation: str | None
    parts: Mapping[PartKind, str]
    sources: Sequence[SourceOnCard]
    terms: Sequence[tuple[Term, str]]  # each with the notation of its scheme
    appraisals: Sequence[ShownAppraisal]
    tally: JudgementTally
    uses: Sequence[CaseStudyUse]
    editions: Sequence[tuple[int, datetime]]  # number, when
    cited: Sequence[tuple[Consultation, int]]  # consultations with the number of published comments that cite it

    @property
    def designs(self) -> list[SourceDesign]:
        return [it.row.design for it in self.sources]

    @property
    def is_withdrawn(self) -> bool:
        return self.study.state is StudyState.WITHDRAWN


def get_card(session: Session, study: CaseStudy) -> StudyCard:
    """Return the page data of a public case study, in a fixed number of queries."""
    study_id = study.id
    parts = session.scalars(select(CaseStudyPart).where(CaseStudyPart.case_study_id == study_id))
    terms = select(CaseStudyTerm.term_id).where(CaseStudyTerm.case_study_id == study_id)
    uses = select(CaseStudyUse).where(
        CaseStudyUse.case_study_id == study_id, CaseStudyUse.state == StudyState.PUBLISHED
    )
    editions = select(CaseStudyEdition.number, CaseStudyEdition.at).where(CaseStudyEdition.case_study_id == study_id)
    author, organisation = get_names(session, study)
    appraisals = list_appraisals(session, study)
    return StudyCard(
        study,
        author,
        organisation,
        {part.kind: part.body for part in parts},
        list_sources(session, study),
        queries.term_rows(session, session.scalars(terms)),
        appraisals,
        count_judgements(appraisals),
        session.scalars(uses.order_by(CaseStudyUse.id)).all(),
        [(number, at) for number, at in session.execute(editions.order_by(CaseStudyEdition.number))],
        _list_citing(session, study),
    )


def _list_citing(session: Session, study: CaseStudy) -> list[tuple[Consultation, int]]:
    rows = session.execute(
        select(Consultation, func.count())
        .join(Comment, Comment.consultation_id == Consultation.id)
        .join(CaseStudyCitation, CaseStudyCitation.comment_id == Comment.id)
        .where(CaseStudyCitation.case_study_id == study.id, Comment.shown)
        .group_by(Consultation.id)
        .order_by(Consultation.id)
        .limit(50)
    )
    return [(comment, other) for comment, other in rows]


def get_names(session: Session, study: CaseStudy) -> tuple[str, str | None]:
    """Return the author's name and the name of the organisation, or None."""
    row = session.execute(
        select(Account.display_name, Organisation.name)
        .select_from(Account)
        .outerjoin(Organisation, Organisation.id == study.organisation_id)
        .where(Account.id == study.account_id)
    ).one()
    return row[0], row[1]


def list_sources(session: Session, study: CaseStudy) -> list[SourceOnCard]:
    """Return the sources, each with the published evidence that its file belongs to."""
    rows = session.scalars(
        select(CaseStudySource).where(CaseStudySource.case_study_id == study.id).order_by(CaseStudySource.position)
    ).all()
    files = [row.file_id for row in rows if row.file_id is not None]
    known: dict[int | None, tuple[str, int]] = {}
    if files:
        shown = select(Evidence.file_id, Consultation.slug, Evidence.id).join(
            Consultation, Consultation.id == Evidence.consultation_id
        )
        rows_found = session.execute(shown.where(Evidence.file_id.in_(files), Evidence.shown))
        known = {file_id: (slug, number) for file_id, slug, number in rows_found}
    return [SourceOnCard(row, known.get(row.file_id)) for row in rows]


def list_appraisals(session: Session, study: CaseStudy) -> list[ShownAppraisal]:
    """Return the reviews, oldest first."""
    designs = appraisal.list_designs(session, study.id)
    former = select(func.count()).where(FormerAppraisal.appraisal_id == Appraisal.id).scalar_subquery()
    rows = session.execute(
        select(Appraisal, Account.display_name, Organisation.name, former, AppraisalRequest.asked_by_id)
        .join(Account, Account.id == Appraisal.account_id)
        .outerjoin(Organisation, Organisation.id == Appraisal.organisation_id)
        .outerjoin(
            AppraisalRequest,
            (AppraisalRequest.case_study_id == Appraisal.case_study_id)
            & (AppraisalRequest.account_id == Appraisal.account_id),
        )
        .where(Appraisal.case_study_id == study.id)
        .order_by(Appraisal.id)
    )
    return [ShownAppraisal(row, name, of, appraisal.explain(designs, row), n, by) for row, name, of, n, by in rows]


def count_judgements(appraisals: Sequence[ShownAppraisal]) -> JudgementTally:
    """Return the combined result of valid reviews."""
    return tally((it.row.certainty, it.row.direction) for it in appraisals if not it.row.conflicts)
