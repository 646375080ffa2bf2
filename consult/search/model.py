"""Table of the search index of public text. It can be rebuilt at any time."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, BigInt, Id


class SearchEntry(Base):
    """The text of a published comment or piece of evidence, with its filter terms: see `query_terms.py`.

    `id` grows in the order of publication, which is the order of the lists.
    """

    __tablename__ = "search_indexed"
    __table_args__ = (
        CheckConstraint("(comment_id IS NULL) <> (evidence_id IS NULL)", name="of_one_thing"),
        Index("ix_search_indexed_words", "words", postgresql_using="gin", postgresql_with={"fastupdate": False}),
        Index("ix_search_indexed_submission", "submission_id"),
    )

    id: Mapped[Id]
    submission_id: Mapped[BigInt] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"))
    comment_id: Mapped[BigInt | None] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"), unique=True)
    evidence_id: Mapped[BigInt | None] = mapped_column(ForeignKey("evidence.id", ondelete="CASCADE"), unique=True)
    paper: Mapped[bool] = mapped_column(default=False, server_default="false")
    """Whether it is a position paper or a part of its text. A search shows one match of those in a submission."""
    made_from: Mapped[bytes | None]
    """SHA-256 of a comment's text. A row whose comment changed since then finds nothing. Evidence does not change,
    because an amendment adds a new piece.
    """
    words: Mapped[str] = mapped_column(TSVECTOR)
