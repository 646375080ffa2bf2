"""Tables of moderation: decisions, reasons, the queue and batches."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, BigInt, Id


class DecisionOutcome(StrEnum):
    PUBLISH = "publish"
    RETURN = "return"
    WITHHOLD = "withhold"


class Reason(StrEnum):
    """The reasons that are there from the start. An administrator adds others and retires these; see ReasonCode."""

    PERSONAL_DETAILS = "personal_details"
    THIRD_PERSON = "third_person"
    HATE = "hate"
    OFF_TOPIC = "off_topic"
    REPEATED = "repeated"
    ILLEGAL = "illegal"
    UNCLEAR = "unclear"
    NOT_THEIRS = "not_theirs"


class ReasonCode(Base):
    """Why something is not published as it was filed. Shown to the author and counted in public; never deleted.

    `name` and `meaning` are empty for those there from the start: these are translated, see reasons.py.
    """

    __tablename__ = "reason"

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    meaning: Mapped[str]
    position: Mapped[int]
    retired_at: Mapped[datetime | None]  # no longer to be chosen; what was decided with it keeps it


class DecisionEnd(StrEnum):
    """The end of a decision. None yet: it can still be undone."""

    TOOK_EFFECT = "took_effect"
    TAKEN_BACK = "taken_back"  # by who made it, within the time for that
    OVERTAKEN = "overtaken"  # its author changed or withdrew the submission first


class Queue(StrEnum):
    """The queue of a waiting submission: exactly one."""

    NEW = "new"
    HELD = "held"
    SAME = "same"
    FILES = "files"
    SECOND = "second"
    APPEALS = "appeals"
    REPORTED = "reported"
    RETURNED = "returned"
    ASIDE = "aside"  # decided a moment ago: the decision takes effect shortly; in no list


class Decision(Base):
    """One moderator's decision about one revision of a submission.

    With `due_at` it takes effect then, and until then it can be taken back. `ended` says what became of it. Nothing
    else of it ever changes.
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
    revision: Mapped[int]  # of the submission that was read
    moderator_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id"))
    second_id: Mapped[BigInt | None] = mapped_column(ForeignKey("account.id"))  # who confirmed it
    batch_id: Mapped[BigInt | None] = mapped_column(ForeignKey("batch.id"), index=True)
    policy: Mapped[int] = mapped_column(server_default="1")  # the number of its version that held then
    queue: Mapped[Queue | None]  # where it waited
    outcome: Mapped[DecisionOutcome]
    reason: Mapped[str | None] = mapped_column(ForeignKey("reason.code"))
    note: Mapped[str]  # to the author
    internal_note: Mapped[str] = mapped_column(server_default="")  # for moderators
    redactions: Mapped[list[Any] | None]  # [{"comment", "start", "end", "reason"}], in characters of the comment's body
    at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    ended: Mapped[DecisionEnd | None]
    ended_at: Mapped[datetime | None]


class QueueEntry(Base):
    """A submission that waits, with what the checks found in it. Follows the ledger; see queue/service.py.

    `turn` orders a queue: when it was first received, or some hours later for what looks rough, so that its score can
    delay it a little and do nothing else. `received_at` is since when it waits here: what its author answers or changes
    keeps its turn, but the promise counts from when it was sent in again. `home` is the queue it comes back to from
    SECOND and ASIDE.
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
    revision: Mapped[int]  # that was looked at
    text_hash: Mapped[bytes]
    language: Mapped[str]
    stances: Mapped[str]  # with commas
    place: Mapped[str]  # number of the first paragraph it is about
    comments: Mapped[int]
    same: Mapped[int]  # how many submissions say exactly this, itself included, as far as is counted
    score: Mapped[int]
    found: Mapped[list[Any]]  # what the checks found: codes, see checks.py
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
    """An assignment of a moderator: a consultation, a language, or both. Without one a moderator has everything.

    A seat chooses what is shown first and whom the daily summary is for. It closes nothing: see decision 13.
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
    language: Mapped[str]  # empty: whatever the language


class CalendarSettings(Base):
    """The moderators' working calendar, and the day of the last summary. At most one row."""

    __tablename__ = "moderation_desk"

    id: Mapped[BigInt] = mapped_column(primary_key=True, autoincrement=False)
    weekdays: Mapped[str]  # "12345": Monday is 1
    closed: Mapped[dict[str, Any]]  # days without work, as ISO dates, and what they are called
    zone: Mapped[str]
    told_on: Mapped[date | None]  # the day for which the summary was written


class BatchProgress(StrEnum):
    """The progress of a batch."""

    SECOND_READER = "second_reader"  # nothing happens until somebody else confirms it
    DUE = "due"  # takes effect at `due_at`, in the background; until then it can be taken back
    RUNNING = "running"
    DONE = "done"
    REFUSED = "refused"  # by the second reader
    TAKEN_BACK = "taken_back"


_OPEN = "progress IN ('second_reader', 'due', 'running')"


class Batch(Base):
    """One decision on several submissions, or on one that needs a second reader."""

    __tablename__ = "batch"
    __table_args__ = (Index("ix_batch_open", "progress", "id", postgresql_where=_OPEN),)

    id: Mapped[Id]
    outcome: Mapped[DecisionOutcome]
    reason: Mapped[str | None] = mapped_column(ForeignKey("reason.code"))
    note: Mapped[str]
    internal_note: Mapped[str]
    redactions: Mapped[list[Any] | None]  # only of a batch of one
    moderator_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id"))
    proposed_at: Mapped[datetime]
    progress: Mapped[BatchProgress]
    second_id: Mapped[BigInt | None] = mapped_column(ForeignKey("account.id"))
    answered_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(server_default="")  # of the second reader
    due_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    campaign_id: Mapped[BigInt | None] = mapped_column(ForeignKey("campaign.id"), index=True)  # whose copies these are


class BatchItemResult(StrEnum):
    DECIDED = "decided"
    CHANGED = "changed"  # it was changed or decided meanwhile: left as it is
    OWN = "own"  # words of whoever decided or confirmed: left for others


class BatchItem(Base):
    """One submission of a batch, as it was read. `outcome` says what became of it: a run that stopped goes on."""

    __tablename__ = "batch_item"
    __table_args__ = (Index("ix_batch_item_open", "batch_id", "submission_id", postgresql_where="result IS NULL"),)

    batch_id: Mapped[BigInt] = mapped_column(ForeignKey("batch.id"), primary_key=True)
    submission_id: Mapped[BigInt] = mapped_column(ForeignKey("submission.id"), primary_key=True)
    revision: Mapped[int]
    result: Mapped[BatchItemResult | None]


class LetterDecision(Base):
    """The decision on a letter that many send: later copies follow it, and say so. The newest counts."""

    __tablename__ = "letter_decision"
    __table_args__ = (
        Index("uq_letter_decision_stands", "campaign_id", unique=True, postgresql_where="ended_at IS NULL"),
    )

    id: Mapped[Id]
    campaign_id: Mapped[BigInt] = mapped_column(ForeignKey("campaign.id"))
    batch_id: Mapped[BigInt] = mapped_column(ForeignKey("batch.id"))
    ended_at: Mapped[datetime | None]  # from then on copies are read again
