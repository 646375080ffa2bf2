"""The state of the analysis of one consultation, as of a ledger number: it grows by what is new, and by no more."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, Big
from consult.submissions.model import State


class Cursor(Base):
    """How far the ledger has been followed for a consultation, and what was counted: every entry below `upto`."""

    __tablename__ = "analysis_cursor"

    consultation_id: Mapped[Big] = mapped_column(primary_key=True)
    upto: Mapped[Big]
    received: Mapped[int] = mapped_column(default=0)  # entries that say so: the books' other side
    published_individually: Mapped[int] = mapped_column(default=0)
    published_in_campaigns: Mapped[int] = mapped_column(default=0)
    withheld: Mapped[int] = mapped_column(default=0)
    withdrawn: Mapped[int] = mapped_column(default=0)
    erased: Mapped[int] = mapped_column(default=0)
    pending: Mapped[int] = mapped_column(default=0)  # waiting for review, or returned to the author
    texts: Mapped[int] = mapped_column(default=0)
    campaigns: Mapped[int] = mapped_column(default=0)
    organisations: Mapped[int] = mapped_column(default=0)  # that have something published


class Counted(Base):
    """How one submission is counted just now, so that counting it anew first takes back exactly that."""

    __tablename__ = "analysis_counted"
    __table_args__ = (
        Index(
            "ix_analysis_counted_organisation", "consultation_id", "organisation",
            postgresql_where="organisation IS NOT NULL",
        ),
        Index("ix_analysis_counted_text", "consultation_id", "text_hash", "submission_id"),
    )  # fmt: skip

    submission_id: Mapped[Big] = mapped_column(ForeignKey("submission.id"), primary_key=True)
    consultation_id: Mapped[Big]
    text_hash: Mapped[bytes]
    state: Mapped[State]
    organisation: Mapped[str | None]  # its name in small letters, where the submission is an organisation's
    places: Mapped[list[Any]] = mapped_column(ARRAY(Text))  # "place stance", as in PlaceCount; empty unless published


class TextGroup(Base):
    """Submissions of one consultation whose words are the same under `core.text.normalise`."""

    __tablename__ = "text_group"
    __table_args__ = (
        Index("ix_text_group_first", "consultation_id", "first_number"),
        Index("ix_text_group_campaigns", "consultation_id", "campaign_number", postgresql_where="campaign_number > 0"),
    )

    consultation_id: Mapped[Big] = mapped_column(primary_key=True)
    text_hash: Mapped[bytes] = mapped_column(primary_key=True)
    first_number: Mapped[Big]  # of the entry by which its words were first received
    campaign_number: Mapped[Big | None]  # the number below which it had grown to a campaign
    received: Mapped[int]
    published: Mapped[int]


class PlaceCount(Base):
    """How many published submissions say something of a stance at a place; each submission counts once.

    `place` is a provision's wid, `q` and a question's id, or empty for the draft as a whole. `stance` is empty where
    it was not said, and `any` for the submissions that say anything at all there.
    """

    __tablename__ = "place_count"

    consultation_id: Mapped[Big] = mapped_column(primary_key=True)
    place: Mapped[str] = mapped_column(primary_key=True)
    stance: Mapped[str] = mapped_column(primary_key=True)
    submissions: Mapped[int]


class OrganisationCount(Base):
    """How many published submissions an organisation has filed to a consultation, by its name in small letters."""

    __tablename__ = "organisation_count"

    consultation_id: Mapped[Big] = mapped_column(primary_key=True)
    organisation: Mapped[str] = mapped_column(primary_key=True)
    published: Mapped[int]
