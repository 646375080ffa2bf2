"""Statements, arguments, the actions on them, and the vector spaces that measure similarity."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, text
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, BigInt, Id


class LetterPart(StrEnum):
    """The part of a campaign letter that an argument is made of."""

    DEMAND = "demand"  # a sentence that asks for something
    OPENING = "opening"  # its first sentence, where none was found to ask


class StatementPart(StrEnum):
    """The part that a statement has in an argument, as a person decided."""

    ASK = "ask"
    REASON = "reason"
    EVIDENCE = "evidence"


class Argument(Base):
    """A request on one part of the draft with its reasons and evidence. Proposed by software, then edited by people.

    Each part is a statement in the words of its author. `kept` is set once a person has named it or moved statements;
    then no job removes statements. An argument with `letter` is a sentence of a campaign letter, identified by its hash
    `letter_key` when letters are regrouped. It is `checked` once a person has named it; until then it is a suggestion,
    is not public and needs no answer. Merged and empty arguments are kept, so that their URLs work.
    """

    __tablename__ = "argument"
    __table_args__ = (
        Index("ix_argument_at", "consultation_id", "place", "stance"),
        Index(
            "ix_argument_voices",
            "consultation_id",
            text("voices DESC"),
            "id",
            postgresql_where="merged_into_id IS NULL",
        ),
        Index(
            "ix_argument_words",
            text("words_in_languages(name)"),
            postgresql_using="gin",
            postgresql_where="name IS NOT NULL",
        ),
        Index("ix_argument_live", "consultation_id", postgresql_where="merged_into_id IS NULL AND statements > 0"),
        Index(
            "uq_argument_letter",
            "consultation_id",
            "letter_key",
            unique=True,
            postgresql_where="letter_key IS NOT NULL",
        ),
        Index(
            "ix_argument_checked",
            "consultation_id",
            postgresql_where="merged_into_id IS NULL AND statements > 0 AND name IS NOT NULL",
        ),
    )

    id: Mapped[Id]
    consultation_id: Mapped[BigInt] = mapped_column(ForeignKey("consultation.id"))
    place: Mapped[str]  # a provision's wid, `q` and a question's id, or empty for the draft as a whole
    stance: Mapped[str]  # of submissions' Stance; empty where it was not said
    name: Mapped[str | None]  # as a person put it
    phrases: Mapped[list[Any]]  # the working label
    centre: Mapped[bytes | None]  # the mean vector of its statements in the space of its place, 16-bit floats
    kept: Mapped[bool] = mapped_column(default=False)
    merged_into_id: Mapped[BigInt | None] = mapped_column(ForeignKey("argument.id"), index=True)
    voices: Mapped[int] = mapped_column(default=0)  # distinct submitters of published statements: never copies
    statements: Mapped[int] = mapped_column(default=0)
    revision: Mapped[int] = mapped_column(default=1)  # raised by whatever a person does to it
    made_at: Mapped[datetime]
    letter: Mapped[LetterPart | None]
    letter_key: Mapped[bytes | None]
    senders: Mapped[int] = mapped_column(default=0, server_default="0")  # published copies of letters that ask it
    submissions: Mapped[int] = mapped_column(default=0, server_default="0")  # published ones counted in it, each once

    @property
    def label(self) -> str:
        """Return the name, or the proposed phrases if there is none."""
        return self.name or " · ".join(self.phrases)

    @hybrid_property
    def checked(self) -> bool:
        """Return True if a person has named the argument."""
        return self.name is not None

    @checked.inplace.expression
    @classmethod
    def _is_checked(cls) -> ColumnElement[bool]:
        return cls.name.is_not(None)


class Claim(Base):
    """A statement: words of a published comment, once for each distinct text.

    The words are `public_body[start:end]` of the comment while `proof` matches them. They are not copied.
    """

    __tablename__ = "claim"
    __table_args__ = (
        Index("ix_claim_argument", "argument_id", "id"),
        Index("ix_claim_quoted", "argument_id", text('abs("end" - start - 130)'), "id"),
        Index("ix_claim_text", "consultation_id", "text_hash"),
        Index("ix_claim_place", "consultation_id", "place", "stance", "id"),
        Index("ix_claim_submission", "submission_id"),
        Index("ix_claim_comment", "comment_id"),
        Index("ix_claim_campaign", "consultation_id", "campaign_id", postgresql_where="campaign_id IS NOT NULL"),
    )

    id: Mapped[Id]
    consultation_id: Mapped[BigInt]
    text_hash: Mapped[bytes]  # of the text group that it is of
    comment_id: Mapped[BigInt] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"))
    submission_id: Mapped[BigInt]
    place: Mapped[str]
    stance: Mapped[str]
    start: Mapped[int]
    end: Mapped[int]
    key: Mapped[bytes]  # of its words in their normal form
    proof: Mapped[bytes]  # of its words, letter for letter
    submitter: Mapped[str]  # one organisation or account is one voice
    argument_id: Mapped[BigInt | None] = mapped_column(ForeignKey("argument.id"))
    kept: Mapped[bool] = mapped_column(default=False)  # a person put it where it is, or took it out
    campaign_id: Mapped[BigInt | None]  # of a letter's own words: read in one copy, no voice, never grouped
    part: Mapped[StatementPart | None]  # in its argument; null: nobody has decided


class ClaimMoved(Base):
    """A text with a statement that joined or left an argument.

    Written by a trigger of `claim`, and deleted by the next count.
    """

    __tablename__ = "claim_moved"
    __table_args__ = (Index("ix_claim_moved_consultation_id", "consultation_id"),)

    id: Mapped[Id]
    consultation_id: Mapped[BigInt]
    text_hash: Mapped[bytes]


class ArgumentVoice(Base):
    """The number of an author's statements in an argument, so that each author counts once."""

    __tablename__ = "argument_voice"

    argument_id: Mapped[BigInt] = mapped_column(ForeignKey("argument.id", ondelete="CASCADE"), primary_key=True)
    submitter: Mapped[str] = mapped_column(primary_key=True)
    n: Mapped[int]


class ArgumentActKind(StrEnum):
    """The type of an action on an argument."""

    NAMED = "named"
    MERGED = "merged"
    SPLIT = "split"
    MOVED = "moved"
    TAKEN_OUT = "taken_out"
    CODED = "coded"  # a person said which stance its statement takes, in earlier releases
    KEPT_APART = "kept_apart"  # from another that seemed to make the same point, in earlier releases
    UNDONE = "undone"  # an act taken back


FORMER_KINDS = frozenset({ArgumentActKind.CODED, ArgumentActKind.KEPT_APART})
"""Actions that the history shows and nobody can take any more."""


class ArgumentAct(Base):
    """An action of a person on an argument. A database trigger forbids changes and deletion."""

    __tablename__ = "argument_act"
    __table_args__ = (
        Index("ix_argument_act_argument", "argument_id", "id"),
        Index("ix_argument_act_account", "account_id", "id"),
        Index("ix_argument_act_undoes", "undoes_id", unique=True, postgresql_where="undoes_id IS NOT NULL"),
    )

    id: Mapped[Id]
    argument_id: Mapped[BigInt] = mapped_column(ForeignKey("argument.id"))
    other_id: Mapped[BigInt | None] = mapped_column(
        ForeignKey("argument.id")
    )  # merged into it, moved from, split off or kept apart from
    deed: Mapped[ArgumentActKind]
    account_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    claims: Mapped[list[Any]]  # numbers of statements
    before: Mapped[str | None]  # the name until then
    after: Mapped[str | None]
    undoes_id: Mapped[BigInt | None] = mapped_column(ForeignKey("argument_act.id"))  # the act that it takes back


class MergeSuggestion(Base):
    """Two arguments on one part of the draft, of one type, that may make the same point.

    Replaced by the job that proposes arguments. The workbench offers the likest checked arguments first.
    """

    __tablename__ = "argument_merge_suggestion"
    __table_args__ = (
        CheckConstraint("argument_id < other_id", name="ordered"),
        Index("ix_argument_merge_suggestion_other", "other_id"),
        Index("ix_argument_merge_suggestion_likeness", "consultation_id", "likeness"),
    )

    consultation_id: Mapped[BigInt]
    argument_id: Mapped[BigInt] = mapped_column(ForeignKey("argument.id"), primary_key=True)
    other_id: Mapped[BigInt] = mapped_column(ForeignKey("argument.id"), primary_key=True)
    likeness: Mapped[float]  # of their mean vectors; 1 for the same


class ArgumentGround(Base):
    """The vector space of one part of the draft, fitted when its arguments were last proposed."""

    __tablename__ = "argument_ground"

    consultation_id: Mapped[BigInt] = mapped_column(primary_key=True)
    place: Mapped[str] = mapped_column(primary_key=True)
    rule: Mapped[int] = mapped_column(default=0)  # 0: not fitted yet
    terms: Mapped[list[Any]] = mapped_column(default=list)
    weights: Mapped[bytes] = mapped_column(default=b"")
    directions: Mapped[bytes] = mapped_column(default=b"")
    encoder: Mapped[str] = mapped_column(default="", server_default="")  # of what is meant; empty for words alone
    size: Mapped[int] = mapped_column(default=0)  # statements when it was fitted
    fresh: Mapped[int] = mapped_column(default=0)  # statements that came since
    rest: Mapped[dict[str, Any]] = mapped_column(
        default=dict, server_default="{}"
    )  # by stance, after which others wait
    fitted_at: Mapped[datetime | None]
