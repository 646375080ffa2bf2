"""Case studies of what was tried, who appraised them and how, where they were used, and which comments cite them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, BigInt, Id
from consult.moderation.recourse.model import AppealOutcome

REFERENCE_PREFIX = "CASE"
WANTED_APPRAISALS, WAIT_DAYS = 2, 30
"""So many independent appraisals a case study should have; after so many days it is said to wait for them."""
MAX_SUMMARY, MAX_PART, MAX_ANSWER_WORDS, MAX_SOURCES, MAX_AUTHORS = 600, 2500, 500, 5, 10


class StudyState(StrEnum):
    """How far a text of a case study is: the whole, or its next edition."""

    DRAFT = "draft"  # seen by its author only
    WAITING = "waiting"  # for a moderator
    RETURNED = "returned"  # to its author, with a reason
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"  # it stays readable, and says so


class PartKind(StrEnum):
    """The seven headings, in their order."""

    PROBLEM = "problem"
    DONE = "done"
    WHOM = "whom"
    CHANGED = "changed"
    WRONG = "wrong"
    COST = "cost"
    NEEDS = "needs"


class SourceDesign(StrEnum):
    """How a source found out what it says."""

    TRIAL = "trial"
    CONTROLLED = "controlled"
    BEFORE_AFTER = "before_after"
    SURVEY = "survey"
    QUALITATIVE = "qualitative"
    ROUTINE = "routine"
    TESTIMONY = "testimony"


class Direction(StrEnum):
    """How it went."""

    HELPED = "helped"
    MIXED = "mixed"
    NO_DIFFERENCE = "no_difference"
    HARMED = "harmed"


class WithdrawnBy(StrEnum):
    AUTHOR = "author"
    PUBLISHER = "publisher"  # of a source: the study behind it was withdrawn
    SITE = "site"  # a moderator


class CaseStudy(Base):
    """What was tried, where. The columns say what is published; `working` is its author's copy, which may be ahead.

    `certainty`, `direction` and `appraised` sum up the appraisals that count, for lists; see certainty.py. `revision`
    guards two editors.
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
    next_state: Mapped[StudyState | None] = mapped_column(default=StudyState.DRAFT)  # of `working`; null: as published
    working: Mapped[dict[str, Any]]  # content.py's StudyContent, as JSON
    account_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id"))
    organisation_id: Mapped[BigInt | None] = mapped_column(ForeignKey("organisation.id", ondelete="SET NULL"))
    body_id: Mapped[BigInt | None] = mapped_column(ForeignKey("body.id", ondelete="SET NULL"))  # that asked for it
    evidence_id: Mapped[BigInt | None] = mapped_column(ForeignKey("evidence.id", ondelete="SET NULL"))
    title: Mapped[str] = mapped_column(default="")
    country: Mapped[str] = mapped_column(default="")  # ISO 3166-1 alpha-2
    region: Mapped[str] = mapped_column(default="")
    began: Mapped[int | None]  # year
    ended: Mapped[int | None]  # year; null: it goes on
    setting: Mapped[str] = mapped_column(default="")
    run_by: Mapped[str] = mapped_column(default="")
    paid_by: Mapped[str] = mapped_column(default="")
    authors: Mapped[list[Any]] = mapped_column(default=list)  # names, beside who sent it
    summary: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(default="")
    told: Mapped[Direction | None]  # how it went, as its author says
    words: Mapped[str] = mapped_column(default="")  # all of it, to be searched
    edition: Mapped[int] = mapped_column(default=0)
    certainty: Mapped[int | None]  # 1 very low … 4 high
    direction: Mapped[Direction | None]
    appraised: Mapped[int] = mapped_column(default=0)  # appraisals that count
    created_at: Mapped[datetime]
    touched_at: Mapped[datetime] = mapped_column(server_default=func.now())
    """When its author last wrote in it, or sent it, or it was returned."""
    sent_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]  # the first edition
    amended_at: Mapped[datetime | None]  # the present edition, where it is not the first
    decided_at: Mapped[datetime | None]  # that it was returned, or withdrawn by the site: what can be appealed against
    decided_by_id: Mapped[BigInt | None] = mapped_column(ForeignKey("account.id"))
    returned_why: Mapped[str] = mapped_column(default="")
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[WithdrawnBy | None]
    withdrawn_why: Mapped[str] = mapped_column(default="")
    answer: Mapped[str] = mapped_column(default="")  # of its author, or of who ran it, to the appraisals
    answered_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": revision}

    @property
    def reference(self) -> str:
        """How a comment cites it, such as CASE-12."""
        return f"{REFERENCE_PREFIX}-{self.id}"

    @property
    def is_public(self) -> bool:
        return self.state in (StudyState.PUBLISHED, StudyState.WITHDRAWN)

    @property
    def outcome(self) -> Direction | None:
        """How it went: as appraised, else as its author says."""
        return self.direction or self.told


class AppealAgainst(StrEnum):
    """What a moderator did that its author wants another moderator to look at."""

    RETURN = "return"
    WITHDRAWAL = "withdrawal"


class CaseStudyAppeal(Base):
    """An author's appeal against one decision: once for each. It goes with a draft that is deleted."""

    __tablename__ = "case_study_appeal"
    __table_args__ = (
        UniqueConstraint("case_study_id", "decided_at"),
        Index("ix_case_study_appeal_open", "received_at", "id", postgresql_where="outcome IS NULL"),
    )

    id: Mapped[Id]
    case_study_id: Mapped[BigInt] = mapped_column(ForeignKey("case_study.id", ondelete="CASCADE"))
    against: Mapped[AppealAgainst]
    decided_at: Mapped[datetime]
    decided_by_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id"))
    why: Mapped[str]  # the reason that was given for the decision
    words: Mapped[str]  # its author's
    received_at: Mapped[datetime]
    outcome: Mapped[AppealOutcome | None]
    answered_at: Mapped[datetime | None]
    moderator_id: Mapped[BigInt | None] = mapped_column(ForeignKey("account.id"))
    answer: Mapped[str] = mapped_column(default="")


class CaseStudyPart(Base):
    """What is published under one of the seven headings."""

    __tablename__ = "case_study_part"

    case_study_id: Mapped[BigInt] = mapped_column(ForeignKey("case_study.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[PartKind] = mapped_column(primary_key=True)
    body: Mapped[str]


class CaseStudySource(Base):
    """What a published case study rests on: a file that came with evidence, or a citation."""

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
    n: Mapped[int | None]  # people, or what it counts
    independent: Mapped[bool]  # of who ran it and who paid, as its author says


class CaseStudyTerm(Base):
    """That a published case study is about a term of the taxonomy."""

    __tablename__ = "case_study_term"
    __table_args__ = (Index("ix_case_study_term_term", "term_id", "case_study_id"),)

    case_study_id: Mapped[BigInt] = mapped_column(ForeignKey("case_study.id", ondelete="CASCADE"), primary_key=True)
    term_id: Mapped[BigInt] = mapped_column(ForeignKey("term.id"), primary_key=True)


class CaseStudyEdition(Base):
    """What an edition said. Written once: a trigger refuses changes."""

    __tablename__ = "case_study_edition"

    case_study_id: Mapped[BigInt] = mapped_column(ForeignKey("case_study.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[dict[str, Any]]  # content.py's StudyContent
    at: Mapped[datetime]


class Appraiser(Base):
    """Somebody whom a body has asked to appraise case studies. The list of them and their interests are public."""

    __tablename__ = "appraiser"

    account_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id"), primary_key=True, autoincrement=False)
    body_id: Mapped[BigInt] = mapped_column(ForeignKey("body.id", ondelete="CASCADE"), index=True)
    interests: Mapped[list[Any]] = mapped_column(default=list)  # lines; empty until declared, ["none"] where none
    declared_at: Mapped[datetime | None]
    since: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Appraisal(Base):
    """One appraiser's judgement on one case study. A trigger keeps what it said before, and refuses its deletion."""

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
    edition: Mapped[int]  # that was appraised
    certainty: Mapped[int]  # computed: certainty.py
    direction: Mapped[Direction]
    domains: Mapped[dict[str, Any]]  # by GRADE domain: {"concern": none, some or serious, "why": a sentence}
    equity: Mapped[str]
    rights: Mapped[str]
    interests: Mapped[str]  # as declared when it was written; "none" is typed
    conflicts: Mapped[list[Any]] = mapped_column(default=list)  # found since: then it is shown, and not counted
    at: Mapped[datetime]


class FormerAppraisal(Base):
    """An appraisal as it was before its author replaced it. A trigger writes it; another refuses changes."""

    __tablename__ = "appraisal_former"
    __table_args__ = (Index("ix_appraisal_former_appraisal", "appraisal_id", "id"),)

    id: Mapped[Id]
    appraisal_id: Mapped[BigInt] = mapped_column(ForeignKey("appraisal.id"))
    said: Mapped[dict[str, Any]] = mapped_column(JSONB)
    replaced_at: Mapped[datetime]


class CaseStudyUse(Base):
    """That a case study was used elsewhere, and what happened there. Public once a moderator has read it."""

    __tablename__ = "case_study_used"
    __table_args__ = (
        Index("ix_case_study_used_study", "case_study_id", "id"),
        Index("ix_case_study_used_waiting", "id", postgresql_where="state = 'waiting'"),
    )

    id: Mapped[Id]
    case_study_id: Mapped[BigInt] = mapped_column(ForeignKey("case_study.id", ondelete="CASCADE"))
    account_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id"))
    country: Mapped[str]  # ISO 3166-1 alpha-2
    organisation: Mapped[str]  # who used it
    happened: Mapped[str]
    state: Mapped[StudyState] = mapped_column(default=StudyState.WAITING)
    at: Mapped[datetime]


class CaseStudyCitation(Base):
    """That a comment names a case study by its reference. Found when the comment is published."""

    __tablename__ = "case_study_citation"
    __table_args__ = (Index("ix_case_study_citation_comment", "comment_id"),)

    case_study_id: Mapped[BigInt] = mapped_column(ForeignKey("case_study.id", ondelete="CASCADE"), primary_key=True)
    comment_id: Mapped[BigInt] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"), primary_key=True)
    found_at: Mapped[datetime]
