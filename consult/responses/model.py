"""Tables of answers, their earlier versions, assignments, and letters about them."""

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
    """The content of an answer. `version_id` is the version in which the words of the provision changed."""

    outcome: Mapped[AnswerOutcome]
    reasons: Mapped[str]
    due_on: Mapped[date | None]  # of what is deferred: until when
    version_id: Mapped[BigInt | None] = mapped_column(ForeignKey("version.id"))
    provision_id: Mapped[BigInt | None] = mapped_column(ForeignKey("provision.id"))  # removed: of the version before
    account_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id"))
    text_suffices: Mapped[bool] = mapped_column(default=False, server_default="false")
    """Whether the change in the draft is all that it leads to."""


class Response(AnswerContent, Base):
    """The current answer to an argument. `revision` guards against two people writing at once.

    It stays with its argument: where that is merged into another, it is shown with that one.
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
    answered_at: Mapped[datetime]  # when its outcome was decided: what was deferred is answered when it is
    said_at: Mapped[datetime]  # when it was last changed; else when it was given
    body_id: Mapped[BigInt | None] = mapped_column(ForeignKey("body.id"))  # whose answer it is
    promised_for: Mapped[date | None]  # the day it was owed on: of the promise, or of the deferral before it
    lateness: Mapped[str | None]  # what its body says of why it came late, in one line
    revision: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": revision}

    @property
    def token(self) -> str:
        """The token of the answer that a form has seen."""
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
    """The action that an accepted answer leads to. Answers that were given together lead to the same one."""

    __tablename__ = "response_action"

    response_id: Mapped[BigInt] = mapped_column(ForeignKey("response.id"), primary_key=True)
    action_id: Mapped[BigInt] = mapped_column(ForeignKey("action.id"), index=True)


class ActionOccasion(StrEnum):
    """What those whose words led to an action are told once more."""

    DONE = "done"
    OVERDUE = "overdue"


class ActionNews(Base):
    """That contributors are told of an action that an answer promised: when it is overdue, and when it is done."""

    __tablename__ = "action_news"

    action_id: Mapped[BigInt] = mapped_column(ForeignKey("action.id"), primary_key=True)
    occasion: Mapped[ActionOccasion] = mapped_column(primary_key=True)
    due_on: Mapped[date] = mapped_column(primary_key=True)  # the day that it was about
    made_at: Mapped[datetime]


class ActionNotice(Base):
    """A letter about an action that is not written yet; the row goes with the transaction that writes the letter."""

    __tablename__ = "action_notice"

    action_id: Mapped[BigInt] = mapped_column(ForeignKey("action.id"), primary_key=True)
    occasion: Mapped[ActionOccasion] = mapped_column(primary_key=True)
    recipient: Mapped[bytes] = mapped_column(primary_key=True)  # the blind index of an address
    submission_id: Mapped[BigInt] = mapped_column(ForeignKey("submission.id"))
    argument_id: Mapped[BigInt] = mapped_column(ForeignKey("argument.id"))


class Obligation(Base):
    """The person who is to answer an argument; without one, the consultation's owner."""

    __tablename__ = "obligation"
    __table_args__ = (Index("ix_obligation_owner", "owner_id"), Index("ix_obligation_body", "body_id"))

    argument_id: Mapped[BigInt] = mapped_column(ForeignKey("argument.id"), primary_key=True)
    owner_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id"))
    given_by: Mapped[BigInt] = mapped_column(ForeignKey("account.id"))
    given_at: Mapped[datetime]
    told_at: Mapped[datetime | None]  # when a letter said so to who is to answer
    body_id: Mapped[BigInt | None] = mapped_column(ForeignKey("body.id"))  # another body that is to answer


class ResponseBeside(Base):
    """What another body of a joint consultation says to an argument: below the answer, never merged with it."""

    __tablename__ = "response_beside"
    __table_args__ = (CheckConstraint("reasons <> ''", name="gives_reasons"),)

    argument_id: Mapped[BigInt] = mapped_column(ForeignKey("argument.id"), primary_key=True)
    body_id: Mapped[BigInt] = mapped_column(ForeignKey("body.id"), primary_key=True)
    outcome: Mapped[AnswerOutcome]
    reasons: Mapped[str]
    account_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id"))
    said_at: Mapped[datetime]


class ResponseReminder(Base):
    """A day on which those who owe answers were written to: one letter to each at most."""

    __tablename__ = "response_reminder"

    day: Mapped[date] = mapped_column(primary_key=True)  # in UTC
    made_at: Mapped[datetime]


class ResponseDraft(Base):
    """An unpublished draft of an answer, encrypted: JSON, see responses/drafts.py."""

    __tablename__ = "response_draft"
    __table_args__ = (Index("ix_response_draft_account", "account_id"),)

    argument_id: Mapped[BigInt] = mapped_column(ForeignKey("argument.id"), primary_key=True)
    account_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id"), primary_key=True)
    sealed: Mapped[bytes]
    saved_at: Mapped[datetime]


class ResponseRound(Base):
    """Letters about the answers in the ledger's entries `[since, until)`: one round a day and consultation at most."""

    __tablename__ = "response_round"
    __table_args__ = (
        UniqueConstraint("consultation_id", "day"),  # the clock may tick twice
        UniqueConstraint("consultation_id", "since"),
    )

    id: Mapped[Id]
    consultation_id: Mapped[BigInt] = mapped_column(ForeignKey("consultation.id"))
    day: Mapped[date]  # on the clocks of the consultation's place
    since: Mapped[BigInt]
    until: Mapped[BigInt]
    made_at: Mapped[datetime]


class ResponseNotice(Base):
    """A letter of a round that is not written yet: to whom, as the blind index of an address, and about what.

    The row goes with the transaction that writes the letter.
    """

    __tablename__ = "response_notice"

    round_id: Mapped[BigInt] = mapped_column(ForeignKey("response_round.id"), primary_key=True)
    recipient: Mapped[bytes] = mapped_column(primary_key=True)
    submission_id: Mapped[BigInt] = mapped_column(ForeignKey("submission.id"))  # the last they filed
    arguments: Mapped[list[Any]]  # the numbers of the answered arguments that their words are in
