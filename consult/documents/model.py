"""Documents, versions and provisions."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, BigInt, Id


class ProvisionKind(StrEnum):
    PART = "part"
    CHAPTER = "chapter"
    SECTION = "section"
    PARAGRAPH = "paragraph"
    POINT = "point"
    RECITAL = "recital"
    PREAMBLE = "preamble"
    ANNEX = "annex"


class ProvisionChange(StrEnum):
    """The change of a provision from one version to the next."""

    UNCHANGED = "unchanged"
    EDITED = "edited"
    MOVED = "moved"
    SPLIT = "split"
    MERGED = "merged"
    NEW = "new"
    REMOVED = "removed"


class Document(Base):
    __tablename__ = "document"

    id: Mapped[Id]
    title: Mapped[str]
    language: Mapped[str]
    created_at: Mapped[datetime]


class Version(Base):
    """A version of the draft. It cannot change once published."""

    __tablename__ = "version"
    __table_args__ = (
        UniqueConstraint("document_id", "number"),
        Index("ix_version_followed", "published_at", "id", postgresql_where="number > 1 AND published_at IS NOT NULL"),
    )

    id: Mapped[Id]
    document_id: Mapped[BigInt] = mapped_column(ForeignKey("document.id", ondelete="CASCADE"))
    number: Mapped[int]
    source: Mapped[str]  # the Markdown it was made from
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None]


class Provision(Base):
    """A part, chapter, section, paragraph or point; a preamble with its recitals, or an annex.

    `wid` is the provision's permanent id, the same in every version; `eid` is its id in this version. Source: Akoma
    Ntoso 1.0, naming convention, section 5. `chapter` is the eid of the chapter that contains it, or of the part before
    the part's first chapter. So a chapter is one indexed read. A chapter's own `chapter` is its `eid`.
    """

    __tablename__ = "provision"
    __table_args__ = (
        UniqueConstraint("version_id", "eid"),
        UniqueConstraint("version_id", "wid"),
        Index("ix_provision_chapter", "version_id", "chapter", "position"),
        Index("ix_provision_number", "version_id", "number"),
        Index("ix_provision_words", text("words_in_languages((heading || ' '::text) || text)"), postgresql_using="gin"),
    )

    id: Mapped[Id]
    version_id: Mapped[BigInt] = mapped_column(ForeignKey("version.id", ondelete="CASCADE"))
    wid: Mapped[str]
    eid: Mapped[str]
    parent_id: Mapped[BigInt | None] = mapped_column(ForeignKey("provision.id", ondelete="CASCADE"))
    chapter: Mapped[str]
    kind: Mapped[ProvisionKind]
    number: Mapped[str]  # as printed: "Article 5", "2.1", "(a)"; empty where the draft has none
    heading: Mapped[str]
    text: Mapped[str]
    position: Mapped[int]  # order in the version, from 0
    depth: Mapped[int]
    notes: Mapped[dict[str, Any]] = mapped_column(server_default="{}")  # footnotes: the mark in the text, its words

    @property
    def words(self) -> str:
        """Return heading and text, which the map and the word diff compare."""
        return f"{self.heading}\n\n{self.text}".strip()


class ProvisionLink(Base):
    """A row of the map from the previous version to `version_id`: `before_id` became `after_id`.

    `line` is the order in the map; the rows of a split or merger share one. New provisions have no `before_id`, removed
    ones no `after_id`. `score`, 0 to 1, is the similarity of the words, or 1 if set by a person. Read them with
    `queries.get_map`, as lines.
    """

    __tablename__ = "provision_link"
    __table_args__ = (
        CheckConstraint("before_id IS NOT NULL OR after_id IS NOT NULL", name="links_something"),
        Index("ix_provision_link_line", "version_id", "line"),
        Index("ix_provision_link_before", "before_id"),
        Index("ix_provision_link_after", "after_id"),
    )

    id: Mapped[Id]
    version_id: Mapped[BigInt] = mapped_column(ForeignKey("version.id", ondelete="CASCADE"))
    line: Mapped[int]
    change: Mapped[ProvisionChange]
    edited: Mapped[bool]  # whether words changed, also of what moved
    before_id: Mapped[BigInt | None] = mapped_column(ForeignKey("provision.id", ondelete="CASCADE"))
    after_id: Mapped[BigInt | None] = mapped_column(ForeignKey("provision.id", ondelete="CASCADE"))
    score: Mapped[float]


class ProvisionTag(Base):
    """A topic assigned by a person to a provision. Applies to all versions."""

    __tablename__ = "provision_tag"
    __table_args__ = (Index("ix_provision_tag_term", "term_id"),)

    document_id: Mapped[BigInt] = mapped_column(ForeignKey("document.id", ondelete="CASCADE"), primary_key=True)
    wid: Mapped[str] = mapped_column(primary_key=True)
    term_id: Mapped[BigInt] = mapped_column(ForeignKey("term.id"), primary_key=True)
    tagged_by: Mapped[BigInt] = mapped_column(ForeignKey("account.id"))
    tagged_at: Mapped[datetime]


class ProvisionTitle(Base):
    """A short title of a provision for charts and e-mails, set by its owner. Applies to all versions."""

    __tablename__ = "provision_title"
    __table_args__ = (CheckConstraint("length(title) BETWEEN 1 AND 30", name="short"),)

    document_id: Mapped[BigInt] = mapped_column(ForeignKey("document.id", ondelete="CASCADE"), primary_key=True)
    wid: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]


class PlainWords(Base):
    """A plain-language text of a provision to read aloud, set by its owner. It is not part of the draft."""

    __tablename__ = "plain_words"
    __table_args__ = (CheckConstraint("length(words) BETWEEN 1 AND 300", name="short"),)

    document_id: Mapped[BigInt] = mapped_column(ForeignKey("document.id", ondelete="CASCADE"), primary_key=True)
    wid: Mapped[str] = mapped_column(primary_key=True)
    words: Mapped[str]
