"""Tables of answers, their earlier versions, assignments, and e-mails about them."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, BigInt, Id


class AnswerOutcome(StrEnum):
    """The outcome of an argument."""

    ACCEPTED = "accepted"
    IN_PART = "in_part"
    NOT_ACCEPTED = "not_accepted"
    OUT_OF_SCOPE = "out_of_scope"
    DEFERRED = "deferred"


_DEFERRED = "(outcome = 'deferred') = (due_on IS NOT NULL)"


class AnswerContent:
    """The content of an answer. `version_id` is the version in which the linked provision changed."""

    outcome: Mapped[AnswerOutcome]
    reasons: Mapped[str]
    due_on: Mapped[date | None]  # end of the deferral, for deferred answers
    version_id: Mapped[BigInt | None] = mapped_column(ForeignKey("version.id"))
    # For a removed provision, that of the version before.
    provision_id: Mapped[BigInt | None] = mapped_column(ForeignKey("provision.id"))
    account_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id"))
    text_suffices: Mapped[bool] = mapped_column(default=False, server_default="false")
    """Whether the change in the draft is the only consequence."""


class Response(AnswerContent, Base):
    """The current answer to an argument. `revision` detects concurrent edits.

    It stays with its argument. If that is merged into another, the answer is shown there.
    """

    __tablename__ = "response"
    __table_args__ = (
        CheckConstraint("reasons <> ''", name="gives_reasons"),
        CheckConstraint(_DEFERRED, name="deferred_until"),
        Index("ix_response_lately", "answered_at", "id"),
        Index("ix_response_consultation_id", "consultation_id"),
        Index("ix_response_body", "body_id", "answered_at"),
        Index("ix_response_words", text("words_in_languages(reasons)"), postgresql_using="gin"),
    )

    id: Mapped[Id]
    consultation_id: Mapped[BigInt] = mapped_column(ForeignKey("consultation.id"))
    argument_id: Mapped[BigInt] = mapped_column(ForeignKey("argument.id"), unique=True)
    answered_at: Mapped[datetime]  # when the outcome was decided. For a deferred answer, when it was finally answered
    said_at: Mapped[datetime]  # time of the last change, or of the answer itself
    body_id: Mapped[BigInt | None] = mapped_column(ForeignKey("body.id"))  # the answering body
    promised_for: Mapped[date | None]  # due date: the promised date, or that of the deferral before it
    lateness: Mapped[str | None]  # the body's explanation of its lateness, in one line
    revision: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": revision}

    @property
    def token(self) -> str:
        """Return the token of this revision, for comparison with a form."""
        return f"{self.id}.{self.revision}"


class ResponseFormer(AnswerContent, Base):
    """An earlier answer, valid from `said_at` until `replaced_at`. A trigger refuses to change or delete one."""

    __tablename__ = "response_former"
    __table_args__ = (Index("ix_response_former_response", "response_id", "id"),)

    id: Mapped[Id]
    response_id: Mapped[BigInt] = mapped_column(ForeignKey("response.id"))
    said_at: Mapped[datetime]
    replaced_at: Mapped[datetime]


class ResponseAction(Base):
    """The action promised in an accepted answer. Answers given together share one action."""

    __tablename__ = "response_action"

    response_id: Mapped[BigInt] = mapped_column(ForeignKey("response.id"), primary_key=True)
    action_id: Mapped[BigInt] = mapped_column(ForeignKey("action.id"), index=True)


class ActionOccasion(StrEnum):
    """The occasion of an e-mail about a promised action."""

    DONE = "done"
    OVERDUE = "overdue"


class ActionNews(Base):
    """The record that participants are notified of a promised action on one occasion."""

    __tablename__ = "action_news"

    action_id: Mapped[BigInt] = mapped_column(ForeignKey("action.id"), primary_key=True)
    occasion: Mapped[ActionOccasion] = mapped_column(primary_key=True)
    due_on: Mapped[date] = mapped_column(primary_key=True)  # due date of the action at that time
    made_at: Mapped[datetime]


class ActionNotice(Base):
    """A pending e-mail about an action. The row is deleted when the e-mail is created."""

    __tablename__ = "action_notice"

    action_id: Mapped[BigInt] = mapped_column(ForeignKey("action.id"), primary_key=True)
    occasion: Mapped[ActionOccasion] = mapped_column(primary_key=True)
    recipient: Mapped[bytes] = mapped_column(primary_key=True)  # the blind index of an address
    submission_id: Mapped[BigInt] = mapped_column(ForeignKey("submission.id"))
    argument_id: Mapped[BigInt] = mapped_column(ForeignKey("argument.id"))


class Obligation(Base):
    """The assignment of an argument. Without one, the consultation's owner answers."""

    __tablename__ = "obligation"
    __table_args__ = (Index("ix_obligation_owner", "owner_id"), Index("ix_obligation_body", "body_id"))

    argument_id: Mapped[BigInt] = mapped_column(ForeignKey("argument.id"), primary_key=True)
    owner_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id"))
    given_by: Mapped[BigInt] = mapped_column(ForeignKey("account.id"))
    given_at: Mapped[datetime]
    told_at: Mapped[datetime | None]  # when the assigned person was notified
    body_id: Mapped[BigInt | None] = mapped_column(ForeignKey("body.id"))  # another body that answers


class ResponseBeside(Base):
    """The view of another body of a joint consultation, shown below the answer and not merged with it."""

    __tablename__ = "response_beside"
    __table_args__ = (CheckConstraint("reasons <> ''", name="gives_reasons"),)

    argument_id: Mapped[BigInt] = mapped_column(ForeignKey("argument.id"), primary_key=True)
    body_id: Mapped[BigInt] = mapped_column(ForeignKey("body.id"), primary_key=True)
    outcome: Mapped[AnswerOutcome]
    reasons: Mapped[str]
    account_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id"))
    said_at: Mapped[datetime]


class ResponseReminder(Base):
    """A day on which reminders were sent: at most one e-mail to each person."""

    __tablename__ = "response_reminder"

    day: Mapped[date] = mapped_column(primary_key=True)  # in UTC
    made_at: Mapped[datetime]


class ResponseDraft(Base):
    """An unpublished draft of an answer, as encrypted JSON: see responses/drafts.py."""

    __tablename__ = "response_draft"
    __table_args__ = (Index("ix_response_draft_account", "account_id"),)

    argument_id: Mapped[BigInt] = mapped_column(ForeignKey("argument.id"), primary_key=True)
    account_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id"), primary_key=True)
    sealed: Mapped[bytes]
    saved_at: Mapped[datetime]


class ResponseRound(Base):
    """E-mails about the answers in the ledger entries `[since, until)`: at most one round a day for a consultation."""

    __tablename__ = "response_round"
    __table_args__ = (
        UniqueConstraint("consultation_id", "day"),  # the scheduler may run twice
        UniqueConstraint("consultation_id", "since"),
    )

    id: Mapped[Id]
    consultation_id: Mapped[BigInt] = mapped_column(ForeignKey("consultation.id"))
    day: Mapped[date]  # in the consultation's time zone
    since: Mapped[BigInt]
    until: Mapped[BigInt]
    made_at: Mapped[datetime]


class ResponseNotice(Base):
    """A pending e-mail of a round: the blind index of its address, and the arguments it is about.

    The row is deleted when the e-mail is created.
    """

    __tablename__ = "response_notice"

    round_id: Mapped[BigInt] = mapped_column(ForeignKey("response_round.id"), primary_key=True)
    recipient: Mapped[bytes] = mapped_column(primary_key=True)
    submission_id: Mapped[BigInt] = mapped_column(ForeignKey("submission.id"))  # their latest submission
    arguments: Mapped[list[Any]]  # ids of the answered arguments with their words
