"""The state of the analysis of a consultation as of a ledger entry, updated incrementally."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from consult.analysis.kinds import ContradictionCheck, StatementKind, TextKind
from consult.analysis.text.line_roles import LineRole
from consult.core.db import Base, BigInt, Id
from consult.submissions.model import State


class AnalysisState(Base):
    """The totals of a consultation, and the state of the last comparison of all its texts."""

    __tablename__ = "analysis_state"

    consultation_id: Mapped[BigInt] = mapped_column(primary_key=True)
    received: Mapped[int] = mapped_column(default=0)  # entries that say so: the books' other side
    withheld: Mapped[int] = mapped_column(default=0)
    withdrawn: Mapped[int] = mapped_column(default=0)
    erased: Mapped[int] = mapped_column(default=0)
    pending: Mapped[int] = mapped_column(default=0)  # waiting for review, or returned to the author
    texts: Mapped[int] = mapped_column(default=0)
    campaigns: Mapped[int] = mapped_column(default=0)  # that have members
    organisations: Mapped[int] = mapped_column(default=0)  # that have something published
    placed: Mapped[int] = mapped_column(default=0, server_default="0")  # texts placed since all were last compared
    compared: Mapped[int] = mapped_column(default=0, server_default="0")  # how many there were then
    compared_received: Mapped[int] = mapped_column(default=0, server_default="0")  # and how many submissions
    passages: Mapped[bytes] = mapped_column(default=b"", server_default="")  # marks of what many outside campaigns say
    meanings: Mapped[int | None]  # texts last compared by meaning; null: none ever were
    meaning_letters: Mapped[int | None]  # the letters that they were compared with
    meanings_by_chance: Mapped[float | None]  # how many would be as alike to one of these by chance


class CountedSubmission(Base):
    """The current counts of one submission, so that a recount first subtracts exactly these."""

    __tablename__ = "analysis_counted"
    __table_args__ = (
        Index(
            "ix_analysis_counted_organisation",
            "consultation_id",
            "organisation",
            postgresql_where="organisation IS NOT NULL",
        ),
        Index("ix_analysis_counted_text", "consultation_id", "text_hash", "submission_id"),
        Index(
            "ix_analysis_counted_whole",  # what speaks of the draft as a whole
            "consultation_id",
            "text_hash",
            "submission_id",
            postgresql_where="' any' = ANY (places)",
        ),
    )

    submission_id: Mapped[BigInt] = mapped_column(ForeignKey("submission.id"), primary_key=True)
    consultation_id: Mapped[BigInt]
    text_hash: Mapped[bytes]
    state: Mapped[State]
    organisation: Mapped[str | None]  # its name in small letters, where the submission is an organisation's
    places: Mapped[list[Any]] = mapped_column(ARRAY(Text))  # "place stance", as in PlaceCount; empty unless published


class RehashedSubmission(Base):
    """A submission to recount because a new version of `core.text.normalise` changed its text hash.

    Followers of the ledger treat it like an entry with this number, although the submission did not change.
    """

    __tablename__ = "analysis_rehashed"
    __table_args__ = (
        Index("ix_analysis_rehashed_consultation", "consultation_id", "number"),
        Index("ix_analysis_rehashed_number", "number"),
    )

    submission_id: Mapped[BigInt] = mapped_column(ForeignKey("submission.id"), primary_key=True)
    consultation_id: Mapped[BigInt]
    number: Mapped[BigInt]


class TextGroup(Base):
    """The submissions of one consultation whose words are the same under `core.text.normalise`."""

    __tablename__ = "text_group"
    __table_args__ = (
        Index("ix_text_group_first", "consultation_id", "first_number"),
        Index("ix_text_group_campaigns", "consultation_id", "campaign_number", postgresql_where="campaign_number > 0"),
        Index("ix_text_group_members", "campaign_id", "text_hash", postgresql_where="campaign_id IS NOT NULL"),
        Index("ix_text_group_placed", "consultation_id", "placed", "first_number"),
        Index("ix_text_group_contrary", "consultation_id", "text_hash", postgresql_where="contrary"),
        Index(
            "ix_text_group_repeated",
            "consultation_id",
            "published",
            postgresql_where="campaign_id IS NULL AND published >= 5",
        ),
        Index("ix_text_group_alone", "consultation_id", "first_number", postgresql_where="campaign_id IS NULL"),
    )

    consultation_id: Mapped[BigInt] = mapped_column(primary_key=True)
    text_hash: Mapped[bytes] = mapped_column(primary_key=True)
    first_number: Mapped[BigInt]  # of the entry by which its words were first received
    campaign_number: Mapped[BigInt | None]  # the number below which it had come to be of a campaign
    received: Mapped[int]
    published: Mapped[int]
    standing: Mapped[int] = mapped_column(default=0, server_default="0")  # received, less withdrawn and erased
    sample_id: Mapped[BigInt | None]  # the submission whose spelling is read: a published one if there is any
    placed: Mapped[int] = mapped_column(default=0, server_default="0")  # under which rule; 0: to be placed anew
    kind: Mapped[TextKind] = mapped_column(default=TextKind.INDIVIDUAL, server_default="individual")
    campaign_id: Mapped[BigInt | None] = mapped_column(ForeignKey("campaign.id"))
    share: Mapped[float] = mapped_column(default=0, server_default="0")  # of its words that are the letter's, or shared
    adds: Mapped[bool] = mapped_column(default=False, server_default="false")  # it says something beside its letter
    contrary: Mapped[bool] = mapped_column(default=False, server_default="false")  # it seems to contradict its letter
    opposition: Mapped[float | None]  # the score by which it is read, from 0 to 1; null: not ranked
    checked: Mapped[ContradictionCheck | None]  # what a person said of that; null: nobody has looked
    checked_by: Mapped[BigInt | None] = mapped_column(ForeignKey("account.id"))
    checked_at: Mapped[datetime | None]
    argued: Mapped[bool] = mapped_column(default=False, server_default="false")  # an argument has a statement of it
    set_aside: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    """What is no words in the sample: `[start, end, role]`, in characters of its comments joined by a line end."""


class TextFingerprint(Base):
    """The fingerprint of a text, computed once per version of the rule. It holds hashes, not words."""

    __tablename__ = "analysis_text"

    consultation_id: Mapped[BigInt] = mapped_column(primary_key=True)
    text_hash: Mapped[bytes] = mapped_column(primary_key=True)
    rule: Mapped[int]
    words: Mapped[int]
    quoting: Mapped[bool]
    pointing: Mapped[bool]
    marks: Mapped[bytes]  # ascending 64-bit numbers, least byte first
    meaning: Mapped[bytes | None]  # its vector of meaning, where it was made: 16-bit floats


class LineChoice(Base):
    """The role that a person gave to a line of a text. It applies to the same line in all texts of the consultation.

    It is deleted with the text in which the person chose it.
    """

    __tablename__ = "line_choice"

    consultation_id: Mapped[BigInt] = mapped_column(ForeignKey("consultation.id"), primary_key=True)
    text_hash: Mapped[bytes] = mapped_column(primary_key=True)
    line_hash: Mapped[bytes] = mapped_column(primary_key=True)  # of its words in their normal form
    role: Mapped[LineRole]
    chosen_by: Mapped[BigInt] = mapped_column(ForeignKey("account.id"))
    chosen_at: Mapped[datetime]


class Campaign(Base):
    """A campaign letter, found by the engine, declared by its organiser, or both. Kept if its members leave.

    Membership does not change how a submission counts. A campaign needs five members to start and stays when it has
    fewer. Counts are of submissions.
    """

    __tablename__ = "campaign"
    __table_args__ = (UniqueConstraint("consultation_id", "letter_hash"),)

    id: Mapped[Id]
    consultation_id: Mapped[BigInt] = mapped_column(ForeignKey("consultation.id"))
    letter_hash: Mapped[bytes]  # of the text that stands for the letter
    versions: Mapped[list[Any]]  # hashes, in hexadecimal, of texts that are the organiser's too
    core: Mapped[bytes]  # the letter's marks
    ours: Mapped[bytes | None]  # a bit for each word of the letter; null: all are the organiser's
    detected: Mapped[bool]  # the engine found it without being told
    template: Mapped[bool] = mapped_column(
        default=False, server_default="false"
    )  # `ours` stands in each, rest is slots
    name_slots: Mapped[list[Any]] = mapped_column(ARRAY(Integer), default=list, server_default="{}")
    """Numbers of words of the letter before which its senders put their names."""
    judged: Mapped[bool | None]  # members' own words were last held against it by meaning too; null: none ever were
    letter: Mapped[str | None]  # the words, where they were declared
    name: Mapped[str | None]
    organiser: Mapped[str | None]
    consent: Mapped[bool] = mapped_column(default=False, server_default="false")  # senders agreed to be sent for
    declared_by: Mapped[BigInt | None] = mapped_column(ForeignKey("account.id"))
    declared_at: Mapped[datetime | None]
    texts: Mapped[int] = mapped_column(default=0, server_default="0")
    members: Mapped[int] = mapped_column(default=0, server_default="0")  # standing
    published: Mapped[int] = mapped_column(default=0, server_default="0")
    exact: Mapped[int] = mapped_column(default=0, server_default="0")  # of the members, the letter word for word
    adding: Mapped[int] = mapped_column(default=0, server_default="0")  # members with words of their own
    contrary: Mapped[int] = mapped_column(default=0, server_default="0")  # members that seem to contradict the letter
    confirmed: Mapped[int] = mapped_column(default=0, server_default="0")  # of these, those a person confirmed
    public_texts: Mapped[int] = mapped_column(default=0, server_default="0")  # the same counts of what is published
    public_exact: Mapped[int] = mapped_column(default=0, server_default="0")
    public_adding: Mapped[int] = mapped_column(default=0, server_default="0")
    public_contrary: Mapped[int] = mapped_column(default=0, server_default="0")
    public_confirmed: Mapped[int] = mapped_column(default=0, server_default="0")
    public_both: Mapped[int] = mapped_column(default=0, server_default="0")  # that add, and contradict for sure


class Statement(Base):
    """Words of a member that are not the letter's, once per text, or words of the letter that the member left out.

    The words are `comment.body[start:end]`. Removed words have `start == end`, where they are missing.
    """

    __tablename__ = "statement"
    __table_args__ = (
        Index("ix_statement_campaign", "campaign_id", "kind", "id"),
        Index("ix_statement_text", "consultation_id", "text_hash", "id"),
        Index("ix_statement_comment", "comment_id"),
    )

    id: Mapped[Id]
    consultation_id: Mapped[BigInt]
    campaign_id: Mapped[BigInt] = mapped_column(ForeignKey("campaign.id"))
    text_hash: Mapped[bytes]
    comment_id: Mapped[BigInt] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"))
    start: Mapped[int]
    end: Mapped[int]
    text: Mapped[str | None]  # of words removed; others are read where they stand, so erasing them is one act
    kind: Mapped[StatementKind]
    confidence: Mapped[float | None]  # of words that contradict: how sure the engine is, from 0 to 1


class ClassCount(Base):
    """The number of texts and submissions of a consultation in one class. Each is in exactly one."""

    __tablename__ = "class_count"

    consultation_id: Mapped[BigInt] = mapped_column(primary_key=True)
    kind: Mapped[TextKind] = mapped_column(primary_key=True)
    texts: Mapped[int]
    standing: Mapped[int]
    published: Mapped[int]
    argued: Mapped[int] = mapped_column(default=0, server_default="0")  # of those published, whose text is argued


class PlaceCount(Base):
    """The number of published submissions with a type of comment on a part of the draft. Each submission counts once.

    `place` is a provision's wid, `q` and a question's ID, or empty for the whole draft. `stance` is empty if no type
    was chosen, and `any` for submissions with any comment there.
    """

    __tablename__ = "place_count"

    consultation_id: Mapped[BigInt] = mapped_column(primary_key=True)
    place: Mapped[str] = mapped_column(primary_key=True)
    stance: Mapped[str] = mapped_column(primary_key=True)
    submissions: Mapped[int]


class OrganisationCount(Base):
    """The number of published submissions of an organisation to a consultation, by its lower-case name."""

    __tablename__ = "organisation_count"

    consultation_id: Mapped[BigInt] = mapped_column(primary_key=True)
    organisation: Mapped[str] = mapped_column(primary_key=True)
    published: Mapped[int]
