"""Answers to arguments, what they said before, who owes them, and the letters that tell of them."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, Big, Id


class Outcome(StrEnum):
    """What an argument came to."""

    ACCEPTED = "accepted"
    IN_PART = "in_part"
    NOT_ACCEPTED = "not_accepted"
    OUT_OF_SCOPE = "out_of_scope"
    DEFERRED = "deferred"


_DEFERRED = "(outcome = 'deferred') = (due_on IS NOT NULL)"


class Said:
    """What an answer says. `version_id` is the version of the draft in which the words of the provision changed."""

    outcome: Mapped[Outcome]
    reasons: Mapped[str]
    due_on: Mapped[date | None]  # of what is deferred: until when
    version_id: Mapped[Big | None] = mapped_column(ForeignKey("version.id"))
    provision_id: Mapped[Big | None] = mapped_column(ForeignKey("provision.id"))  # removed: of the version before
    account_id: Mapped[Big] = mapped_column(ForeignKey("account.id"))


class Response(Said, Base):
    """The answer to an argument as it stands. `revision` guards against two people writing at once.

    It stays with its argument: where that is merged into another, it is shown with that one.
    """

    __tablename__ = "response"
    __table_args__ = (
        CheckConstraint("reasons <> ''", name="gives_reasons"),
        CheckConstraint(_DEFERRED, name="deferred_until"),
        Index("ix_response_lately", "answered_at", "id"),
        Index("ix_response_consultation_id", "consultation_id"),
    )

    id: Mapped[Id]
    consultation_id: Mapped[Big] = mapped_column(ForeignKey("consultation.id"))
    argument_id: Mapped[Big] = mapped_column(ForeignKey("argument.id"), unique=True)
    answered_at: Mapped[datetime]
    said_at: Mapped[datetime]  # when it was last changed; else when it was given
    revision: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": revision}

    @property
    def token(self) -> str:
        """What a form says it has seen."""
        return f"{self.id}.{self.revision}"


class ResponseFormer(Said, Base):
    """What an answer said from `said_at` until `replaced_at`. A trigger refuses to change or delete one."""

    __tablename__ = "response_former"
    __table_args__ = (Index("ix_response_former_response", "response_id", "id"),)

    id: Mapped[Id]
    response_id: Mapped[Big] = mapped_column(ForeignKey("response.id"))
    said_at: Mapped[datetime]
    replaced_at: Mapped[datetime]


class Obligation(Base):
    """Who is to answer an argument; without one, whoever owns the consultation."""

    __tablename__ = "obligation"
    __table_args__ = (Index("ix_obligation_owner", "owner_id"),)

    argument_id: Mapped[Big] = mapped_column(ForeignKey("argument.id"), primary_key=True)
    owner_id: Mapped[Big] = mapped_column(ForeignKey("account.id"))
    given_by: Mapped[Big] = mapped_column(ForeignKey("account.id"))
    given_at: Mapped[datetime]


class ResponseDraft(Base):
    """What somebody has written of an answer and not published, sealed: JSON, see responses/drafts.py."""

    __tablename__ = "response_draft"
    __table_args__ = (Index("ix_response_draft_account", "account_id"),)

    argument_id: Mapped[Big] = mapped_column(ForeignKey("argument.id"), primary_key=True)
    account_id: Mapped[Big] = mapped_column(ForeignKey("account.id"), primary_key=True)
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
    consultation_id: Mapped[Big] = mapped_column(ForeignKey("consultation.id"))
    day: Mapped[date]  # on the clocks of the consultation's place
    since: Mapped[Big]
    until: Mapped[Big]
    made_at: Mapped[datetime]


class ResponseNotice(Base):
    """A letter of a round that is not written yet: to whom, as the blind index of an address, and about what.

    The row goes with the transaction that writes the letter.
    """

    __tablename__ = "response_notice"

    round_id: Mapped[Big] = mapped_column(ForeignKey("response_round.id"), primary_key=True)
    recipient: Mapped[bytes] = mapped_column(primary_key=True)
    submission_id: Mapped[Big] = mapped_column(ForeignKey("submission.id"))  # the last they filed
    arguments: Mapped[list[Any]]  # the numbers of the answered arguments that their words are in
