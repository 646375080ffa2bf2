"""Consultations and their questions."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, BigInt, Id


class Phase(StrEnum):
    """How far a consultation is, by what has been announced; the clock moves it, time decides."""

    DRAFT = "draft"  # being set up, seen by its owners only
    UPCOMING = "upcoming"
    OPEN = "open"
    CLOSED = "closed"


class ParticipationRule(StrEnum):
    """Who may file."""

    ANYONE = "anyone"
    ACCOUNT = "account"


NAME_RULES = ("organisation", "own", "pseudonym", "none")
"""The ways to be named that an owner may allow: those of submissions/model.py's NameRule."""


COPIED = "copied"
"""Among the steps that an owner has gone through: that all of it was copied from another consultation."""


class Consultation(Base):
    """A request for views, open during `[opens_at, closes_at)`. `revision` guards against two editors at once."""

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
    body: Mapped[str]  # the name of who asks, as it was when this was set up
    body_id: Mapped[BigInt | None] = mapped_column(ForeignKey("body.id"))  # whose promise it is; null: a name only
    summary: Mapped[str]
    purpose: Mapped[str]  # Markdown: why, who decides, what can change
    language: Mapped[str]
    tags: Mapped[list[Any]]
    owner_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id"))  # the person in charge
    document_id: Mapped[BigInt] = mapped_column(ForeignKey("document.id"), unique=True)
    version_id: Mapped[BigInt | None] = mapped_column(ForeignKey("version.id"))  # the version people comment on
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    timezone: Mapped[str]  # IANA name
    answer_by: Mapped[date | None]  # the promise
    no_identity: Mapped[bool] = mapped_column(default=False, server_default="false")  # also without any trace
    grace_minutes: Mapped[int] = mapped_column(default=0)  # how long after closing it is still taken as in time
    late_until: Mapped[datetime | None]  # what comes later is taken until then, and marked late; null: refused
    extensions: Mapped[list[Any]] = mapped_column(default=list)  # as said: see service.Extension
    takes_part: Mapped[ParticipationRule] = mapped_column(default=ParticipationRule.ANYONE)
    eligible: Mapped[str] = mapped_column(default="")  # who is asked, in words
    name_rules: Mapped[list[Any]] = mapped_column(default=lambda: list(NAME_RULES))  # those of NAMES that are allowed
    groups: Mapped[list[Any]] = mapped_column(default=list)  # [{"name", "target"}]: whom the owner sets out to hear
    countries: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")  # ISO 3166 codes; none: any
    paper_return: Mapped[str] = mapped_column(default="", server_default="")  # where the form on paper is given back
    languages: Mapped[list[Any]] = mapped_column(default=list)  # in which answers are read without translation
    settled: Mapped[list[Any]] = mapped_column(default=list)  # steps of setting up that the owner has gone through
    contacts_days: Mapped[int | None]  # how long addresses of submitters are kept here; None: as on the whole site
    treaty_id: Mapped[BigInt | None] = mapped_column(ForeignKey("term.id"))  # that it reviews; null: it asks on a draft
    practice_until: Mapped[datetime | None]  # of a copy to practise on: erased then. It stays DRAFT: no list has it
    preview: Mapped[bytes | None]  # salt of the secret in the preview's address; null: there is none
    reminded_for: Mapped[datetime | None]  # the closing time that followers were reminded of
    phase: Mapped[Phase] = mapped_column(default=Phase.DRAFT)
    created_at: Mapped[datetime]
    revision: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": revision}

    def phase_at(self, at: datetime) -> Phase:
        """The phase by time: what the clock announces a few seconds later is already true."""
        if self.phase is Phase.DRAFT and not self.is_practice:
            return Phase.DRAFT
        if at < self.opens_at:
            return Phase.UPCOMING
        return Phase.OPEN if at < self.closes_at else Phase.CLOSED

    def is_open(self, at: datetime) -> bool:
        """Whether it is open, as is said: published, and inside `[opens_at, closes_at)`."""
        return self.phase_at(at) is Phase.OPEN

    @property
    def is_practice(self) -> bool:
        """Whether it is a copy on which its owner practises: nothing in it counts."""
        return self.practice_until is not None

    @property
    def in_time_until(self) -> datetime:
        """What is filed before then is in time, though it has closed."""
        return self.closes_at + timedelta(minutes=self.grace_minutes or 0)

    @property
    def taken_until(self) -> datetime:
        """The end of everything: of the grace, or of the time in which late submissions are taken."""
        return max(self.in_time_until, self.late_until or self.in_time_until)

    def takes(self, at: datetime) -> bool:
        """Whether views may be filed at that instant: while it is open, in the grace after that, or late."""
        return self.phase_at(at) in (Phase.OPEN, Phase.CLOSED) and at < self.taken_until

    def ends_at(self, at: datetime) -> datetime:
        """The moment to keep for who writes at that instant: closing, then the end of the grace, then of late time.

        Once all of these are over, the last of them.
        """
        ahead = (one for one in (self.closes_at, self.in_time_until) if at < one)
        return next(ahead, self.taken_until)

    def is_late(self, at: datetime) -> bool:
        """Whether what is filed at that instant is marked late."""
        return at >= self.in_time_until


class QuestionKind(StrEnum):
    """How a question is answered."""

    TEXT = "text"
    ONE = "one"
    MANY = "many"
    SCALE = "scale"
    RANK = "rank"


class Question(Base):
    """A question asked beside the draft. What an answer to it may be: see answering.py."""

    __tablename__ = "question"
    __table_args__ = (Index("ix_question_order", "consultation_id", "position"),)

    id: Mapped[Id]
    consultation_id: Mapped[BigInt] = mapped_column(ForeignKey("consultation.id", ondelete="CASCADE"))
    position: Mapped[int]
    wording: Mapped[str]
    hint: Mapped[str]
    required: Mapped[bool] = mapped_column(default=False)
    kind: Mapped[QuestionKind] = mapped_column(default=QuestionKind.TEXT)
    options: Mapped[list[Any]] = mapped_column(default=list)  # [{"key", "label"}]: what there is to choose, in order
    other: Mapped[bool] = mapped_column(default=False)  # may people choose something else, and say what?
    chapter: Mapped[str] = mapped_column(default="")  # eid of the chapter it is asked with; empty: at the end
    after_id: Mapped[BigInt | None] = mapped_column(ForeignKey("question.id"))  # asked only of those who chose, there,
    after_keys: Mapped[list[Any]] = mapped_column(default=list)  # one of these
    added_at: Mapped[datetime | None]  # where it was added after the consultation had opened


class Follow(Base):
    """A follower of a consultation: an account, or an address, encrypted with the row's salt."""

    __tablename__ = "follow"
    __table_args__ = (
        UniqueConstraint("consultation_id", "account_id"),
        UniqueConstraint("consultation_id", "email_index"),
        CheckConstraint("account_id IS NOT NULL OR email_sealed IS NOT NULL", name="somebody"),
    )

    id: Mapped[Id]
    consultation_id: Mapped[BigInt] = mapped_column(ForeignKey("consultation.id", ondelete="CASCADE"))
    account_id: Mapped[BigInt | None] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    email_sealed: Mapped[bytes | None]
    email_index: Mapped[bytes | None]
    salt: Mapped[bytes]
    language: Mapped[str]
    confirmed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Facilitator(Base):
    """An account that may file for groups: a peer worker, allowed by the owner."""

    __tablename__ = "facilitator"
    __table_args__ = (UniqueConstraint("consultation_id", "account_id"),)

    id: Mapped[Id]
    consultation_id: Mapped[BigInt] = mapped_column(ForeignKey("consultation.id", ondelete="CASCADE"))
    account_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    allowed_at: Mapped[datetime]
