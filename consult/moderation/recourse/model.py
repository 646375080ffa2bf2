"""Tables of due process: policy versions, appeals, reports, hold rules, and their counts."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, BigInt, Id
from consult.moderation.model import DecisionEnd


class PolicyVersion(Base):
    """What an administrator has written on moderation, from number 2 on: 1 comes with Consult. Never changed."""

    __tablename__ = "policy_version"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    texts: Mapped[dict[str, Any]]  # Markdown by language
    appeal_days: Mapped[int]
    promise_days: Mapped[int]  # working days within which what is filed is read
    change: Mapped[str]  # what is new, and why
    account_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]


class AppealOutcome(StrEnum):
    UPHELD = "upheld"  # the decision stands
    OVERTURNED = "overturned"
    LAPSED = "lapsed"  # its author changed or withdrew the submission first


class Appeal(Base):
    """An author's wish that somebody else looks again at one decision: once for each. Closed, it never changes.

    The words are sealed under the submission's salt, so erasing the submission destroys them.
    """

    __tablename__ = "appeal"
    __table_args__ = (
        Index("ix_appeal_open", "received_at", "id", postgresql_where=text("outcome IS NULL")),
        Index("ix_appeal_submission", "submission_id", "id"),
    )

    id: Mapped[Id]
    submission_id: Mapped[BigInt] = mapped_column(ForeignKey("submission.id"))
    decision_id: Mapped[BigInt] = mapped_column(ForeignKey("decision.id"), unique=True)
    revision: Mapped[int]  # of the submission: an author who changes it first ends the appeal
    sealed: Mapped[bytes]
    received_at: Mapped[datetime]
    outcome: Mapped[AppealOutcome | None]
    answered_at: Mapped[datetime | None]
    moderator_id: Mapped[BigInt | None] = mapped_column(ForeignKey("account.id"))
    answer: Mapped[str] = mapped_column(server_default="")  # the reasons, to the author
    result_id: Mapped[BigInt | None] = mapped_column(ForeignKey("decision.id"))  # the decision that took its place


class ReportKind(StrEnum):
    DETAILS = "details"
    PERSON = "person"
    HATE = "hate"
    ILLEGAL = "illegal"
    NOT_MINE = "not_mine"
    OTHER = "other"


class SenderCheck(StrEnum):
    """The answer of a submission's address to a report that its owner did not send it."""

    ASKED = "asked"
    MINE = "mine"
    NOT_MINE = "not_mine"
    NO_ADDRESS = "no_address"


class ReportOutcome(StrEnum):
    KEPT = "kept"
    HIDDEN = "hidden"  # some of its words
    WITHHELD = "withheld"
    LAPSED = "lapsed"  # its author changed or withdrew it first


class Report(Base):
    """Somebody says that something published should not be. `words` and `contact` are sealed; answered, they go."""

    __tablename__ = "report"
    __table_args__ = (
        Index("ix_report_open", "received_at", "id", postgresql_where=text("outcome IS NULL")),
        Index("ix_report_submission", "submission_id", "id"),
    )

    id: Mapped[Id]
    submission_id: Mapped[BigInt] = mapped_column(ForeignKey("submission.id"))
    comment_id: Mapped[BigInt | None] = mapped_column(ForeignKey("comment.id", ondelete="SET NULL"), index=True)
    evidence_id: Mapped[BigInt | None] = mapped_column(ForeignKey("evidence.id", ondelete="SET NULL"), index=True)
    kind: Mapped[ReportKind]
    key: Mapped[bytes] = mapped_column(unique=True)  # of the form: sent twice it is one report
    salt: Mapped[bytes | None]
    words: Mapped[bytes | None]
    contact: Mapped[bytes | None]
    language: Mapped[str]  # to write to them in
    received_at: Mapped[datetime]
    checked: Mapped[SenderCheck | None]
    outcome: Mapped[ReportOutcome | None]
    answered_at: Mapped[datetime | None]
    moderator_id: Mapped[BigInt | None] = mapped_column(ForeignKey("account.id"))
    answer: Mapped[str] = mapped_column(server_default="")


class RecourseOutcome(StrEnum):
    """A moderator's answer to an appeal, or to the reports on a submission."""

    UPHELD = "upheld"
    OVERTURNED = "overturned"
    KEPT = "kept"
    HIDDEN = "hidden"


class RecourseAnswer(Base):
    """An answer to an appeal, or to the reports on a submission, given on a page: it takes effect at `due_at`.

    Without `due_at` it waits for a second person, as the decision it would overturn did.
    Until then it can be taken back, and the appeal and the reports wait as if nobody had answered.
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
    """An owner's rule for submissions that a person reads first. It never rejects. Not changed, but retired."""

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
    """How often something was decided, as the ledger says: one follower adds to it. Empty where there is none."""

    __tablename__ = "process_count"

    consultation_id: Mapped[BigInt] = mapped_column(primary_key=True, autoincrement=False)
    what: Mapped[str] = mapped_column(primary_key=True)  # see counting.py
    queue: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str] = mapped_column(primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)
    stance: Mapped[str] = mapped_column(primary_key=True)
    n: Mapped[BigInt]


class ProcessTime(Base):
    """How many submissions took how long to a first decision: `step` is of a growing scale; see counting.py."""

    __tablename__ = "process_time"

    consultation_id: Mapped[BigInt] = mapped_column(primary_key=True, autoincrement=False)
    step: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    n: Mapped[BigInt]
