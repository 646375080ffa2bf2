"""Tables of moderation: decisions, the queue and batches."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, BigInt, Id
from consult.decisions.model import DecisionEnd


class DecisionOutcome(StrEnum):
    PUBLISH = "publish"
    RETURN = "return"
    WITHHOLD = "withhold"


class Queue(StrEnum):
    """The queue of a waiting submission. Each is in exactly one."""

    NEW = "new"
    HELD = "held"
    SAME = "same"
    FILES = "files"
    SECOND = "second"
    APPEALS = "appeals"
    REPORTED = "reported"
    RETURNED = "returned"
    ASIDE = "aside"  # decided just now, and not listed until the decision takes effect


class Decision(Base):
    """A moderator's decision on one revision of a submission.

    With `due_at` it takes effect then and can be undone until then. `ended` is its outcome. Other columns do not
    change, except that erasure deletes texts.
    """

    __tablename__ = "decision"
    __table_args__ = (
        CheckConstraint("outcome = 'publish' OR reason IS NOT NULL", name="reason_unless_published"),
        Index("ix_decision_submission", "submission_id", "id"),
        Index("ix_decision_due", "due_at", postgresql_where="ended IS NULL"),
        Index("uq_decision_open", "submission_id", unique=True, postgresql_where="ended IS NULL"),
        Index("ix_decision_moderator", "moderator_id", "id"),
    )

    id: Mapped[Id]
    submission_id: Mapped[BigInt] = mapped_column(ForeignKey("submission.id"))
    revision: Mapped[int]  # revision of the submission that was read
    moderator_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id"))
    second_id: Mapped[BigInt | None] = mapped_column(ForeignKey("account.id"))  # second reader
    batch_id: Mapped[BigInt | None] = mapped_column(ForeignKey("batch.id"), index=True)
    policy: Mapped[int] = mapped_column(server_default="1")  # version of the policy in force
    queue: Mapped[Queue | None]  # where the submission waited
    outcome: Mapped[DecisionOutcome]
    reason: Mapped[str | None] = mapped_column(ForeignKey("reason.code"))
    note: Mapped[str]  # for the author
    internal_note: Mapped[str] = mapped_column(server_default="")  # for moderators
    redactions: Mapped[list[Any] | None]  # [{"comment", "start", "end", "reason"}], in characters of the comment's body
    at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    ended: Mapped[DecisionEnd | None]
    ended_at: Mapped[datetime | None]


class QueueEntry(Base):
    """A waiting submission with the findings of the checks. Derived from the ledger: see waiting_list.py.

    `turn` orders a queue: the time of first receipt, or some hours later for a text that looks offensive, so the score
    can only delay it a little. `received_at` is the start of the current wait. A submission changed by its author keeps
    its turn, but the promised time restarts when it is sent in again. `home` is the queue to return to from SECOND and
    ASIDE.
    """

    __tablename__ = "waiting"
    __table_args__ = (
        Index("ix_waiting_turn", "queue", "turn", "submission_id"),
        Index("ix_waiting_received", "queue", "received_at"),
        Index("ix_waiting_consultation", "consultation_id", "queue", "turn", "submission_id"),
        Index("ix_waiting_text", "consultation_id", "text_hash"),
        Index("ix_waiting_few", "consultation_id", "text_hash", postgresql_where="same < 100"),
        Index("ix_waiting_claimed", "claimed_until", postgresql_where="claimed_by IS NOT NULL"),
    )

    submission_id: Mapped[BigInt] = mapped_column(ForeignKey("submission.id"), primary_key=True)
    consultation_id: Mapped[BigInt]
    queue: Mapped[Queue]
    home: Mapped[Queue]
    turn: Mapped[datetime]
    received_at: Mapped[datetime]
    revision: Mapped[int]  # the revision examined
    text_hash: Mapped[bytes]
    language: Mapped[str]
    stances: Mapped[str]  # comma-separated
    place: Mapped[str]  # number of the first commented paragraph
    comments: Mapped[int]
    same: Mapped[int]  # submissions with exactly this text, itself included, up to a limit
    score: Mapped[int]
    found: Mapped[list[Any]]  # codes of the findings: see checks/
    claimed_by: Mapped[BigInt | None] = mapped_column(ForeignKey("account.id"))
    claimed_until: Mapped[datetime | None]


class SavedFilter(Base):
    """A saved queue filter of a moderator."""

    __tablename__ = "saved_filter"
    __table_args__ = (UniqueConstraint("account_id", "name"),)

    id: Mapped[Id]
    account_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id"))
    name: Mapped[str]
    query: Mapped[dict[str, Any]]


class ModeratorSeat(Base):
    """An assignment of a moderator to a consultation, a language or both. Without one, everything is assigned.

    It sets the default filter and the recipients of the daily summary, and restricts nothing: see docs/decisions/0013.
    """

    __tablename__ = "moderator_seat"
    __table_args__ = (
        UniqueConstraint("account_id", "consultation_id", "language", postgresql_nulls_not_distinct=True),
    )

    id: Mapped[Id]
    account_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    consultation_id: Mapped[BigInt | None] = mapped_column(
        ForeignKey("consultation.id", ondelete="CASCADE"), index=True
    )
    language: Mapped[str]  # empty means any language


class CalendarSettings(Base):
    """The moderators' working calendar and the day of the last summary. At most one row."""

    __tablename__ = "moderation_desk"

    id: Mapped[BigInt] = mapped_column(primary_key=True, autoincrement=False)
    weekdays: Mapped[str]  # "12345": Monday is 1
    closed: Mapped[dict[str, Any]]  # days without work, as ISO dates with their names
    zone: Mapped[str]
    told_on: Mapped[date | None]  # the day of the last summary


class BatchProgress(StrEnum):
    """The state of a batch."""

    SECOND_READER = "second_reader"  # waits for confirmation by a second person
    DUE = "due"  # takes effect in the background at `due_at`, and can be undone until then
    RUNNING = "running"
    DONE = "done"
    REFUSED = "refused"  # by the second reader
    TAKEN_BACK = "taken_back"


_OPEN = "progress IN ('second_reader', 'due', 'running')"


class Batch(Base):
    """A decision on several submissions, or on one that needs a second reader."""

    __tablename__ = "batch"
    __table_args__ = (Index("ix_batch_open", "progress", "id", postgresql_where=_OPEN),)

    id: Mapped[Id]
    outcome: Mapped[DecisionOutcome]
    reason: Mapped[str | None] = mapped_column(ForeignKey("reason.code"))
    note: Mapped[str]
    internal_note: Mapped[str]
    redactions: Mapped[list[Any] | None]  # only if the batch has one submission
    moderator_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id"))
    proposed_at: Mapped[datetime]
    progress: Mapped[BatchProgress]
    second_id: Mapped[BigInt | None] = mapped_column(ForeignKey("account.id"))
    answered_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(server_default="")  # the second reader's
    due_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    # The campaign whose copies these are.
    campaign_id: Mapped[BigInt | None] = mapped_column(ForeignKey("campaign.id"), index=True)


class BatchItemResult(StrEnum):
    DECIDED = "decided"
    CHANGED = "changed"  # changed or decided meanwhile, so left unchanged
    OWN = "own"  # filed by the decider or second reader, so left to others


class BatchItem(Base):
    """A submission in a batch at the revision read.

    `result` is set once it is handled, so a stopped run can continue.
    """

    __tablename__ = "batch_item"
    __table_args__ = (Index("ix_batch_item_open", "batch_id", "submission_id", postgresql_where="result IS NULL"),)

    batch_id: Mapped[BigInt] = mapped_column(ForeignKey("batch.id"), primary_key=True)
    submission_id: Mapped[BigInt] = mapped_column(ForeignKey("submission.id"), primary_key=True)
    revision: Mapped[int]
    result: Mapped[BatchItemResult | None]


class LetterDecision(Base):
    """The decision on a campaign letter that later copies follow. The newest counts."""

    __tablename__ = "letter_decision"
    __table_args__ = (
        Index("uq_letter_decision_stands", "campaign_id", unique=True, postgresql_where="ended_at IS NULL"),
    )

    id: Mapped[Id]
    campaign_id: Mapped[BigInt] = mapped_column(ForeignKey("campaign.id"))
    batch_id: Mapped[BigInt] = mapped_column(ForeignKey("batch.id"))
    ended_at: Mapped[datetime | None]  # afterwards copies are read individually
