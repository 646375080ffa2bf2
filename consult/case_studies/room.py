"""Public tables of this package: case studies, reviews and the decisions on them."""

from __future__ import annotations

from consult.case_studies.model import (
    Appraisal,
    Appraiser,
    CaseStudy,
    CaseStudyAppeal,
    CaseStudyDecision,
    CaseStudyEdition,
    CaseStudyPart,
    CaseStudyReaderReport,
    CaseStudySource,
    CaseStudyTerm,
    CaseStudyUse,
    CaseStudyUseAppeal,
    CaseStudyUseDecision,
    CaseStudyUseReaderReport,
    FormerAppraisal,
    StudyState,
)
from consult.decisions.room import declare_appeals, declare_decisions, declare_reader_reports
from consult.ledger.statements import PublicTable

CASE_STUDY = PublicTable(
    CaseStudy,
    public="id slug state organisation_id body_id evidence_id title country region began ended setting run_by "
    "paid_by authors summary language told edition certainty direction appraised published_at amended_at withdrawn_at "
    "withdrawn_by withdrawn_why answer answered_at",
    people="account_id",
    private="next_state working words created_at touched_at sent_at decided_at decided_by_id returned_why revision",
    shown=CaseStudy.state.in_([StudyState.PUBLISHED, StudyState.WITHDRAWN]),
)
CASE_STUDY_PART = PublicTable(CaseStudyPart, public="case_study_id kind body")
CASE_STUDY_SOURCE = PublicTable(CaseStudySource, public="case_study_id position file_id citation design n independent")
CASE_STUDY_TERM = PublicTable(CaseStudyTerm, public="case_study_id term_id")
CASE_STUDY_EDITION = PublicTable(CaseStudyEdition, public="case_study_id number content at")
CASE_STUDY_USED = PublicTable(
    CaseStudyUse,
    public="id case_study_id country organisation happened state at",
    people="account_id",
    shown=CaseStudyUse.state == StudyState.PUBLISHED,
)
CASE_STUDY_DECISION = declare_decisions(CaseStudyDecision, "case_study_id")
CASE_STUDY_APPEAL = PublicTable(
    CaseStudyAppeal,
    public="id case_study_id decision_id received_at outcome answered_at answer",
    people="moderator_id decided_by_id",
    private="words against decided_at why",
)
CASE_STUDY_READER_REPORT = declare_reader_reports(CaseStudyReaderReport, "case_study_id")
CASE_STUDY_USE_DECISION = declare_decisions(CaseStudyUseDecision, "use_id")
CASE_STUDY_USE_APPEAL = declare_appeals(CaseStudyUseAppeal, "use_id")
CASE_STUDY_USE_READER_REPORT = declare_reader_reports(CaseStudyUseReaderReport, "use_id")
APPRAISER = PublicTable(
    Appraiser,
    public="body_id interests declared_at since ended_at",
    people="account_id",
    shown=Appraiser.declared_at.is_not(None),
)
APPRAISAL = PublicTable(
    Appraisal,
    public="id case_study_id organisation_id edition certainty direction domains equity rights interests conflicts at",
    people="account_id",
)
APPRAISAL_FORMER = PublicTable(FormerAppraisal, public="id appraisal_id said replaced_at")
