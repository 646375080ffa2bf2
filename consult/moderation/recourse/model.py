"""Tables for appeals, content reports, pending answers, hold rules and statistics."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, BigInt, Id
from consult.decisions.model import AppealColumns, DecisionEnd, ReaderReportColumns


class Appeal(AppealColumns, Base):
    """An author's appeal against one decision, at most one for each. It does not change after it is closed.

    The text is sealed with the submission's salt, so erasing the submission makes it unreadable.
    """

    __tablename__ = "appeal"
    __table_args__ = (
        Index("ix_appeal_open", "received_at", "id", postgresql_where=text("outcome IS NULL")),
        Index("ix_appeal_submission", "submission_id", "id"),
    )

    submission_id: Mapped[BigInt] = mapped_column(ForeignKey("submission.id"))
    decision_id: Mapped[BigInt] = mapped_column(ForeignKey("decision.id"), unique=True)
    revision: Mapped[int]  # of the submission: an author who changes it first ends the appeal
    sealed: Mapped[bytes]
    result_id: Mapped[BigInt | None] = mapped_column(ForeignKey("decision.id"))  # the decision that took its place


class SenderCheck(StrEnum):
    """The reply of a submission's e-mail address to the question whether its owner sent it."""

    ASKED = "asked"
    MINE = "mine"
    NOT_MINE = "not_mine"
    NO_ADDRESS = "no_address"


class Report(ReaderReportColumns, Base):
    """A reader's report on a published submission, or on a comment or evidence in it."""

    __tablename__ = "report"
    __table_args__ = (
        Index("ix_report_open", "received_at", "id", postgresql_where=text("outcome IS NULL")),
        Index("ix_report_submission", "submission_id", "id"),
    )

    submission_id: Mapped[BigInt] = mapped_column(ForeignKey("submission.id"))
    comment_id: Mapped[BigInt | None] = mapped_column(ForeignKey("comment.id", ondelete="SET NULL"), index=True)
    evidence_id: Mapped[BigInt | None] = mapped_column(ForeignKey("evidence.id", ondelete="SET NULL"), index=True)
    checked: Mapped[SenderCheck | None]


class RecourseOutcome(StrEnum):
    """A moderator's answer to an appeal, or to the reports on a submission."""

    REJECTED = "upheld"  # values as of AppealOutcome
    ACCEPTED = "overturned"
    KEPT = "kept"
    HIDDEN = "hidden"


class RecourseAnswer(Base):
    """An answer to an appeal, or to the reports on a submission, given on a page. It takes effect at `due_at`.

    Without `due_at` it waits for a second person, because the decision it would change was made by two. Until then it
    can be undone, and the appeal and reports remain open.
    """

    __tablename__ = "recourse_answer"
    __table_args__ = (
        CheckConstraint("(appeal_id IS NULL) = (reports IS NOT NULL)", name="one_of_two"),
        Index("uq_recourse_answer_open", "submission_id", unique=True, postgresql_where=text("ended IS NULL")),
        Index("ix_recourse_answer_due", "due_at", "id", postgresql_where=text("ended IS NULL")),
    )

    id: Mapped[Id]
    submission_id: Mapped[BigInt] = mapped_column(ForeignKey("submission.id"))
    appeal_id: Mapped[BigInt | None] = mapped_column(ForeignKey("appeal.id"))
    reports: Mapped[list[Any] | None]  # the numbers of those that were read; later ones wait on
    moderator_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id"))
    outcome: Mapped[RecourseOutcome]
    words: Mapped[str]  # to the author, or to whoever reported it
    redactions: Mapped[list[Any] | None]  # as of a decision
    at: Mapped[datetime]
    second_id: Mapped[BigInt | None] = mapped_column(ForeignKey("account.id"))  # who agreed to it
    due_at: Mapped[datetime | None]
    ended: Mapped[DecisionEnd | None]
    ended_at: Mapped[datetime | None]


class HoldRuleKind(StrEnum):
    WORDS = "words"
    PATTERN = "pattern"


class HoldRule(Base):
    """A rule of the consultation owner that sends submissions to manual review. It can be retired, but not edited."""

    __tablename__ = "hold_rule"
    __table_args__ = (Index("ix_hold_rule_in_use", "consultation_id", postgresql_where=text("retired_at IS NULL")),)

    id: Mapped[Id]
    consultation_id: Mapped[BigInt] = mapped_column(ForeignKey("consultation.id"))
    name: Mapped[str]
    kind: Mapped[HoldRuleKind]
    text: Mapped[str]
    account_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


class ProcessCount(Base):
    """The number of decisions of a kind by dimension, counted from the ledger. An empty dimension means none."""

    __tablename__ = "process_count"

    consultation_id: Mapped[BigInt] = mapped_column(primary_key=True, autoincrement=False)
    what: Mapped[str] = mapped_column(primary_key=True)  # see counting.py
    queue: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str] = mapped_column(primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)
    stance: Mapped[str] = mapped_column(primary_key=True)
    n: Mapped[BigInt]


class ProcessTime(Base):
    """The number of first decisions by duration. `step` is on a logarithmic scale: see statistics/service.py."""

    __tablename__ = "process_time"

    consultation_id: Mapped[BigInt] = mapped_column(primary_key=True, autoincrement=False)
    step: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    n: Mapped[BigInt]
