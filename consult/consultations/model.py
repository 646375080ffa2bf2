"""Consultations and their questions."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, BigInt, Id
from consult.mail.confirmed_address import ConfirmedAddressColumns


class Phase(StrEnum):
    """The announced phase of a consultation. The scheduler updates it; the dates decide."""

    DRAFT = "draft"  # being set up, visible to its owners only
    UPCOMING = "upcoming"
    OPEN = "open"
    CLOSED = "closed"


class ParticipationRule(StrEnum):
    """The people who may submit."""

    ANYONE = "anyone"
    ACCOUNT = "account"


NAME_RULES = ("organisation", "own", "pseudonym", "none")
"""The ways to be named that an owner may allow: values of NameRule in submissions/model.py."""


COPIED = "copied"
"""The setup step that marks a consultation as copied from another one."""


class Consultation(Base):
    """A request for comments, open during `[opens_at, closes_at)`. `revision` detects concurrent edits."""

    __tablename__ = "consultation"
    __table_args__ = (
        CheckConstraint("opens_at < closes_at", name="opens_before_it_closes"),
        Index("ix_consultation_closing", "closes_at", "id", postgresql_where="phase <> 'draft'"),
        Index("ix_consultation_opening", "opens_at", "id", postgresql_where="phase <> 'draft'"),
        Index("ix_consultation_owner", "owner_id", "id"),
        Index("ix_consultation_body", "body_id", "id"),
    )

    id: Mapped[Id]
    slug: Mapped[str] = mapped_column(unique=True)
    code: Mapped[str]  # four characters that start every reference, such as DP27
    title: Mapped[str]
    body: Mapped[str]  # name of the consulting body at the time of setup
    body_id: Mapped[BigInt | None] = mapped_column(ForeignKey("body.id"))  # the main body; null: a name only
    summary: Mapped[str]
    purpose: Mapped[str]  # Markdown: purpose, decision-makers, what can change
    language: Mapped[str]
    tags: Mapped[list[Any]]
    owner_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id"))  # the person in charge
    document_id: Mapped[BigInt] = mapped_column(ForeignKey("document.id"), unique=True)
    version_id: Mapped[BigInt | None] = mapped_column(ForeignKey("version.id"))  # the version people comment on
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    timezone: Mapped[str]  # IANA name
    answer_by: Mapped[date | None]  # due date of answers
    no_identity: Mapped[bool] = mapped_column(default=False, server_default="false")  # the anonymous form is allowed
    grace_minutes: Mapped[int] = mapped_column(default=0)  # minutes after closing in which submissions are on time
    late_until: Mapped[datetime | None]  # later submissions are accepted until then, marked as late; null: refused
    extensions: Mapped[list[Any]] = mapped_column(default=list)  # extensions as in service.Extension
    takes_part: Mapped[ParticipationRule] = mapped_column(default=ParticipationRule.ANYONE)
    eligible: Mapped[str] = mapped_column(default="")  # the people addressed, in words
    name_rules: Mapped[list[Any]] = mapped_column(default=lambda: list(NAME_RULES))  # allowed values of NAME_RULES
    groups: Mapped[list[Any]] = mapped_column(default=list)  # target groups: [{"name", "target"}]
    countries: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")  # ISO 3166 codes; empty: any
    paper_return: Mapped[str] = mapped_column(default="", server_default="")  # where paper forms are handed in
    languages: Mapped[list[Any]] = mapped_column(default=list)  # languages read without translation
    settled: Mapped[list[Any]] = mapped_column(default=list)  # completed steps of setting up
    contacts_days: Mapped[int | None]  # retention of addresses in days; None: the site's default
    treaty_id: Mapped[BigInt | None] = mapped_column(ForeignKey("term.id"))  # the reviewed treaty; null: none
    # End of a practice copy, which is then erased and stays DRAFT, so that no list contains it.
    practice_until: Mapped[datetime | None]
    preview: Mapped[bytes | None]  # salt of the preview link; null: there is none
    reminded_for: Mapped[datetime | None]  # the closing time of which followers were reminded
    phase: Mapped[Phase] = mapped_column(default=Phase.DRAFT)
    created_at: Mapped[datetime]
    revision: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": revision}

    def phase_at(self, at: datetime) -> Phase:
        """Return the phase by the dates, which may be a few seconds ahead of the announced one."""
        if self.phase is Phase.DRAFT and not self.is_practice:
            return Phase.DRAFT
        if at < self.opens_at:
            return Phase.UPCOMING
        return Phase.OPEN if at < self.closes_at else Phase.CLOSED

    def is_open(self, at: datetime) -> bool:
        """Return True if the consultation is open at this time: published, and inside `[opens_at, closes_at)`."""
        return self.phase_at(at) is Phase.OPEN

    @property
    def is_practice(self) -> bool:
        """Return True for a practice copy, in which nothing counts."""
        return self.practice_until is not None

    @property
    def in_time_until(self) -> datetime:
        """Return the end of the grace period.

        Submissions before it are on time although the consultation has closed.
        """
        return self.closes_at + timedelta(minutes=self.grace_minutes or 0)

    @property
    def taken_until(self) -> datetime:
        """Return the time until which submissions are accepted: the end of the grace period or of late submission."""
        return max(self.in_time_until, self.late_until or self.in_time_until)

    def takes(self, at: datetime) -> bool:
        """Return True if submissions are accepted at this time: open, in the grace period, or late."""
        return self.phase_at(at) in (Phase.OPEN, Phase.CLOSED) and at < self.taken_until

    def ends_at(self, at: datetime) -> datetime:
        """Return the next deadline at this time: closing, the end of the grace period, or of late submission.

        Once all have passed, return the last one.
        """
        ahead = (one for one in (self.closes_at, self.in_time_until) if at < one)
        return next(ahead, self.taken_until)

    def is_late(self, at: datetime) -> bool:
        """Return True if a submission at this time is marked late."""
        return at >= self.in_time_until


class QuestionKind(StrEnum):
    """The type of a question."""

    TEXT = "text"
    ONE = "one"
    MANY = "many"
    SCALE = "scale"
    RANK = "rank"


class Question(Base):
    """A question asked next to the draft. For valid responses see questions/answers.py."""

    __tablename__ = "question"
    __table_args__ = (Index("ix_question_order", "consultation_id", "position"),)

    id: Mapped[Id]
    consultation_id: Mapped[BigInt] = mapped_column(ForeignKey("consultation.id", ondelete="CASCADE"))
    position: Mapped[int]
    wording: Mapped[str]
    hint: Mapped[str]
    required: Mapped[bool] = mapped_column(default=False)
    kind: Mapped[QuestionKind] = mapped_column(default=QuestionKind.TEXT)
    options: Mapped[list[Any]] = mapped_column(default=list)  # choices in order: [{"key", "label"}]
    other: Mapped[bool] = mapped_column(default=False)  # whether “something else” is a choice
    chapter: Mapped[str] = mapped_column(default="")  # eid of the chapter it is placed in; empty: at the end
    after_id: Mapped[BigInt | None] = mapped_column(ForeignKey("question.id"))  # the question on which it depends
    after_keys: Mapped[list[Any]] = mapped_column(default=list)  # choices there of which one is required
    added_at: Mapped[datetime | None]  # set if added after the consultation had opened


class Follow(ConfirmedAddressColumns, Base):
    """A follower of a consultation: an account, or an address, encrypted with the row's salt."""

    __tablename__ = "follow"
    __table_args__ = (
        UniqueConstraint("consultation_id", "account_id"),
        UniqueConstraint("consultation_id", "email_index"),
        CheckConstraint("account_id IS NOT NULL OR email_sealed IS NOT NULL", name="somebody"),
    )

    consultation_id: Mapped[BigInt] = mapped_column(ForeignKey("consultation.id", ondelete="CASCADE"))
    account_id: Mapped[BigInt | None] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)


class Facilitator(Base):
    """An account that may submit for groups, such as a peer worker, with the owner's permission."""

    __tablename__ = "facilitator"
    __table_args__ = (UniqueConstraint("consultation_id", "account_id"),)

    id: Mapped[Id]
    consultation_id: Mapped[BigInt] = mapped_column(ForeignKey("consultation.id", ondelete="CASCADE"))
    account_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    allowed_at: Mapped[datetime]
