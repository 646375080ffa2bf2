"""Tables of plans: actions, milestones, reports of both sides, who watches, reviews and yearly movements."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, BigInt, Id

MAX_TITLE_LENGTH, MAX_OWNER_LENGTH, MAX_WORDS_LENGTH, MAX_TEXT_LENGTH = 300, 200, 2_000, 1_000
MAX_LINKS, MAX_LINK_LENGTH, MAX_FILES = 5, 500, 5


class ActionPlan(Base):
    """What a body has adopted to do in a period. `revision` guards against two people writing at once."""

    __tablename__ = "plan"
    __table_args__ = (
        CheckConstraint("period_from <= period_to", name="period_in_order"),
        CheckConstraint("review_every BETWEEN 3 AND 60", name="review_in_five_years"),
        Index("ix_plan_body", "body_id"),
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


class PlanAction(Base):
    """What will be done, by whom, by when: of a plan, or promised by an answer, or both.

    Its state is never stored: state.py computes it from reports and the clock. `overdue_at` is when the ledger said so.
    """

    __tablename__ = "action"
    __table_args__ = (
        UniqueConstraint("plan_id", "number"),
        CheckConstraint("title <> ''", name="says_what"),
        CheckConstraint("owner_name <> ''", name="says_who"),
        CheckConstraint("begins_on <= due_on", name="begins_before"),
        Index("ix_action_owner", "owner_id"),
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
    due_on: Mapped[date]
    measured_by: Mapped[str] = mapped_column(default="")  # the indicators, as the plan words them
    assessed_by: Mapped[str] = mapped_column(default="")  # how data are collected and assessed
    cost: Mapped[str] = mapped_column(default="")
    moved: Mapped[list[Any]] = mapped_column(default=list)  # earlier days: {"was", "at"}, the first first
    created_at: Mapped[datetime]
    overdue_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]  # when the government first said so
    revision: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": revision}


class ActionMilestone(Base):
    """A step of an action with a day of its own."""

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
    """What one side says of an action. Source of the scale: the independent reports of the OGP, with days."""

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
    """What one side said of an action on a day. A trigger keeps its words; only the decision on it is added.

    The last published one of a government, and of each organisation, counts; earlier ones stay to be read. One that
    waits can be taken back: its row goes.
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


class ActionReportFile(Base):
    """A file that shows what a report says; one that was taken away leaves its day.

    `ActionReport.files` has its SHA-256 sealed with `salt`: without the salt nobody can tell a file by that.
    """

    __tablename__ = "action_report_file"
    __table_args__ = (
        UniqueConstraint("file_id"),
        CheckConstraint("position >= 0", name="counted"),
        CheckConstraint(
            "(file_id IS NULL) = (taken_at IS NOT NULL) AND (salt IS NULL) = (taken_at IS NOT NULL)",
            name="there_or_taken",
        ),
    )

    report_id: Mapped[BigInt] = mapped_column(ForeignKey("action_report.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)  # from 0
    file_id: Mapped[BigInt | None] = mapped_column(ForeignKey("stored_file.id"))
    salt: Mapped[bytes | None]
    taken_at: Mapped[datetime | None]


class ActionWatch(Base):
    """Somebody with an account who is written to when an action is done, dropped or overdue."""

    __tablename__ = "action_watch"

    action_id: Mapped[BigInt] = mapped_column(ForeignKey("action.id", ondelete="CASCADE"), primary_key=True)
    account_id: Mapped[BigInt] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    since: Mapped[datetime]


class PlanReview(Base):
    """A consultation that was opened to review a plan, with the balance of that day."""

    __tablename__ = "plan_review"

    id: Mapped[Id]
    plan_id: Mapped[BigInt] = mapped_column(ForeignKey("plan.id"), index=True)
    consultation_id: Mapped[BigInt] = mapped_column(ForeignKey("consultation.id", ondelete="CASCADE"), unique=True)
    balance: Mapped[dict[str, Any]]  # numbers by the name of a state
    at: Mapped[datetime]


class PlanMovement(Base):
    """What moved in a plan in a year: compiled once by the clock, never changed."""

    __tablename__ = "plan_movement"
    __table_args__ = (UniqueConstraint("plan_id", "year"),)

    id: Mapped[Id]
    plan_id: Mapped[BigInt] = mapped_column(ForeignKey("plan.id"))
    year: Mapped[int]
    content: Mapped[dict[str, Any]]
    at: Mapped[datetime]
