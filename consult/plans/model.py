"""Tables of plans: actions, milestones, reports, watchers, reviews and yearly summaries."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, BigInt, Id
from consult.decisions.model import (
    AppealColumns,
    DecisionColumns,
    ReaderReportColumns,
    list_decision_constraints,
    list_recourse_indexes,
)
from consult.files.attachments import AttachmentColumns

MAX_ACTION_LENGTH = 1_000
"""Maximum length of an action's words, which in real plans are sentences."""
MAX_TITLE_LENGTH, MAX_OWNER_LENGTH, MAX_WORDS_LENGTH, MAX_TEXT_LENGTH = 300, 200, 2_000, 1_000
MAX_LINKS, MAX_LINK_LENGTH, MAX_FILES = 5, 500, 5


class ActionPlan(Base):
    """A plan adopted by a body for a period. `revision` detects concurrent edits."""

    __tablename__ = "plan"
    __table_args__ = (
        CheckConstraint("period_from <= period_to", name="period_in_order"),
        CheckConstraint("review_every BETWEEN 3 AND 60", name="review_in_five_years"),
        Index("ix_plan_body", "body_id"),
        Index("ix_plan_words", text("words_in_languages(title)"), postgresql_using="gin"),
    )

    id: Mapped[Id]
    slug: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    summary: Mapped[str] = mapped_column(default="")
    language: Mapped[str]
    body_id: Mapped[BigInt] = mapped_column(ForeignKey("body.id"))
    consultation_id: Mapped[BigInt | None] = mapped_column(ForeignKey("consultation.id"))  # whose draft was adopted
    version_id: Mapped[BigInt | None] = mapped_column(ForeignKey("version.id"))  # that was adopted
    period_from: Mapped[int]  # years, both included
    period_to: Mapped[int]
    review_every: Mapped[int | None]  # months
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": revision}


class TimetableKind(StrEnum):
    """The form of an action's timetable, unless it is one day."""

    DAYS = "days"  # several days
    EVERY = "every"  # every so many months
    STANDING = "standing"  # always in force
    OPEN = "open"  # without a date that can be read


REPEATED = (TimetableKind.DAYS, TimetableKind.EVERY)
MAX_MONTHS = 120


class PlanAction(Base):
    """An action with responsible parties and a timetable: part of a plan, promised in an answer, or both.

    Its state is not stored: state.py computes it from reports and the date. `overdue_at` is the time of the ledger
    entry. For an action with several due dates, `due_on`, `overdue_at` and `done_at` are those of the instance that
    decides its state. `kept_on` is the last due date met before it.
    """

    __tablename__ = "action"
    __table_args__ = (
        UniqueConstraint("plan_id", "number"),
        CheckConstraint("title <> ''", name="says_what"),
        CheckConstraint("owner_name <> ''", name="says_who"),
        CheckConstraint("begins_on <= due_on", name="begins_before"),
        CheckConstraint(
            "(coalesce(timetable, '') IN ('standing', 'open')) = (due_on IS NULL)", name="dated_by_timetable"
        ),
        CheckConstraint(
            "(coalesce(timetable, '') = 'every') = (every_months IS NOT NULL)", name="repeated_by_timetable"
        ),
        CheckConstraint(f"every_months BETWEEN 1 AND {MAX_MONTHS}", name="repeated_in_ten_years"),
        Index("ix_action_owner", "owner_id"),
        Index("ix_action_words", text("words_in_languages(title)"), postgresql_using="gin"),
        Index("ix_action_body", "body_id"),
        Index("ix_action_due", "due_on", postgresql_where="overdue_at IS NULL"),
    )

    id: Mapped[Id]
    plan_id: Mapped[BigInt | None] = mapped_column(ForeignKey("plan.id"))
    consultation_id: Mapped[BigInt | None] = mapped_column(ForeignKey("consultation.id"))  # an answer of which it is
    body_id: Mapped[BigInt | None] = mapped_column(ForeignKey("body.id"))  # that promised it
    wid: Mapped[str | None]  # the provision of the adopted version that it carries out
    number: Mapped[str | None]  # in its plan, such as 2.1
    position: Mapped[int] = mapped_column(default=0)
    objective: Mapped[str] = mapped_column(default="")
    title: Mapped[str]
    language: Mapped[str]
    owner_id: Mapped[BigInt | None] = mapped_column(ForeignKey("body.id"))  # who does it, where that is a body here
    owner_name: Mapped[str]
    begins_on: Mapped[date | None]
    due_on: Mapped[date | None]
    timetable: Mapped[TimetableKind | None]  # None: by one day
    timetable_words: Mapped[str | None]  # as the plan words it
    every_months: Mapped[int | None]
    repeats_until: Mapped[date | None]
    kept_on: Mapped[date | None]
    measured_by: Mapped[str] = mapped_column(default="")  # the indicators, as the plan words them
    assessed_by: Mapped[str] = mapped_column(default="")  # how data are collected and assessed
    cost: Mapped[str] = mapped_column(default="")
    moved: Mapped[list[Any]] = mapped_column(default=list)  # earlier days: {"was", "at"}, the first first
    created_at: Mapped[datetime]
    overdue_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]  # when the government first said so
    revision: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": revision}


class ActionDue(Base):
    """A due date of an action that has several. The scheduler creates those of a repeated action."""

    __tablename__ = "action_due"
    __table_args__ = (UniqueConstraint("action_id", "due_on"),)

    id: Mapped[Id]
    action_id: Mapped[BigInt] = mapped_column(ForeignKey("action.id", ondelete="CASCADE"))
    due_on: Mapped[date]
    overdue_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]


class Doer(Base):
    """A responsible party in the words of a plan, and the matching body, if one was chosen."""

    __tablename__ = "doer"
    __table_args__ = (
        UniqueConstraint("plan_id", "words"),
        CheckConstraint("words <> ''", name="named"),
        Index("ix_doer_body", "body_id"),
    )

    id: Mapped[Id]
    plan_id: Mapped[BigInt] = mapped_column(ForeignKey("plan.id", ondelete="CASCADE"))
    words: Mapped[str]
    body_id: Mapped[BigInt | None] = mapped_column(ForeignKey("body.id"))


class ActionDoer(Base):
    """A responsible party of an action, in the order of the plan."""

    __tablename__ = "action_doer"

    action_id: Mapped[BigInt] = mapped_column(ForeignKey("action.id", ondelete="CASCADE"), primary_key=True)
    doer_id: Mapped[BigInt] = mapped_column(ForeignKey("doer.id", ondelete="CASCADE"), primary_key=True, index=True)
    position: Mapped[int]


class ActionTerm(Base):
    """A topic of an action, confirmed by a person."""

    __tablename__ = "action_term"
    __table_args__ = (Index("ix_action_term_term", "term_id"),)

    action_id: Mapped[BigInt] = mapped_column(ForeignKey("action.id", ondelete="CASCADE"), primary_key=True)
    term_id: Mapped[BigInt] = mapped_column(ForeignKey("term.id"), primary_key=True)
    confirmed_by: Mapped[BigInt] = mapped_column(ForeignKey("account.id"))
    confirmed_at: Mapped[datetime]


class ActionMilestone(Base):
    """A milestone of an action with its own due date."""

    __tablename__ = "milestone"

    id: Mapped[Id]
    action_id: Mapped[BigInt] = mapped_column(ForeignKey("action.id"), index=True)
    title: Mapped[str]
    due_on: Mapped[date]
    done_on: Mapped[date | None]


class ReportSide(StrEnum):
    GOVERNMENT = "government"
    SOCIETY = "civil_society"


class Progress(StrEnum):
    """The progress reported by one side. Source of the scale: OGP Independent Reporting Mechanism."""

    NOT_STARTED = "not_started"
    UNDER_WAY = "under_way"
    LATE = "late"
    DONE = "done"
    DROPPED = "dropped"
    NO_EVIDENCE = "no_evidence"


class ReportState(StrEnum):
    WAITING = "waiting"  # for a moderator
    PUBLISHED = "published"
    WITHHELD = "withheld"


class ActionReport(Base):
    """A report by one side on an action. A trigger protects its text. Only the decision is added later.

    The last published report of the government, and of each organisation, counts. Earlier ones remain visible. A
    waiting report can be withdrawn, which deletes its row.
    """

    __tablename__ = "action_report"
    __table_args__ = (
        CheckConstraint("(side = 'civil_society') = (organisation_id IS NOT NULL)", name="of_its_side"),
        CheckConstraint("(state = 'withheld') = (reason IS NOT NULL)", name="withheld_with_reason"),
        CheckConstraint("progress <> 'dropped' OR words <> ''", name="dropped_with_reasons"),
        CheckConstraint(
            "progress <> 'done' OR jsonb_array_length(links) + jsonb_array_length(files) > 0", name="done_with_evidence"
        ),
        Index("ix_action_report_action", "action_id", "id"),
        Index("ix_action_report_waiting", "id", postgresql_where="state = 'waiting'"),
    )

    id: Mapped[Id]
    action_id: Mapped[BigInt] = mapped_column(ForeignKey("action.id"))
    side: Mapped[ReportSide]
    organisation_id: Mapped[BigInt | None] = mapped_column(ForeignKey("organisation.id"))
    account_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id"))
    progress: Mapped[Progress]
    due_on: Mapped[date | None]  # the due date that it is about, of several
    words: Mapped[str]
    language: Mapped[str]
    links: Mapped[list[Any]]  # addresses of what shows it
    files: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")  # their sealed hashes, in their order
    interests: Mapped[str] = mapped_column(default="")  # that an organisation declares: paid for it, does it itself
    state: Mapped[ReportState]
    at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[BigInt | None] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[str | None]


class ActionReportDecision(DecisionColumns, Base):
    """A moderator's decision on an organisation's report, an appeal, or reports by readers."""

    __tablename__ = "action_report_decision"
    __table_args__ = list_decision_constraints("action_report_decision", "action_report_id")

    item_id: Mapped[BigInt] = mapped_column("action_report_id", ForeignKey("action_report.id", ondelete="CASCADE"))


class ActionReportAppeal(AppealColumns, Base):
    """An author's appeal against one decision on a report."""

    __tablename__ = "action_report_appeal"
    __table_args__ = list_recourse_indexes("action_report_appeal", "action_report_id")

    item_id: Mapped[BigInt] = mapped_column("action_report_id", ForeignKey("action_report.id", ondelete="CASCADE"))
    decision_id: Mapped[BigInt] = mapped_column(
        ForeignKey("action_report_decision.id", ondelete="CASCADE"), unique=True
    )
    words: Mapped[str]


class ActionReportReaderReport(ReaderReportColumns, Base):
    """A reader's report on an organisation's report."""

    __tablename__ = "action_report_reader_report"
    __table_args__ = list_recourse_indexes("action_report_reader_report", "action_report_id")

    item_id: Mapped[BigInt] = mapped_column("action_report_id", ForeignKey("action_report.id", ondelete="CASCADE"))


class ActionReportFile(AttachmentColumns, Base):
    """A file attached to a report as evidence, counted from 0. The row of a removed file keeps the date.

    `ActionReport.files` has its SHA-256 sealed with `salt`. Without the salt, a file cannot be matched with it.
    """

    __tablename__ = "action_report_file"
    __table_args__ = (
        CheckConstraint("position >= 0", name="counted"),
        CheckConstraint(
            "(file_id IS NULL) = (taken_at IS NOT NULL) AND (salt IS NULL) = (taken_at IS NOT NULL)",
            name="there_or_taken",
        ),
    )

    report_id: Mapped[BigInt] = mapped_column(ForeignKey("action_report.id"), primary_key=True)
    salt: Mapped[bytes | None]
    taken_at: Mapped[datetime | None]


class ActionWatch(Base):
    """An account that gets e-mails when an action is done, dropped or overdue."""

    __tablename__ = "action_watch"

    action_id: Mapped[BigInt] = mapped_column(ForeignKey("action.id", ondelete="CASCADE"), primary_key=True)
    account_id: Mapped[BigInt] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    since: Mapped[datetime]


class PlanReview(Base):
    """A consultation that reviews a plan, with the plan's balance on that day."""

    __tablename__ = "plan_review"

    id: Mapped[Id]
    plan_id: Mapped[BigInt] = mapped_column(ForeignKey("plan.id"), index=True)
    consultation_id: Mapped[BigInt] = mapped_column(ForeignKey("consultation.id", ondelete="CASCADE"), unique=True)
    balance: Mapped[dict[str, Any]]  # numbers by the name of a state
    at: Mapped[datetime]


class PlanMovement(Base):
    """The yearly summary of a plan, as compiled. A preliminary one is replaced after the end of the year."""

    __tablename__ = "plan_movement"
    __table_args__ = (UniqueConstraint("plan_id", "year"),)

    id: Mapped[Id]
    plan_id: Mapped[BigInt] = mapped_column(ForeignKey("plan.id"))
    year: Mapped[int]
    content: Mapped[dict[str, Any]]
    at: Mapped[datetime]
