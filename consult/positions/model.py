"""Decisions of people on the position of a campaign letter or a text, and reservations of texts for readers."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, BigInt, Id
from consult.submissions.model import Side as Side
from consult.submissions.stances import SIDE_OF_STANCE as SIDE_OF_STANCE


class Unit(StrEnum):
    """The kind of text that a decision is on."""

    LETTER = "letter"
    TEXT = "text"
    SECOND = "second"  # a decision of a second reader; its key is the unit and key of the first
    REQUEST = "request"  # a suggested argument; its decisions are acts on the argument


class Position(Base):
    """A person's decision on the position of a letter or a text. It does not replace what submitters chose themselves.

    Rows are only added; the newest one on the same words is valid. A decision on a letter applies to its copies,
    including those with added words until a person decides on such a text. It ends when the letter's words change:
    `seen` is the hash of the words that were read.
    """

    __tablename__ = "position"
    __table_args__ = (Index("ix_position_newest", "consultation_id", "unit", "key", "id"),)

    id: Mapped[Id]
    consultation_id: Mapped[BigInt] = mapped_column(ForeignKey("consultation.id"))
    unit: Mapped[Unit]
    key: Mapped[str]  # the number of a campaign, or the hash of a text in hexadecimal
    seen: Mapped[str]  # the hash of the words that were read, in hexadecimal
    side: Mapped[Side | None]  # null: the decision before was undone
    account_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]


class PositionHold(Base):
    """A reservation of a text for one reader in the workbench, so that two people do not read it. It expires."""

    __tablename__ = "position_hold"

    consultation_id: Mapped[BigInt] = mapped_column(ForeignKey("consultation.id", ondelete="CASCADE"), primary_key=True)
    account_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    unit: Mapped[Unit]
    key: Mapped[str]
    until: Mapped[datetime]


class LetterReading(Base):
    """What the ranking of a letter's copies with added words was learnt from: example sentences and answers."""

    __tablename__ = "letter_reading"

    campaign_id: Mapped[BigInt] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), primary_key=True)
    consultation_id: Mapped[BigInt] = mapped_column(ForeignKey("consultation.id", ondelete="CASCADE"))
    examples: Mapped[str] = mapped_column(default="", server_default="")  # sentences that somebody opposed could write
    learnt_examples: Mapped[str] = mapped_column(default="", server_default="")
    learnt_answers: Mapped[int] = mapped_column(default=0, server_default="0")
