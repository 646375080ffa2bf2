"""Tables and columns of due process: reasons, policy, decisions, appeals, reports by readers, former ties."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, BigInt, Id


class Reason(StrEnum):
    """The built-in reasons. Administrators can add others and retire these; see ReasonCode."""

    PERSONAL_DETAILS = "personal_details"
    THIRD_PERSON = "third_person"
    HATE = "hate"
    OFF_TOPIC = "off_topic"
    REPEATED = "repeated"
    ILLEGAL = "illegal"
    UNCLEAR = "unclear"
    NOT_THEIRS = "not_theirs"


class ReasonCode(Base):
    """A reason for not publishing content as filed.

    Shown to the author and counted publicly. Retired instead of deleted. `name` and `meaning` are empty for built-in
    reasons, which are translated: see reasons.py.
    """

    __tablename__ = "reason"

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    meaning: Mapped[str]
    position: Mapped[int]
    retired_at: Mapped[datetime | None]  # no longer to be chosen; what was decided with it keeps it


class PolicyVersion(Base):
    """A moderation policy written by an administrator, from number 2 on (1 comes with Consult).

    Not changed once published.
    """

    __tablename__ = "policy_version"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    texts: Mapped[dict[str, Any]]  # Markdown by language
    appeal_days: Mapped[int]
    promise_days: Mapped[int]  # working days within which what is filed is read
    change: Mapped[str]  # what is new, and why
    account_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]


class AppealOutcome(StrEnum):
    """The end of an appeal. Values are stored, and sealed with their rows: only names may change."""

    REJECTED = "upheld"  # the decision is unchanged
    ACCEPTED = "overturned"
    LAPSED = "lapsed"  # its author changed or withdrew the statement first


class ReportKind(StrEnum):
    DETAILS = "details"
    PERSON = "person"
    HATE = "hate"
    ILLEGAL = "illegal"
    NOT_MINE = "not_mine"
    OTHER = "other"


class ReportOutcome(StrEnum):
    KEPT = "kept"
    HIDDEN = "hidden"  # some of its words
    WITHHELD = "withheld"
    LAPSED = "lapsed"  # its author changed or withdrew it first


class DecisionEnd(StrEnum):
    """The end of a decision. Without one, it can still be undone."""

    TOOK_EFFECT = "took_effect"
    TAKEN_BACK = "taken_back"  # by who made it, within the time for that
    OVERTAKEN = "overtaken"  # its author changed or withdrew the statement first


class Outcome(StrEnum):
    """The outcome of a decision on a statement, or on an appeal against such a decision."""

    PUBLISH = "publish"
    RETURN = "return"
    WITHHOLD = "withhold"
    WITHDRAW = "withdraw"  # what was public, for breaking the rules
    RETRACT = "retract"  # what was public, as its publisher has withdrawn the source
    REJECT_APPEAL = "uphold"  # the decision is unchanged; the values are older than the names
    ACCEPT_APPEAL = "overturn"
    KEEP = "keep"  # what a reader reported: it stays public


HELD_OUTCOMES = (Outcome.RETURN, Outcome.WITHHOLD, Outcome.WITHDRAW, Outcome.RETRACT)
"""Outcomes that an author can appeal against."""


class DecisionColumns:
    """Columns of a moderator's decision on a statement. The table of each package adds `item_id`.

    Without `due_at` it waits for a second person; otherwise it takes effect at that time and can be undone before.
    `ended` is its end. `mark` identifies the text that was read.
    """

    id: Mapped[Id]
    item_id: Mapped[BigInt]
    moderator_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id"))
    second_id: Mapped[BigInt | None] = mapped_column(ForeignKey("account.id"))
    outcome: Mapped[Outcome]
    reason: Mapped[str | None] = mapped_column(ForeignKey("reason.code"))
    note: Mapped[str]  # to the author, or to readers who reported it
    mark: Mapped[str]
    policy: Mapped[int]  # the number of its version that held then
    at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    ended: Mapped[DecisionEnd | None]
    ended_at: Mapped[datetime | None]


def list_decision_constraints(table: str, item: str) -> tuple[CheckConstraint | Index, ...]:
    """Return the constraints of each decision table: two different people, and one open decision per statement."""
    return (
        CheckConstraint("second_id <> moderator_id", name="two_are_two"),
        Index(f"uq_{table}_open", item, unique=True, postgresql_where="ended IS NULL"),
        Index(f"ix_{table}_item", item, "id"),
        Index(f"ix_{table}_due", "due_at", postgresql_where="ended IS NULL"),
    )


class AppealColumns:
    """Columns of an author's appeal, one per decision. It does not change after it is closed.

    A package adds `decision_id`, and either `item_id` and `words` or, for submissions, words that erasure destroys.
    """

    id: Mapped[Id]
    received_at: Mapped[datetime]
    outcome: Mapped[AppealOutcome | None]
    answered_at: Mapped[datetime | None]
    moderator_id: Mapped[BigInt | None] = mapped_column(ForeignKey("account.id"))
    answer: Mapped[str] = mapped_column(default="")  # the reasons, to the author


class ReaderReportColumns:
    """Columns of a reader's report on published content.

    `words` and `contact` are encrypted, and deleted with the answer. A package adds `item_id`.
    """

    id: Mapped[Id]
    kind: Mapped[ReportKind]
    key: Mapped[bytes] = mapped_column(unique=True)  # of the form: sent twice it is one report
    salt: Mapped[bytes | None]
    words: Mapped[bytes | None]
    contact: Mapped[bytes | None]
    language: Mapped[str]  # to write to them in
    received_at: Mapped[datetime]
    outcome: Mapped[ReportOutcome | None]
    answered_at: Mapped[datetime | None]
    moderator_id: Mapped[BigInt | None] = mapped_column(ForeignKey("account.id"))
    answer: Mapped[str] = mapped_column(default="")


def list_recourse_indexes(table: str, item: str) -> tuple[Index, ...]:
    """Return the indexes of each table of appeals or readers' reports."""
    return (
        Index(f"ix_{table}_item", item, "id"),
        Index(f"ix_{table}_open", "received_at", "id", postgresql_where="outcome IS NULL"),
    )


class FormerTie(Base):
    """A past membership of an organisation or body, with its end. Written by triggers."""

    __tablename__ = "former_tie"
    __table_args__ = (
        CheckConstraint("(organisation_id IS NULL) <> (body_id IS NULL)", name="one_of_two"),
        Index("ix_former_tie_account", "account_id"),
        Index("ix_former_tie_ended", "ended_at"),
    )

    id: Mapped[Id]
    account_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    organisation_id: Mapped[BigInt | None] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"))
    body_id: Mapped[BigInt | None] = mapped_column(ForeignKey("body.id", ondelete="CASCADE"))
    ended_at: Mapped[datetime]


class FormerName(Base):
    """A former name of an organisation or body, or of a body merged into it. Written by triggers."""

    __tablename__ = "former_name"
    __table_args__ = (
        CheckConstraint("(organisation_id IS NULL) <> (body_id IS NULL)", name="one_of_two"),
        Index("ix_former_name_organisation", "organisation_id"),
        Index("ix_former_name_body", "body_id"),
    )

    id: Mapped[Id]
    organisation_id: Mapped[BigInt | None] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"))
    body_id: Mapped[BigInt | None] = mapped_column(ForeignKey("body.id", ondelete="CASCADE"))
    name: Mapped[str]
    until: Mapped[datetime]
