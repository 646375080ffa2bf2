"""Case studies, reviewers and reviews, reports of use, and citations in comments."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, FetchedValue, ForeignKey, Index, String, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, BigInt, Id
from consult.decisions.model import (
    AppealColumns,
    DecisionColumns,
    ReaderReportColumns,
    list_decision_constraints,
    list_recourse_indexes,
)

REFERENCE_PREFIX = "CASE"
WANTED_APPRAISALS, WAIT_DAYS = 2, 30
"""The number of independent reviews a case study should have, and the days after which their lack is reported."""
MAX_SUMMARY, MAX_PART, MAX_ANSWER_WORDS, MAX_SOURCES, MAX_AUTHORS = 600, 2500, 500, 5, 10


class StudyState(StrEnum):
    """The state of a case study, or of its next edition."""

    DRAFT = "draft"  # visible to its author only
    WAITING = "waiting"  # waits for a moderator
    RETURNED = "returned"  # returned to its author with a reason
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"  # still readable, marked as withdrawn


class PartKind(StrEnum):
    """The seven headings in order."""

    PROBLEM = "problem"
    DONE = "done"
    WHOM = "whom"
    CHANGED = "changed"
    WRONG = "wrong"
    COST = "cost"
    NEEDS = "needs"


class SourceDesign(StrEnum):
    """The study design of a source."""

    TRIAL = "trial"
    CONTROLLED = "controlled"
    BEFORE_AFTER = "before_after"
    SURVEY = "survey"
    QUALITATIVE = "qualitative"
    ROUTINE = "routine"
    TESTIMONY = "testimony"


class Direction(StrEnum):
    """The outcome of a practice."""

    HELPED = "helped"
    MIXED = "mixed"
    NO_DIFFERENCE = "no_difference"
    HARMED = "harmed"


class WithdrawnBy(StrEnum):
    AUTHOR = "author"
    PUBLISHER = "publisher"  # the publisher of a source, because the study was withdrawn
    SITE = "site"  # a moderator of this site


class CaseStudy(Base):
    """A described practice and its results. The columns hold the published text; `working` is the author's copy.

    `certainty`, `direction` and `appraised` summarise valid reviews for lists; see certainty.py. `revision` detects
    concurrent edits.
    """

    __tablename__ = "case_study"
    __table_args__ = (
        CheckConstraint("state NOT IN ('published', 'withdrawn') OR slug IS NOT NULL", name="public_has_address"),
        Index("ix_case_study_account", "account_id", "id"),
        Index("ix_case_study_public", "published_at", "id", postgresql_where="state IN ('published', 'withdrawn')"),
        Index("ix_case_study_waiting", "sent_at", "id", postgresql_where="next_state = 'waiting'"),
        Index("ix_case_study_words", text("words_in_languages(words)"), postgresql_using="gin"),
        Index("ix_case_study_evidence", "evidence_id"),
        Index("ix_case_study_unsent", "touched_at", postgresql_where="edition = 0"),
    )

    id: Mapped[Id]
    slug: Mapped[str | None] = mapped_column(unique=True)
    state: Mapped[StudyState] = mapped_column(default=StudyState.DRAFT)
    # State of `working`; null: as published.
    next_state: Mapped[StudyState | None] = mapped_column(default=StudyState.DRAFT)
    working: Mapped[dict[str, Any]]  # StudyContent of content.py as JSON
    account_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id"))
    organisation_id: Mapped[BigInt | None] = mapped_column(ForeignKey("organisation.id", ondelete="SET NULL"))
    # The body that requested the practice.
    body_id: Mapped[BigInt | None] = mapped_column(ForeignKey("body.id", ondelete="SET NULL"))
    evidence_id: Mapped[BigInt | None] = mapped_column(ForeignKey("evidence.id", ondelete="SET NULL"))
    title: Mapped[str] = mapped_column(default="")
    country: Mapped[str] = mapped_column(default="")  # ISO 3166-1 alpha-2
    region: Mapped[str] = mapped_column(default="")
    began: Mapped[int | None]  # year
    ended: Mapped[int | None]  # year; null: ongoing
    setting: Mapped[str] = mapped_column(default="")
    run_by: Mapped[str] = mapped_column(default="")
    paid_by: Mapped[str] = mapped_column(default="")
    authors: Mapped[list[Any]] = mapped_column(default=list)  # names besides the account's
    summary: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(default="")
    told: Mapped[Direction | None]  # outcome according to the author
    words: Mapped[str] = mapped_column(default="")  # all text, for search
    edition: Mapped[int] = mapped_column(default=0)
    certainty: Mapped[int | None]  # 1 very low … 4 high
    direction: Mapped[Direction | None]
    appraised: Mapped[int] = mapped_column(default=0)  # valid reviews
    created_at: Mapped[datetime]
    touched_at: Mapped[datetime] = mapped_column(server_default=func.now())
    """The time of the author's last edit or submission, or of the last return."""
    sent_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]  # time of the first edition
    amended_at: Mapped[datetime | None]  # time of the current edition, if not the first
    decided_at: Mapped[datetime | None]  # time of a return or withdrawal by the site, which can be appealed
    decided_by_id: Mapped[BigInt | None] = mapped_column(ForeignKey("account.id"))
    returned_why: Mapped[str] = mapped_column(default="")
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[WithdrawnBy | None]
    withdrawn_why: Mapped[str] = mapped_column(default="")
    answer: Mapped[str] = mapped_column(default="")  # the author's answer to the reviews
    answered_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": revision}

    @property
    def reference(self) -> str:
        """Return the reference used in citations, such as CASE-12."""
        return f"{REFERENCE_PREFIX}-{self.id}"

    @property
    def is_public(self) -> bool:
        return self.state in (StudyState.PUBLISHED, StudyState.WITHDRAWN)

    @property
    def outcome(self) -> Direction | None:
        """Return the outcome according to reviews, or else the author."""
        return self.direction or self.told


class CaseStudyDecision(DecisionColumns, Base):
    """A moderator's decision on a case study, an appeal by its author, or reports by readers."""

    __tablename__ = "case_study_decision"
    __table_args__ = list_decision_constraints("case_study_decision", "case_study_id")

    item_id: Mapped[BigInt] = mapped_column("case_study_id", ForeignKey("case_study.id", ondelete="CASCADE"))


class CaseStudyAppeal(AppealColumns, Base):
    """An author's appeal against a decision. It is deleted with an unpublished draft.

    The previous release reads the last four columns, so a trigger copies them from the decision.
    """

    __tablename__ = "case_study_appeal"
    __table_args__ = (
        UniqueConstraint("case_study_id", "decided_at"),
        Index("ix_case_study_appeal_open", "received_at", "id", postgresql_where="outcome IS NULL"),
        Index("uq_case_study_appeal_decision", "decision_id", unique=True),
    )

    item_id: Mapped[BigInt] = mapped_column("case_study_id", ForeignKey("case_study.id", ondelete="CASCADE"))
    decision_id: Mapped[BigInt] = mapped_column(ForeignKey("case_study_decision.id", ondelete="CASCADE"))
    words: Mapped[str]
    against: Mapped[str] = mapped_column(String(24), server_default=FetchedValue())
    decided_at: Mapped[datetime] = mapped_column(server_default=FetchedValue())
    decided_by_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id"), server_default=FetchedValue())
    why: Mapped[str] = mapped_column(server_default=FetchedValue())


class CaseStudyReaderReport(ReaderReportColumns, Base):
    """A reader's report on a published case study."""

    __tablename__ = "case_study_reader_report"
    __table_args__ = list_recourse_indexes("case_study_reader_report", "case_study_id")

    item_id: Mapped[BigInt] = mapped_column("case_study_id", ForeignKey("case_study.id", ondelete="CASCADE"))


class CaseStudyPart(Base):
    """The published text under one heading."""

    __tablename__ = "case_study_part"

    case_study_id: Mapped[BigInt] = mapped_column(ForeignKey("case_study.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[PartKind] = mapped_column(primary_key=True)
    body: Mapped[str]


class CaseStudySource(Base):
    """A source of a published case study: a file of evidence or a citation."""

    __tablename__ = "case_study_source"
    __table_args__ = (
        CheckConstraint("file_id IS NOT NULL OR citation <> ''", name="names_something"),
        CheckConstraint("n > 0", name="somebody"),
    )

    case_study_id: Mapped[BigInt] = mapped_column(ForeignKey("case_study.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    file_id: Mapped[BigInt | None] = mapped_column(ForeignKey("stored_file.id", ondelete="CASCADE"), index=True)
    citation: Mapped[str]
    design: Mapped[SourceDesign]
    n: Mapped[int | None]  # number of people, or of what it counts
    independent: Mapped[bool]  # independent of those who ran and paid for the practice, as the author states


class CaseStudyTerm(Base):
    """A topic of a published case study."""

    __tablename__ = "case_study_term"
    __table_args__ = (Index("ix_case_study_term_term", "term_id", "case_study_id"),)

    case_study_id: Mapped[BigInt] = mapped_column(ForeignKey("case_study.id", ondelete="CASCADE"), primary_key=True)
    term_id: Mapped[BigInt] = mapped_column(ForeignKey("term.id"), primary_key=True)


class CaseStudyEdition(Base):
    """The content of one edition. Written once; a trigger refuses changes."""

    __tablename__ = "case_study_edition"

    case_study_id: Mapped[BigInt] = mapped_column(ForeignKey("case_study.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[dict[str, Any]]  # StudyContent of content.py
    at: Mapped[datetime]


class Appraiser(Base):
    """A person invited by a body to review case studies. The list of reviewers and their interests are public."""

    __tablename__ = "appraiser"

    account_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id"), primary_key=True, autoincrement=False)
    body_id: Mapped[BigInt] = mapped_column(ForeignKey("body.id", ondelete="CASCADE"), index=True)
    interests: Mapped[list[Any]] = mapped_column(default=list)  # empty until declared; ["none"] for none
    declared_at: Mapped[datetime | None]
    since: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Appraisal(Base):
    """A reviewer's judgement of a case study. A trigger keeps earlier versions and refuses deletion."""

    __tablename__ = "appraisal"
    __table_args__ = (
        UniqueConstraint("case_study_id", "account_id"),
        CheckConstraint("certainty BETWEEN 1 AND 4", name="four_steps"),
        CheckConstraint("interests <> ''", name="interests_are_said"),
    )

    id: Mapped[Id]
    case_study_id: Mapped[BigInt] = mapped_column(ForeignKey("case_study.id"))
    account_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id"), index=True)
    organisation_id: Mapped[BigInt | None] = mapped_column(ForeignKey("organisation.id", ondelete="SET NULL"))
    edition: Mapped[int]  # the reviewed edition
    certainty: Mapped[int]  # computed, see certainty.py
    direction: Mapped[Direction]
    domains: Mapped[dict[str, Any]]  # by GRADE domain: {"concern": none, some or serious, "why": reason}
    equity: Mapped[str]
    rights: Mapped[str]
    interests: Mapped[str]  # as declared when the review was written; "none" is typed
    # Conflicts found later; the review is then shown but not counted.
    conflicts: Mapped[list[Any]] = mapped_column(default=list)
    at: Mapped[datetime]


class FormerAppraisal(Base):
    """A review before its author replaced it. One trigger writes it, another refuses changes."""

    __tablename__ = "appraisal_former"
    __table_args__ = (Index("ix_appraisal_former_appraisal", "appraisal_id", "id"),)

    id: Mapped[Id]
    appraisal_id: Mapped[BigInt] = mapped_column(ForeignKey("appraisal.id"))
    said: Mapped[dict[str, Any]] = mapped_column(JSONB)
    replaced_at: Mapped[datetime]


class CaseStudyUse(Base):
    """A report that a case study was applied elsewhere, and the result. Public after a moderator's review."""

    __tablename__ = "case_study_used"
    __table_args__ = (
        Index("ix_case_study_used_study", "case_study_id", "id"),
        Index("ix_case_study_used_waiting", "id", postgresql_where="state = 'waiting'"),
    )

    id: Mapped[Id]
    case_study_id: Mapped[BigInt] = mapped_column(ForeignKey("case_study.id", ondelete="CASCADE"))
    account_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id"))
    country: Mapped[str]  # ISO 3166-1 alpha-2
    organisation: Mapped[str]  # the organisation that used it
    happened: Mapped[str]
    state: Mapped[StudyState] = mapped_column(default=StudyState.WAITING)
    at: Mapped[datetime]


class CaseStudyUseDecision(DecisionColumns, Base):
    """A moderator's decision on a report of use, an appeal by its author, or reports by readers."""

    __tablename__ = "case_study_use_decision"
    __table_args__ = list_decision_constraints("case_study_use_decision", "use_id")

    item_id: Mapped[BigInt] = mapped_column("use_id", ForeignKey("case_study_used.id", ondelete="CASCADE"))


class CaseStudyUseAppeal(AppealColumns, Base):
    """An author's appeal against one decision on a report of use."""

    __tablename__ = "case_study_use_appeal"
    __table_args__ = list_recourse_indexes("case_study_use_appeal", "use_id")

    item_id: Mapped[BigInt] = mapped_column("use_id", ForeignKey("case_study_used.id", ondelete="CASCADE"))
    decision_id: Mapped[BigInt] = mapped_column(
        ForeignKey("case_study_use_decision.id", ondelete="CASCADE"), unique=True
    )
    words: Mapped[str]


class CaseStudyUseReaderReport(ReaderReportColumns, Base):
    """A reader's report on a published report of use."""

    __tablename__ = "case_study_use_reader_report"
    __table_args__ = list_recourse_indexes("case_study_use_reader_report", "use_id")

    item_id: Mapped[BigInt] = mapped_column("use_id", ForeignKey("case_study_used.id", ondelete="CASCADE"))


class CaseStudyCitation(Base):
    """A citation of a case study by reference in a comment, found when the comment is published."""

    __tablename__ = "case_study_citation"
    __table_args__ = (Index("ix_case_study_citation_comment", "comment_id"),)

    case_study_id: Mapped[BigInt] = mapped_column(ForeignKey("case_study.id", ondelete="CASCADE"), primary_key=True)
    comment_id: Mapped[BigInt] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"), primary_key=True)
    found_at: Mapped[datetime]
